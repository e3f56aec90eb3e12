package framing

// A request carries its way back in front: routing ids, then an empty frame,
// the delimiter (RFC 28). The FIRST empty frame is the delimiter; whatever follows
// is the body, further empty frames included.

// EnvelopeLen is the number of frames through the first empty one, 0 where there
// is none.
func EnvelopeLen(m [][]byte) int {
	for i, frame := range m {
		if len(frame) == 0 {
			return i + 1
		}
	}
	return 0
}

// Split parts a message in wire form after its first empty frame, as frames.Split
// does. The envelope followed by a body in wire form is a message again. Both parts
// are views into message.
func Split(message []byte) (envelope, body []byte, ok bool) {
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
