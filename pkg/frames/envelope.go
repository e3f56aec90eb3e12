package frames

// A request carries its way back in front: routing ids, then an empty frame,
// the delimiter (RFC 28). The FIRST empty frame is the delimiter; whatever
// follows is the body, further empty frames included. Only this file knows that.

// Split parts m behind its first empty frame. The envelope ends with that
// delimiter; a REQ's consists of it alone. ok is false where m has no empty
// frame, or where nothing follows it: such a message has no body to answer.
// Both parts are views into m.
func Split(m Message) (envelope, body Message, ok bool) {
	n := envelopeLen(m)
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
	n := envelopeLen(m)
	if n == 0 {
		n = 1
	}
	return m[:n:n], m[n:]
}

// Join puts an envelope in front of a body. The result has its own list of
// frames and shares their bytes.
func Join(envelope, body Message) Message {
	m := make(Message, 0, len(envelope)+len(body))
	return append(append(m, envelope...), body...)
}

// SplitWire is Split for one message in wire form. The envelope followed by a
// body in wire form is a message again. Both parts are views into message.
func SplitWire(message []byte) (envelope, body []byte, ok bool) {
	for rest, more := message, true; more; {
		var frame []byte
		frame, more, rest = CutFrame(rest)
		if len(frame) == 0 {
			if !more {
				return nil, nil, false
			}
			n := len(message) - len(rest)
			return message[:n:n], rest, true
		}
	}
	return nil, nil, false
}

// SplitRoutedWire is SplitRouted for one message in wire form. Both parts are
// views into message; body is empty where it has no frame.
func SplitRoutedWire(message []byte) (envelope, body []byte) {
	alone := 0 // the length of the routing id
	for rest, more := message, true; more; {
		var frame []byte
		frame, more, rest = CutFrame(rest)
		n := len(message) - len(rest)
		if alone == 0 {
			alone = n
		}
		if len(frame) == 0 {
			return message[:n:n], rest
		}
	}
	return message[:alone:alone], message[alone:]
}

// envelopeLen is the number of frames through the first empty one, 0 where
// there is none.
func envelopeLen(m Message) int {
	for i, frame := range m {
		if len(frame) == 0 {
			return i + 1
		}
	}
	return 0
}
