package main

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// command finds the command, and returns what else was typed.
func (r *retyping) command(args []string) (rest []string, ok bool) {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help", "-V", "--version", "version"}, args[0]) {
		return nil, false
	}
	name, rest := args[0], args[1:]
	if strings.HasPrefix(name, "-") && name != "-" || name == "-" && len(rest) > 0 {
		return r.hidden(args)
	}
	if w, found := findWord(r.program, name); found {
		r.word = w
		return rest, true
	}
	if meant := verb(name); meant != nil {
		r.word, _ = findWord(r.program, meant[0])
		r.foreign = true
		for _, flag := range meant[1:] {
			if flag == "--bind" {
				r.binds = true
			} else {
				r.add(flag)
			}
		}
		return rest, true
	}
	if endpoint, more := r.whereTo(name, rest); endpoint != "" {
		r.word, _ = findWord(r.program, "probe")
		r.operand(endpoint, false)
		return more, true
	}
	if near := nearestCommand(r.program, strings.ToLower(name)); near != "" && len(rest) > 0 {
		r.word, _ = findWord(r.program, near)
		return rest, true
	}
	return nil, false
}

// whereTo is the endpoint that a line without a command begins with, as that of
// nc or websocat does: who is there is what can be found out without knowing more.
func (r *retyping) whereTo(name string, rest []string) (endpoint string, more []string) {
	if len(rest) > 0 && isPort(rest[0]) && !strings.ContainsAny(name, ":/@") {
		return improve("tcp://"+name+":"+rest[0], sockets.CheckConnect), rest[1:]
	}
	if looksLikeEndpoint(name) {
		return improve(name, sockets.CheckConnect), rest
	}
	return "", nil
}

// hidden finds the command behind flags that were typed first, or in them: -l of
// nc listens, -P and -C of kcat are what pub and sub are here, -L tells of a peer.
func (r *retyping) hidden(args []string) (rest []string, ok bool) {
	for i, arg := range args {
		if w, found := findWord(r.program, arg); found && (i == 0 || !strings.HasPrefix(args[i-1], "-") || len(args[i-1]) > 2) {
			r.word = w
			return slices.Concat(args[:i], args[i+1:]), true
		}
	}
	for i, arg := range args {
		if meant := verb(arg); meant != nil && i > 0 && len(meant) == 1 {
			r.word, _ = findWord(r.program, meant[0])
			r.foreign = true
			return slices.Concat(args[:i], args[i+1:]), true
		}
	}
	return r.mode(args)
}

// mode finds the command that a flag stands for.
func (r *retyping) mode(args []string) (rest []string, ok bool) {
	for i, arg := range args {
		name := ""
		switch arg {
		case "-P":
			name = "pub"
		case "-C":
			name = "sub"
		case "-L", "-z", "-zv", "-vz":
			name = "probe"
		case "-l", "-lp", "-lk", "-kl", "--listen":
			name, r.binds = "pull", true
		default:
			continue
		}
		r.word, _ = findWord(r.program, name)
		rest = slices.Concat(args[:i], args[i+1:])
		if strings.Contains("-P -C -L", arg) {
			for j, other := range rest { // kcat's brokers, and its count
				switch other {
				case "-b":
					rest[j] = "--connect"
				case "-c":
					rest[j] = "--count"
				}
			}
		}
		if n := len(rest); name == "probe" && n >= 2 && isPort(rest[n-1]) {
			return append(rest[:n-2:n-2], "tcp://"+rest[n-2]+":"+rest[n-1]), true
		}
		return rest, true
	}
	return nil, false
}
