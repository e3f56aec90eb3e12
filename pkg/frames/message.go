package frames

// Message is one multipart message: its frames in order, at least one.
// A frame is any byte string, the empty one included.
type Message [][]byte

// Size is the sum of the lengths of the frames in bytes.
func (m Message) Size() int {
	n := 0
	for _, frame := range m {
		n += len(frame)
	}
	return n
}

// Clone copies m, so that the copy shares no memory with it.
func (m Message) Clone() Message {
	body := make([]byte, 0, m.Size())
	c := make(Message, len(m))
	for i, frame := range m {
		at := len(body)
		body = append(body, frame...)
		c[i] = body[at:len(body):len(body)]
	}
	return c
}

// Strings makes a message with one frame for each string.
func Strings(frames ...string) Message {
	m := make(Message, len(frames))
	for i, f := range frames {
		m[i] = []byte(f)
	}
	return m
}
