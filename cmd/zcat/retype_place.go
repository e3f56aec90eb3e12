package main

import (
	"cmp"
	"slices"
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
		if r.binds || r.word.tool != noTool {
			r.settle(endpoint)
		} else {
			r.meet(endpoint)
		}
	}
	typed := r.typed
	r.typed = nil
	r.speaks = slices.ContainsFunc(typed, func(w typedWord) bool { return w.operand && !looksLikeEndpoint(w.text) }) || len(r.front) > 0 || r.input != ""
	for i := 0; i < len(typed); i++ {
		w := typed[i]
		next := ""
		if i+1 < len(typed) && typed[i+1].operand {
			next = typed[i+1].text
		}
		pair := isPort(next) && !isPort(w.text) && isName(w.text)
		asks := r.word.tool == probeTool || r.word.tool == proxyTool
		switch {
		case !w.operand || w.behind:
			r.typed = append(r.typed, w)
		case asks && pair:
			r.endpointOperand("tcp://" + w.text + ":" + next)
			i++
		case r.word.tool == proxyTool && strings.Count(w.text, ":") == 2 && isPort(w.text[strings.LastIndexByte(w.text, ':')+1:]) && !strings.ContainsAny(w.text, "/,"):
			at := strings.LastIndexByte(w.text, ':')
			r.endpointOperand(w.text[:at])
			r.endpointOperand(w.text[at:])
		case asks && (looksLikeEndpoint(w.text) || isPort(w.text)) || r.word.tool == probeTool && isName(w.text):
			r.endpointOperand(w.text)
		case r.word.tool == proxyTool && r.side(w.text):
		case r.word.tool == benchTool && r.benchOperand(w.text):
		case r.attached(typed) || !attaches(r.word):
			r.typed = append(r.typed, w)
		case isPort(w.text) && r.word.tool == benchTool:
			r.settle(":" + w.text)
		case isPort(w.text) && (r.binds || len(w.text) > 3 && (next != "" || !senders(r.word))):
			if r.binds {
				r.settle(":" + w.text)
			} else {
				r.meet(":" + w.text)
			}
		case pair:
			r.settle(improve("tcp://"+w.text+":"+next, sockets.CheckConnect))
			i++
		case looksLikeEndpoint(w.text):
			r.binds = r.binds || listens(w.text)
			ours := strings.HasPrefix(w.text, "tcp:/") || strings.HasPrefix(w.text, "ipc:") || slashed(w.text) != w.text || sockets.CheckConnect(w.text) == nil
			if !r.binds && ours && r.word.tool != benchTool {
				r.meet(w.text) // spelt as here, where nobody said who binds
			} else {
				r.settle(w.text)
			}
		default:
			r.typed = append(r.typed, w)
		}
	}
	at := slices.IndexFunc(r.typed, func(w typedWord) bool { return w.operand })
	if at < 0 {
		at = len(r.typed)
	}
	for i, text := range r.front {
		r.typed = slices.Insert(r.typed, at+i, typedWord{text: text, operand: true, behind: strings.HasPrefix(text, "-") && text != "-"})
	}
	return true
}

// side takes the types of a proxy's sockets, in the order of FRONT and BACK.
func (r *retyping) side(text string) bool {
	kind, err := sockets.ParseType(text)
	if err != nil {
		return false
	}
	if last := len(r.typed) - 1; last >= 0 && r.typed[last].text == "--types" && !strings.Contains(r.typed[last].value, ":") {
		r.typed[last].value += ":" + strings.ToLower(kind.String())
	} else {
		r.add("--types", strings.ToLower(kind.String()))
	}
	return true
}

// benchOperand takes what others name without a flag: who sends to whom.
func (r *retyping) benchOperand(text string) bool {
	types, found := map[string]string{
		"push": "push:pull", "pull": "push:pull", "pub": "pub:sub", "sub": "pub:sub", "req": "req:rep", "rep": "req:rep", "request": "req:rep", "reply": "req:rep",
	}[text]
	if !found {
		types, found = strings.ReplaceAll(text, "/", ":"), strings.Count(text, "/") == 1 && !strings.HasPrefix(text, "/")
	}
	if found && !slices.ContainsFunc(r.typed, func(w typedWord) bool { return w.value == types }) {
		r.add("--types", types)
	}
	return found
}

// endpointOperand adds what a probe or a proxy takes in the place of FRAMEs.
func (r *retyping) endpointOperand(endpoint string) {
	check := sockets.CheckConnect
	if r.word.tool == proxyTool {
		check = sockets.CheckBind
	}
	for _, one := range improvedList(endpoint, check) {
		if r.word.tool == proxyTool && r.operands() == 2 {
			r.add("--back-bind", one)
		} else {
			r.operand(one, false)
		}
	}
}

// settle makes endpoint one of the command's.
func (r *retyping) settle(endpoint string) {
	switch {
	case r.word.tool == probeTool || r.word.tool == proxyTool:
		r.operand(endpoint, false)
	case r.binds || r.word.tool == benchTool && r.has(r.typed, "serve"):
		r.attach("--bind", endpoint)
	default:
		r.attach("--connect", endpoint)
	}
}

// server attaches to what other tools have a server for.
func (r *retyping) server(value string) {
	switch {
	case isPort(value):
		r.meet(":" + value)
	case value == "":
		r.add("--bind")
	default:
		r.meet(value)
	}
}

// meet attaches to the endpoint of a broker, of which there is none: of the two
// who would meet there, the one that receives is there first.
func (r *retyping) meet(endpoint string) {
	if topic, found := topicOf(endpoint); found {
		defer r.topic(topic)
	}
	here := improve(endpoint, sockets.CheckConnect)
	switch {
	case r.word.tool == probeTool || r.word.tool == proxyTool:
		r.operand(endpoint, false)
		return
	case strings.Contains(endpoint, "*"):
		r.attach("--bind", endpoint)
		return
	case r.word.tool == noTool && r.waits() && isLocal(here):
		r.attach("--bind", endpoint)
		r.typed[len(r.typed)-1].met = true
		return
	}
	r.attach("--connect", endpoint)
}

// topicOf is the topic behind the slash of an MQTT URL.
func topicOf(endpoint string) (topic string, found bool) {
	scheme, rest, _ := strings.Cut(endpoint, "://")
	_, topic, found = strings.Cut(rest, "/")
	return topic, found && strings.HasPrefix(strings.ToLower(scheme), "mqtt") && topic != ""
}

// waits reports whether the command is the one that is there first where two meet
// and nobody said who binds.
func (r *retyping) waits() bool {
	return r.word.is(sockets.Pull, sockets.Sub, sockets.XSub, sockets.Rep, sockets.Router) && r.word.tool == noTool ||
		r.word.is(sockets.Pair) && !r.speaks
}

// attach adds a flag for an endpoint, or for each of those in a list.
func (r *retyping) attach(flag, endpoint string) {
	check := sockets.CheckConnect
	if flag == "-b" || strings.HasSuffix(flag, "-bind") {
		check = sockets.CheckBind
	}
	for _, one := range improvedList(endpoint, check) {
		if name, ok := strings.CutPrefix(one, "inproc://"); ok && converses(r.word) {
			one = "ipc:///tmp/" + strings.ReplaceAll(name, "/", "-") // what others can reach
		}
		r.add(flag, one)
	}
}

// attached reports whether there is an endpoint among the flags.
func (r *retyping) attached(more []typedWord) bool {
	return slices.ContainsFunc(slices.Concat(r.typed, more), func(w typedWord) bool {
		return !w.operand && (strings.HasPrefix(w.text, "-b") || strings.HasPrefix(w.text, "-c") || strings.HasPrefix(w.text, "--bind") || strings.HasPrefix(w.text, "--connect"))
	})
}

// topic makes text what a sub subscribes to, or the first frame of what is sent.
func (r *retyping) topic(text string) {
	if subscribers(r.word) {
		if prefix := prefixOf(text); prefix != "" || text == "" {
			r.add("--subscribe", prefix)
		} else {
			r.everything = true
		}
		return
	}
	r.front = append(r.front, text)
}

// prefixOf is what all begin with that a pattern of another tool matches: nats and
// MQTT have wildcards that stand alone, redis has asterisks anywhere.
func prefixOf(pattern string) string {
	if at := strings.IndexAny(pattern, "*>"); at >= 0 {
		return pattern[:at]
	}
	parts := strings.SplitAfter(pattern, "/")
	for i, part := range parts {
		if part == "#" || part == "+" || part == "+/" {
			return strings.Join(parts[:i], "")
		}
	}
	return pattern
}

// lines has a topic put in front of each line of stdin.
func (r *retyping) lines(topic string) {
	if !strings.ContainsAny(topic, `'"\`) && printable(strings.ReplaceAll(topic, "\t", "")) == strings.ReplaceAll(topic, "\t", "") {
		r.topic0 = strings.ReplaceAll(topic, "\t", `\t`)
		return
	}
	r.topic(topic)
}
