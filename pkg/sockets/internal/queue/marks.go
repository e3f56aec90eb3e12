package queue

// Marks are high-water marks: a number of messages, and of their bytes in wire
// form. 0 sets no limit.
type Marks struct{ Messages, Bytes int }

// reached reports whether l has come to one of the marks.
func (m Marks) reached(l Load) bool {
	return m.Messages > 0 && l.Count >= m.Messages || m.Bytes > 0 && l.Size >= m.Bytes
}

// half reports whether l is no more than half of both marks. A wait for room ends
// then, or once nothing more leaves, or else each message that does would wake
// somebody.
func (m Marks) half(l Load) bool {
	return (m.Messages == 0 || l.Count <= m.Messages/2) && (m.Bytes == 0 || l.Size <= m.Bytes/2)
}

// Load is a number of whole messages, and their bytes in wire form.
type Load struct{ Count, Size int }

// Plus returns the sum of both.
func (l Load) Plus(m Load) Load { return Load{l.Count + m.Count, l.Size + m.Size} }

// Minus returns what is left of l without m.
func (l Load) Minus(m Load) Load { return Load{l.Count - m.Count, l.Size - m.Size} }
