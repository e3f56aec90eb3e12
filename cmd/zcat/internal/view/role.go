package view

import (
	"slices"

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
func gutterOf(has *sockets.Traits) int {
	switch {
	case has.ReceivesSubscriptions:
		return len("unsubscribe")
	case has.Subscribes, has.Grouped:
		return len("topic")
	}
	return len("body")
}

// rolesOf finds what the frames of a message are, as far as the traits of the sockets tell
// that it passed between, and puts them into roles, which it may make longer. In one that is not shown whole, frames without a delimiter are not
// known to be an envelope.
func rolesOf(roles []role, m *Message, from, has *sockets.Traits, shown frames.Message, whole bool) []role {
	roles = slices.Grow(roles[:0], len(shown))[:len(shown)]
	clear(roles)
	switch {
	case m.Wire:
		wireRoles(roles, m, from, has, shown, whole)
	case has.Addressed && has.Enveloped:
		// The socket put the first frame there itself.
		envelope, _ := frames.SplitRouted(shown)
		markEnvelope(roles, shown, len(envelope))
	case has.Addressed:
		roles[0] = id
	case has.Grouped:
		roles[0] = group
	case has.Enveloped:
		if envelope, _ := frames.SplitRouted(shown); len(envelope[len(envelope)-1]) == 0 {
			markEnvelope(roles, shown, len(envelope))
		}
	case has.Subscribes:
		if n := capturedEnvelope(shown); n > 0 {
			markEnvelope(roles, shown, n)
			return roles
		}
		markTopic(roles, whole)
	case has.ReceivesSubscriptions:
		markSubscription(roles, shown)
	}
	return roles
}

// Envelope returns the number of frames of a message that are its envelope.
func Envelope(m Message) (n int) {
	from, to := m.Sender.Traits(), m.Kind.Traits()
	var few [8]role
	for _, r := range rolesOf(few[:0], &m, &from, &to, m.Frames, true) {
		if r != id && r != delimiter {
			break
		}
		n++
	}
	return n
}

// wireRoles finds what the frames of a message are that was seen between two sockets:
// no ROUTER has put a routing id in front, no REQ has taken its delimiter off.
func wireRoles(roles []role, m *Message, from, to *sockets.Traits, shown frames.Message, whole bool) {
	switch {
	case from.Grouped || to.Grouped:
		if len(roles) > 0 {
			roles[0] = group
		}
	case to.Subscribes || from.Publishes:
		markTopic(roles, whole)
	case to.ReceivesSubscriptions || from.Subscribes:
		markSubscription(roles, shown)
	case enveloped(from) || enveloped(to):
		if envelope, _, ok := frames.Split(shown); ok {
			markEnvelope(roles, shown, len(envelope))
		} else if len(shown) > 0 && len(shown[len(shown)-1]) == 0 && (from.Asks || to.Answers) {
			markEnvelope(roles, shown, len(shown)) // with nothing behind it
		}
	case m.Sender == 0 && m.Kind == 0:
		switch n := capturedEnvelope(shown); {
		case n > 0:
			markEnvelope(roles, shown, n)
		case len(shown) > 1 && len(shown[0]) == 0:
			markEnvelope(roles, shown, 1)
		}
	}
}

// enveloped reports whether such sockets have messages with envelopes.
func enveloped(has *sockets.Traits) bool { return has.Asks || has.Answers || has.Enveloped }

// capturedEnvelope returns the number of frames of the envelope that a message seems to
// have: the routing id that a ROUTER makes, or any in front of a delimiter; 0 for none. A
// SUB sees such messages where it follows the capture of a proxy.
func capturedEnvelope(m frames.Message) int {
	const madeSize = 5 // of an id that a ROUTER makes, which begins with a zero
	if len(m) < 2 {
		return 0
	}
	made := len(m[0]) == madeSize && m[0][0] == 0
	if envelope, body := frames.SplitRouted(m); len(body) > 0 && (made || len(envelope) == 2 && len(m[0]) > 0) {
		return len(envelope)
	}
	return 0
}

// markTopic marks the topic of a message; a single frame is topic and content in one.
func markTopic(roles []role, whole bool) {
	if len(roles) > 1 || !whole && len(roles) > 0 {
		roles[0] = topic
	}
}

// markSubscription marks what XPUB gets: a 1 or a 0, then the prefix.
func markSubscription(roles []role, m frames.Message) {
	switch {
	case len(m) != 1 || len(m[0]) == 0:
	case m[0][0] == 1:
		roles[0] = subscribe
	case m[0][0] == 0:
		roles[0] = unsubscribe
	}
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

// remarks returns what is suspicious about an envelope, each once for a peer. A message
// without a delimiter is in order between DEALER and ROUTER; it is not where a REQ or a
// REP is at an end.
func (v *View) remarks(m *Message, has *sockets.Traits, shown frames.Message, roles []role, whole bool) []string {
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
	for end < len(roles) && (roles[end] == id || roles[end] == delimiter) {
		end++
	}
	closed := end > 0 && roles[end-1] == delimiter
	turns := has.Asks || has.Answers
	strict := m.Wire && turns
	switch {
	case !whole:
	case strict && !closed:
		remark("no delimiter: the " + m.Kind.String() + " drops this")
	case strict && end == len(roles):
		remark("nothing behind the delimiter: the " + m.Kind.String() + " drops this")
	case (closed || !m.Wire && turns) && len(shown)-end > 1 && len(shown[end]) == 0:
		remark("the body begins with an empty frame: one delimiter too many?")
	}
	return list
}
