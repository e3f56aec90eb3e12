package frames

import "github.com/zcat/zcat/pkg/internal/framing"

// Split parts m after its first empty frame, the delimiter of RFC 28, in front of
// which the routing ids of a request stand. The envelope ends with that delimiter;
// a REQ's consists of it alone. ok is false where m has no empty frame, or where
// nothing follows it: such a message has no body to answer. Both parts are views
// into m.
func Split(m Message) (envelope, body Message, ok bool) {
	n := framing.EnvelopeLen(m)
	if n == 0 || n == len(m) {
		return nil, nil, false
	}
	return m[:n:n], m[n:], true
}

// SplitRouted parts a message that a ROUTER received, for the reply to it: the
// envelope ends with the first empty frame, or is the routing id alone where
// there is none. The body has no frame at all where nothing follows. Both
// parts are views into m.
func SplitRouted(m Message) (envelope, body Message) {
	n := framing.EnvelopeLen(m)
	if n == 0 {
		n = min(1, len(m))
	}
	return m[:n:n], m[n:]
}

// Join puts an envelope in front of a body. The result has its own list of
// frames and shares their bytes.
func Join(envelope, body Message) Message {
	m := make(Message, 0, len(envelope)+len(body))
	return append(append(m, envelope...), body...)
}
