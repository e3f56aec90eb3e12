// Package queue holds the queues between a socket and one of its peers: an Inbox of
// messages that came and an Outbox of messages that are to go, with their
// high-water marks, their pace, and the accounts of what all peers hold together.
// It knows neither sockets nor the network: an Outbox writes to a Conn, and reports
// through the functions that it was opened with.
//
// An Outbox has a lock of its own, which is never held during a write to the
// kernel: looking at it, or queueing something, waits for no writer. Flush, Offer,
// Answer and Online write; Offline, Discard and Clear wait for a write under way
// and close connections. None of these may be called with a lock held that a
// receiver or a reader needs. All others may.
//
// An Inbox and an Intake have no lock: they are guarded by that of their owner.
package queue

// Marks are high-water marks: a number of messages, and of their bytes in wire
// form. 0 sets no limit.
type Marks struct{ Messages, Bytes int }

// reached reports whether l has come to one of the marks.
func (m Marks) reached(l Load) bool {
	return m.Messages > 0 && l.Count >= m.Messages || m.Bytes > 0 && l.Size >= m.Bytes
}

// half reports whether l is no more than half of both marks. A wait for room ends
// only then, or else each message that leaves would wake somebody.
func (m Marks) half(l Load) bool {
	return (m.Messages == 0 || l.Count <= m.Messages/2) && (m.Bytes == 0 || l.Size <= m.Bytes/2)
}

// Load is a number of whole messages, and their bytes in wire form.
type Load struct{ Count, Size int }

// Plus returns the sum of both.
func (l Load) Plus(m Load) Load { return Load{l.Count + m.Count, l.Size + m.Size} }

// Minus returns what is left of l without m.
func (l Load) Minus(m Load) Load { return Load{l.Count - m.Count, l.Size - m.Size} }
