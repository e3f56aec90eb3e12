package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// place gives each operand that is an endpoint the place where one stands, and the
// others theirs. It reports whether that is clear.
func (r *retyping) place() bool {
	if r.host != "" || r.port != "" {
		if r.attached(nil) {
			return false // one of the two is meant for something else
		}
		endpoint := r.host + ":" + cmp.Or(r.port, "5555")
		if strings.Contains(r.host, ":") && !strings.HasPrefix(r.host, "[") {
			endpoint = "[" + r.host + "]:" + cmp.Or(r.port, "5555")
		}
		r.settle(endpoint)
	}
	operands := r.word.tool == probeTool || r.word.tool == proxyTool
	typed := r.typed
	r.typed = nil
	for i := 0; i < len(typed); i++ {
		w := typed[i]
		next := ""
		if i+1 < len(typed) && typed[i+1].operand {
			next = typed[i+1].text
		}
		switch {
		case !w.operand || w.behind:
			r.typed = append(r.typed, w)
		case operands && looksLikeEndpoint(w.text):
			r.endpointOperand(w.text)
		case r.attached(typed) || !converses(r.word):
			r.typed = append(r.typed, w)
		case r.binds && isPort(w.text):
			r.settle(":" + w.text)
		case isPort(next) && !isPort(w.text) && !strings.ContainsAny(w.text, ":/@ "):
			r.settle(improve("tcp://"+w.text+":"+next, sockets.CheckConnect))
			i++
		case looksLikeEndpoint(w.text):
			r.binds = r.binds || listens(w.text)
			r.settle(w.text)
		default:
			r.typed = append(r.typed, w)
		}
	}
	at := slices.IndexFunc(r.typed, func(w typedWord) bool { return w.operand })
	if at < 0 {
		at = len(r.typed)
	}
	for i, text := range r.front {
		r.typed = slices.Insert(r.typed, at+i, typedWord{text: text, operand: true})
	}
	return true
}

// endpointOperand adds what a probe or a proxy takes in the place of FRAMEs.
func (r *retyping) endpointOperand(endpoint string) {
	check := sockets.CheckConnect
	if r.word.tool == proxyTool {
		check = sockets.CheckBind
	}
	list := improvedList(endpoint, check)
	r.operand(list[0], false)
	for _, more := range list[1:] { // of a proxy's FRONT or BACK
		r.add([]string{"--front-bind", "--back-bind"}[min(r.operands()-1, 1)], more)
	}
}

// listens reports whether an endpoint is spelt as others spell one to bind.
func listens(endpoint string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(endpoint), ":")
	return strings.HasPrefix(endpoint, "@") && strings.Contains(endpoint, "://") || strings.HasSuffix(scheme, "-l") || strings.HasSuffix(scheme, "-listen")
}

// settle makes endpoint one of the command's.
func (r *retyping) settle(endpoint string) {
	switch {
	case r.word.tool == probeTool || r.word.tool == proxyTool:
		r.operand(endpoint, false)
	case r.binds:
		r.attach("--bind", endpoint)
	default:
		r.attach("--connect", endpoint)
	}
}

// attached reports whether there is an endpoint among the flags.
func (r *retyping) attached(more []typedWord) bool {
	return slices.ContainsFunc(slices.Concat(r.typed, more), func(w typedWord) bool {
		return !w.operand && (slices.Contains([]string{"-b", "-c"}, w.text) || strings.HasPrefix(w.text, "--bind") || strings.HasPrefix(w.text, "--connect"))
	})
}

// complete adds what the line cannot do without.
func (r *retyping) complete() {
	has := func(names ...string) bool {
		return slices.ContainsFunc(r.typed, func(w typedWord) bool {
			name, _, _ := strings.Cut(w.text, "=")
			return !w.operand && slices.Contains(names, name)
		})
	}
	if converses(r.word) && !r.attached(nil) && os.Getenv("ZCAT_CONNECT") == "" && os.Getenv("ZCAT_BIND") == "" {
		flag := []typedWord{{text: "--connect"}, {text: "tcp://127.0.0.1:5555"}}
		if r.binds {
			flag = []typedWord{{text: "--bind"}, {text: "tcp://127.0.0.1:5555"}}
		}
		r.typed = slices.Concat(flag, r.typed)
	}
	if r.word.kind == sockets.Sub && r.word.tool == noTool {
		for i := range r.typed {
			if w := &r.typed[i]; w.operand {
				w.operand, w.text = false, "--subscribe="+w.text
			}
		}
	}
	if operands := r.operands(); operands == 0 && r.word.tool == probeTool {
		r.operand("tcp://127.0.0.1:5555", false)
	} else if operands == 0 && r.word.tool == proxyTool && len(r.typed) < 2 {
		r.operand(":5555", false)
		r.operand(":5556", false)
	}
	// The subject or the queue of another tool is nothing here.
	if r.foreign && r.word.tool == noTool && (!r.word.sends() || has("--exec", "--echo")) {
		r.typed = slices.DeleteFunc(r.typed, func(w typedWord) bool { return w.operand })
	}
	if has("--retries") && !has("--timeout", "-t") {
		r.add("--timeout", "1")
	}
	if has("--frame-sep", "--delimiter", "-d", "--null", "-0") && !has("--text", "-T") {
		r.add("--text")
	}
	if has("--plain-user") && !has("--plain-password-file") && !r.password {
		r.add("--plain-password-file", "password")
	}
}

// operands is how many operands there are.
func (r *retyping) operands() (n int) {
	for _, w := range r.typed {
		if w.operand {
			n++
		}
	}
	return n
}

// looksLikeEndpoint reports whether text is meant for an endpoint, whatever is
// wrong with it.
func looksLikeEndpoint(text string) bool {
	if strings.ContainsAny(text, " \t{\"'") {
		return false
	}
	if strings.Contains(text, "://") || strings.HasPrefix(text, "@") && len(text) > 1 || strings.HasPrefix(text, "*:") {
		return true
	}
	head, tail, found := strings.Cut(text, ":")
	if !found {
		return strings.HasPrefix(text, "./") || strings.HasPrefix(text, "/")
	}
	scheme := strings.ToLower(head)
	port := tail[strings.LastIndexByte(tail, ':')+1:]
	port, _, _ = strings.Cut(port, ",")
	return isPort(port) || port == "*" || strings.HasPrefix(scheme, "unix") || strings.HasPrefix(scheme, "abstract") || scheme == "ipc" || scheme == "tcp"
}

// isPort reports whether text is the number of a port.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && fmt.Sprint(n) == text
}

// improve is endpoint, or what its refusal offers.
func improve(endpoint string, check func(string) error) string {
	return improvedList(endpoint, check)[0]
}

// improvedList is improve for what may be a list of endpoints.
func improvedList(endpoint string, check func(string) error) []string {
	err := check(endpoint)
	bad, ok := err.(*sockets.EndpointError) //nolint:errorlint // it is never wrapped
	if !ok || len(bad.Hints) == 0 {
		return []string{endpoint}
	}
	list := bad.Hints
	for i, one := range list {
		if again, ok := check(one).(*sockets.EndpointError); ok && len(again.Hints) > 0 { //nolint:errorlint // it is never wrapped
			list[i] = again.Hints[0]
		}
	}
	return list
}
