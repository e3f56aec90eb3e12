package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// name finds the command, and returns what else was typed.
func (r *retyping) name(args []string) (rest []string, ok bool) {
	if len(args) == 0 {
		return nil, false
	}
	name, rest := args[0], args[1:]
	if strings.HasPrefix(name, "-") {
		return r.hidden(args)
	}
	if w, found := r.all.Find(name); found {
		r.command = w
		return rest, true
	}
	if strings.EqualFold(name, "server") && slices.Contains([]string{"check", "ping", "info", "list", "ls", "report"}, strings.ToLower(line.First(rest))) {
		r.command, _ = r.all.Find("probe")
		rest = slices.DeleteFunc(slices.Clone(rest[1:]), func(arg string) bool { return habits.IsName(arg) && !habits.IsHost(arg) && !habits.IsPort(arg) })
		return rest, true
	}
	if r.verb(name) {
		return rest, true
	}
	if before, letter, found := strings.Cut(name, "-"); found {
		if w, found := r.all.Find(before); found { // push-c
			r.command = w
			return append([]string{"-" + letter}, rest...), true
		}
	}
	if endpoint, more := r.whereTo(name, rest); endpoint != "" {
		r.command, _ = r.all.Find("probe")
		if listens(name) {
			r.command, _ = r.all.Find("pull")
			r.binds = true
			r.attach("--bind", endpoint)
			return more, true
		}
		if areFrames(more) {
			r.command, _ = r.all.Find("req")
			r.attach("--connect", endpoint)
			return more, true
		}
		r.operand(endpoint, false)
		return more, true
	}
	if near := r.all.Nearest(strings.ToLower(name)); near != "" && len(rest) > 0 {
		r.command, _ = r.all.Find(near)
		return rest, true
	}
	return nil, false
}

// verb takes the command of another tool for one of ours.
func (r *retyping) verb(name string) bool {
	meant := habits.Verb(name)
	if meant == nil {
		return false
	}
	r.command, _ = r.all.Find(meant[0])
	r.foreign = true
	r.broker = slices.Contains([]string{"consume", "consumer", "produce", "producer"}, strings.ToLower(name))
	for _, flag := range meant[1:] {
		if flag == "--bind" {
			r.binds = true
		} else {
			r.add(flag)
		}
	}
	return true
}

// whereTo returns the endpoint with which a line without a command begins, as for
// nc or websocat: a probe of it needs no more to be known.
func (r *retyping) whereTo(name string, rest []string) (endpoint string, more []string) {
	check := sockets.CheckConnect
	if listens(name) {
		check = sockets.CheckBind
	}
	if len(rest) > 0 && habits.IsPort(rest[0]) && !habits.IsPort(name) && !strings.ContainsAny(name, ":/@") {
		return improve("tcp://"+name+":"+rest[0], check), rest[1:]
	}
	if habits.IsPort(name) {
		return ":" + name, rest
	}
	if server, isHTTP := ofHTTP(name); isHTTP {
		r.notHTTP(name)
		return improve(server, check), rest
	}
	if looksLikeEndpoint(name) {
		return improve(name, check), rest
	}
	return "", nil
}

// areFrames reports whether words behind an endpoint are plainly something to be said
// there: neither flags nor further endpoints.
func areFrames(words []string) bool {
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool {
		return strings.HasPrefix(w, "-") || looksLikeEndpoint(w) || habits.IsHost(w) || habits.IsPort(w)
	})
}

// hidden finds the command behind flags that were typed first.
func (r *retyping) hidden(args []string) (rest []string, ok bool) {
	for i, arg := range args {
		if w, found := r.all.Find(arg); found && (i == 0 || !strings.HasPrefix(args[i-1], "-") || len(args[i-1]) > 2) {
			r.command = w
			return slices.Concat(args[:i], args[i+1:]), true
		}
	}
	for i, arg := range args {
		if meant := habits.Verb(arg); meant != nil && i > 0 && !strings.HasPrefix(arg, "-") && r.verb(arg) {
			return slices.Concat(args[:i], args[i+1:]), true
		}
	}
	// The command may have been taken for the value of a flag.
	for i, arg := range args {
		if w, found := r.all.Find(arg); found {
			r.command = w
			return slices.Concat(args[:i], args[i+1:]), true
		}
	}
	return nil, false
}
