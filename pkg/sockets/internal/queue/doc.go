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
