package retype

import (
	"os"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/frames"
)

// complete adds what the line cannot do without.
func (r *retyping) complete() {
	r.linesOfStdin()
	r.completeEndpoints()
	r.completeOperands()
	r.completeHello()
	has := func(name string) bool { return r.has(r.typed, name) }
	if has("retries") && !has("timeout") {
		r.add("--timeout", "1")
	}
	if r.topic0 != "" {
		separator := `\t`
		for _, w := range r.typed {
			if f, found := r.row(w); found && f.Name == "frame-sep" && w.valued {
				separator = w.value
			}
		}
		r.topic0 += separator
	}
	if (r.topic0 != "" || has("frame-sep") || has("delimiter") || has("null")) && !has("text") {
		r.add("--text")
	}
	if has("plain-user") && !has("plain-password-file") && !r.password {
		r.add("--plain-password-file", "password")
	}
	for i, w := range r.typed {
		if w.met && has("plain-user") { // there is a server, which has to know the user
			r.typed[i].text = "--connect"
		}
	}
}

// completeHello makes a message of json of a text that is to be sent first.
func (r *retyping) completeHello() {
	for _, name := range []string{"in", "format", "json", "hex", "text", "raw"} {
		if r.has(r.typed, name) {
			return
		}
	}
	for i := range r.typed {
		w := &r.typed[i]
		if f, found := r.row(*w); !found || f.Name != "hello" || !w.valued {
			continue
		}
		if _, err := frames.DecodeMessage(frames.JSON, []byte(w.value), frames.DecoderOptions{}); err != nil {
			text := frames.EncodeMessage(frames.JSON, frames.Strings(w.value), frames.EncoderOptions{})
			w.value = strings.TrimSuffix(string(text), "\n")
		}
	}
}

// linesOfStdin takes a topic without anything to publish as the topic of what comes
// from stdin, as other tools do.
func (r *retyping) linesOfStdin() {
	if r.command.Traits().Publishes && !r.command.Prints() && !r.command.Tool && len(r.front) == 1 && r.operands() == 1 && r.input == "" && r.topic0 == "" {
		topic := r.front[0]
		at := slices.IndexFunc(r.typed, func(w typedWord) bool { return w.operand })
		if r.lines(topic); r.topic0 != "" {
			r.typed = slices.Delete(r.typed, at, at+1)
		}
	}
}

// completeEndpoints adds the endpoint that is missing. Where both ends of a
// conversation lack one, the one that receives binds, so that they meet.
func (r *retyping) completeEndpoints() {
	for i, w := range r.typed {
		without := slices.Delete(slices.Clone(r.typed), i, i+1)
		written := retyping{command: r.command, typed: without}
		if f, found := r.row(w); w.filler && found && (written.has(without, f.Name) || f.Group == line.GroupEndpoints && written.attached(nil)) {
			r.typed = without
			break
		}
	}
	if !r.command.Converses() || r.attached(nil) || os.Getenv("ZCAT_CONNECT") != "" || os.Getenv("ZCAT_BIND") != "" {
		return
	}
	flag := "--connect"
	if r.binds || r.waits() {
		flag = "--bind"
	}
	r.typed = slices.Insert(r.typed, 0, typedWord{text: flag, value: "tcp://127.0.0.1:5555", valued: true})
}

// completeOperands turns the operands into what the command takes, and adds those
// that are missing.
func (r *retyping) completeOperands() {
	if r.command.WantsAll() && !r.command.Tool && !r.has(r.typed, "exec") {
		for i := range r.typed {
			if w := &r.typed[i]; w.operand {
				prefix := prefixOf(w.text)
				r.everything = r.everything || prefix == "" && w.text != ""
				w.operand, w.behind, w.text = false, false, "--subscribe="+prefix
			}
		}
	}
	r.subscribeAll()
	r.joinSome()
	switch {
	case r.command.EndpointOperands() == 2:
		r.completeSides()
	case r.command.EndpointOperands() == 1 && r.operands() == 0:
		r.operand("tcp://127.0.0.1:5555", false)
	case r.command.Name == "keygen" && r.operands() == 0:
		r.operand("server", false)
	case r.command.Name == "replay" && r.operands() == 0:
		r.operand("traffic.jsonl", false)
	case !r.command.Tool:
		if at := slices.IndexFunc(r.typed, func(w typedWord) bool { return w.operand }); r.command.Traits().LeastFrames > 1 && r.operands() == 1 {
			first := "peer-id"
			if r.command.Traits().Grouped {
				first = "news"
			}
			r.typed = slices.Insert(r.typed, at, typedWord{text: first, operand: true})
		}
		r.mergeFrames()
		// The subject or the queue of another tool has no meaning here.
		if r.foreign && (!r.command.Sends() || r.has(r.typed, "exec") || r.has(r.typed, "echo")) {
			r.typed = slices.DeleteFunc(r.typed, func(w typedWord) bool { return w.operand })
		}
	}
}

// subscribeAll leaves a sub without subscriptions, which receives everything, where
// one of them is to everything.
func (r *retyping) subscribeAll() {
	if r.everything {
		r.typed = slices.DeleteFunc(r.typed, func(w typedWord) bool {
			f, found := r.row(w)
			return found && (f.Name == "subscribe" || f.Name == "subscribe-hex")
		})
	}
}

// joinSome has a dish join what was typed beside its flags, or some group.
func (r *retyping) joinSome() {
	if !r.command.Traits().Joins || r.command.Tool {
		return
	}
	for i := range r.typed {
		if w := &r.typed[i]; w.operand {
			w.operand, w.behind, w.text = false, false, "--join="+w.text
		}
	}
	if !r.has(r.typed, "join") {
		r.typed = append(r.typed, typedWord{text: "--join", value: "news", valued: true})
	}
}

// mergeFrames makes one frame of all for which a message has no place.
func (r *retyping) mergeFrames() {
	most := r.command.Traits().MostFrames
	if most == 0 || r.operands() <= most {
		return
	}
	seen, last := 0, 0
	kept := r.typed[:0:0]
	for _, w := range r.typed {
		if w.operand {
			if seen++; seen > most {
				kept[last].text += " " + w.text
				continue
			}
			last = len(kept)
		}
		kept = append(kept, w)
	}
	r.typed = kept
}

// completeSides gives a proxy the endpoints that it lacks, different from those
// that it has.
func (r *retyping) completeSides() {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return r.has(r.typed, name) })
	}
	front, back := has("front-bind", "front-connect"), has("back-bind", "back-connect")
	spare := func() string {
		for _, port := range []string{":5556", ":5555"} {
			if !slices.ContainsFunc(r.typed, func(w typedWord) bool { return strings.HasSuffix(w.text+w.value, port) }) {
				return port
			}
		}
		return ":5557"
	}
	switch n := r.operands(); {
	case n == 1 && (front || back):
		flag := "--front-bind"
		if front && !back {
			flag = "--back-bind"
		}
		for i, w := range r.typed {
			if w.operand {
				r.typed[i] = typedWord{text: flag, value: w.text, valued: true}
			}
		}
	case n == 1:
		r.operand(spare(), false)
	case n == 0 && front && !back:
		r.add("--back-bind", spare())
	case n == 0 && back && !front:
		r.add("--front-bind", spare())
	case n == 0 && !front:
		r.operand(":5555", false)
		r.operand(":5556", false)
	}
}

// operands returns the number of operands.
func (r *retyping) operands() (n int) {
	for _, w := range r.typed {
		if w.operand {
			n++
		}
	}
	return n
}
