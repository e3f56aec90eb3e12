package retype

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// place puts each operand where it belongs, endpoints behind a flag for them and
// the others elsewhere. It reports whether that is clear.
func (r *retyping) place() bool {
	if (r.host != "" || r.port != "") && !r.placeHost() {
		return false
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
		pair := habits.IsPort(next) && !habits.IsPort(w.text) && habits.IsName(w.text)
		if pair && w.operand && !w.behind && (r.asks() || r.command.Attaches() && !r.attached(typed)) {
			r.placePair(w.text, next)
			i++
			continue
		}
		if !w.operand || w.behind || !r.placeOperand(w.text, next, typed) {
			r.typed = append(r.typed, w)
		}
	}
	at := slices.IndexFunc(r.typed, func(w typedWord) bool { return w.operand })
	if at < 0 {
		at = len(r.typed)
	}
	for i, text := range r.front {
		r.typed = slices.Insert(r.typed, at+i, typedWord{text: text, operand: true, behind: len(text) > 1 && text[0] == '-'})
	}
	return true
}

// asks reports whether endpoints are the operands of the command.
func (r *retyping) asks() bool { return r.command.EndpointOperands() > 0 }

// placeHost attaches to the endpoint whose halves were typed. It reports whether
// there is no other endpoint: else one of the two is meant for something else.
func (r *retyping) placeHost() bool {
	if r.attached(nil) {
		return false
	}
	endpoint := bracketed(r.host) + ":" + cmp.Or(r.port, "5555")
	if r.binds || r.command.Tool {
		r.settle(endpoint)
	} else {
		r.meet(endpoint)
	}
	return true
}

// placePair takes a host and a port that stand side by side, as for nc.
func (r *retyping) placePair(host, port string) {
	if r.asks() {
		r.endpointOperand("tcp://" + host + ":" + port)
	} else {
		r.settle(improve("tcp://"+host+":"+port, sockets.CheckConnect))
	}
}

// placeOperand takes an operand that is an endpoint, or something else that is not
// a FRAME, and reports whether it did.
func (r *retyping) placeOperand(text, next string, typed []typedWord) bool {
	last := strings.LastIndexByte(text, ':')
	switch {
	case r.command.EndpointOperands() == 2 && strings.Count(text, ":") == 2 && habits.IsPort(text[last+1:]) && !strings.ContainsAny(text, "/,"):
		r.endpointOperand(text[:last])
		r.endpointOperand(text[last:])
	case r.asks() && (looksLikeEndpoint(text) || habits.IsPort(text)) || r.command.EndpointOperands() == 1 && habits.IsName(text):
		r.endpointOperand(text)
	case r.command.EndpointOperands() == 2:
		return r.side(text)
	case r.command.Name == "bench" && r.benchOperand(text):
	case r.attached(typed) || !r.command.Attaches():
		return false
	case habits.IsPort(text) && (r.binds || r.command.Name == "bench"):
		r.settle(":" + text)
	case habits.IsPort(text) && len(text) > 3 && (next != "" || !r.command.TakesInput()):
		r.meet(":" + text)
	case looksLikeEndpoint(text):
		r.placeEndpoint(text)
	default:
		return false
	}
	return true
}

// placeEndpoint attaches to an endpoint without a flag. An endpoint in zcat's own
// spelling does not tell who binds.
func (r *retyping) placeEndpoint(text string) {
	r.binds = r.binds || listens(text)
	ours := strings.HasPrefix(text, "tcp:/") || strings.HasPrefix(text, "ipc:") || slashed(text) != text ||
		sockets.CheckConnect(text) == nil && !strings.HasPrefix(text, "ws:") // which connects elsewhere
	if !r.binds && ours && r.command.Name != "bench" {
		r.meet(text)
	} else {
		r.settle(text)
	}
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

// benchOperand takes what other tools name without a flag: who sends to whom.
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

// endpointOperand adds what a probe or a proxy takes in place of FRAMEs.
func (r *retyping) endpointOperand(endpoint string) {
	check := sockets.CheckConnect
	if r.command.EndpointOperands() == 2 {
		check = sockets.CheckBind
	}
	for _, one := range improvedList(endpoint, check) {
		if r.command.EndpointOperands() == 2 && r.operands() == 2 {
			r.add("--back-bind", one)
		} else {
			r.operand(one, false)
		}
	}
}

// settle makes endpoint one of the command's.
func (r *retyping) settle(endpoint string) {
	switch {
	case r.command.EndpointOperands() > 0:
		r.operand(endpoint, false)
	case r.binds || r.command.Name == "bench" && r.has(r.typed, "serve"):
		r.attach("--bind", endpoint)
	default:
		r.attach("--connect", endpoint)
	}
}

// server attaches to what other tools have a server for.
func (r *retyping) server(value string) {
	switch {
	case habits.IsPort(value):
		r.meet(":" + value)
	case value == "":
		r.add("--bind")
	default:
		r.meet(value)
	}
}

// meet attaches to the endpoint of a broker, where there is none: of the two ends
// that would meet there, the one that receives binds.
func (r *retyping) meet(endpoint string) {
	if topic, found := topicOf(endpoint); found {
		defer r.topic(topic)
	}
	here := improve(endpoint, sockets.CheckConnect)
	switch {
	case r.command.EndpointOperands() > 0:
		r.operand(endpoint, false)
		return
	case strings.Contains(endpoint, "*"):
		r.attach("--bind", endpoint)
		return
	case !r.command.Tool && r.waits() && isLocal(here):
		r.attach("--bind", endpoint)
		r.typed[len(r.typed)-1].met = true
		return
	}
	r.attach("--connect", endpoint)
}

// topicOf returns the topic behind the slash of an MQTT URL.
func topicOf(endpoint string) (topic string, found bool) {
	scheme, rest, _ := strings.Cut(endpoint, "://")
	_, topic, found = strings.Cut(rest, "/")
	return topic, found && strings.HasPrefix(strings.ToLower(scheme), "mqtt") && topic != ""
}

// waits reports whether the command is the end that binds where two meet and
// nothing tells which one does.
func (r *retyping) waits() bool {
	if r.command.Tool {
		return false
	}
	has := r.command.Traits()
	return r.command.Prints() && !r.command.Sends() || has.Subscribes || has.Answers || has.Addressed && has.Enveloped || has.Exclusive && !r.speaks
}

// attach adds a flag for an endpoint, or for each of those in a list.
func (r *retyping) attach(flag, endpoint string) {
	check := sockets.CheckConnect
	if flag == "-b" || strings.HasSuffix(flag, "-bind") {
		check = sockets.CheckBind
	}
	for _, one := range improvedList(endpoint, check) {
		if name, inner := line.InnerName(one); inner && r.command.Converses() {
			one = "ipc:///tmp/" + strings.ReplaceAll(name, "/", "-") // other processes can reach that
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
