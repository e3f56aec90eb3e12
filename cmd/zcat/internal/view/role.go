package view

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// role is the part of a frame in its message.
type role uint8

const (
	body role = iota
	id
	delimiter
	topic
	group
	subscribe
	unsubscribe
)

// word marks the role in the gutter.
func (r role) word() string {
	return [...]string{body: "body", id: "id", delimiter: "--", topic: "topic", group: "group", subscribe: "subscribe", unsubscribe: "unsubscribe"}[r]
}

// gutterOf returns the width of the longest mark that a socket's messages have.
func gutterOf(t sockets.Type) int {
	switch has := t.Traits(); {
	case has.ReceivesSubscriptions:
		return len("unsubscribe")
	case has.Subscribes, has.Grouped:
		return len("topic")
	}
	return len("body")
}

// rolesOf finds what the frames of a message are, as far as the socket that
// received it tells. In a message that is not whole, frames without a delimiter are
// not known to be an envelope.
func rolesOf(t sockets.Type, m frames.Message, whole bool) []role {
	roles := make([]role, len(m))
	switch has := t.Traits(); {
	case has.Addressed && has.Enveloped:
		// The socket put the first frame there itself.
		envelope, _ := frames.SplitRouted(m)
		markEnvelope(roles, m, len(envelope))
	case has.Addressed:
		roles[0] = id
	case has.Grouped:
		roles[0] = group
	case has.Enveloped:
		if envelope, _ := frames.SplitRouted(m); len(envelope[len(envelope)-1]) == 0 {
			markEnvelope(roles, m, len(envelope))
		}
	case has.Subscribes:
		// A single frame is topic and content in one.
		if len(m) > 1 || !whole {
			roles[0] = topic
		}
	case has.ReceivesSubscriptions:
		switch {
		case len(m) != 1 || len(m[0]) == 0:
		case m[0][0] == 1:
			roles[0] = subscribe
		case m[0][0] == 0:
			roles[0] = unsubscribe
		}
	}
	return roles
}

func markEnvelope(roles []role, m frames.Message, n int) {
	for i := range n {
		roles[i] = id
		if len(m[i]) == 0 {
			roles[i] = delimiter
		}
	}
}

// maxTold bounds the remarks that are remembered. Once it is reached no more are
// made: a user who has seen so many knows.
const maxTold = 256

// remarks returns what is suspicious about an envelope. Each is made once for a
// peer: a ROUTER that serves DEALERs without a delimiter is in order, and once is
// enough.
func (v *View) remarks(m Message, shown frames.Message, roles []role, whole bool) []string {
	var list []string
	remark := func(text string) {
		key := text + "\x00" + m.Peer
		if v.told[key] || len(v.told) >= maxTold {
			return
		}
		if v.told == nil {
			v.told = map[string]bool{}
		}
		v.told[key] = true
		list = append(list, text)
	}
	end := 0 // of the envelope
	for end < len(roles) && roles[end] != body && roles[end] != topic {
		end++
	}
	closed := end > 0 && roles[end-1] == delimiter
	switch has := m.Kind.Traits(); {
	case has.Addressed && has.Enveloped && !closed && whole:
		remark("no delimiter: a REP would drop this")
	case closed && end == len(roles) && whole:
		remark("nothing behind the delimiter: a REP would drop this")
	case (closed || has.Answers || has.Asks) && len(shown)-end > 1 && len(shown[end]) == 0:
		remark("the body begins with an empty frame: one delimiter too many?")
	}
	return list
}
