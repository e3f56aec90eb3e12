package queue

import (
	"time"
)

// The room in an outbox, and who is woken when there is some.

// unsent returns the load that has not been written, plus the replies that are
// owed. What is being handed to the kernel counts as written: a peer may have it,
// and act on it, before the write returns.
func (o *Outbox) unsent() Load { return o.held.Minus(o.left).Plus(o.owed) }

// marks returns the high-water marks for a sender.
func (o *Outbox) marks() Marks {
	m := o.settings.Marks
	if o.policy.Twice {
		return Marks{2 * m.Messages, 2 * m.Bytes}
	}
	return m
}

// allows reports whether the account lets the queue have size bytes.
func (o *Outbox) allows(size int) bool {
	return o.settings.Account == nil || o.settings.Account.Allows(size)
}

// below reports whether l is below both marks, and within the account. So one
// message may exceed the mark in bytes, and always fits an empty queue.
func (o *Outbox) below(l Load, m Marks) bool {
	return l.Count == 0 || !m.reached(l) && o.allows(l.Size)
}

// fits reports whether there is room for one more message.
func (o *Outbox) fits() bool {
	return o.settings.Conflate || o.below(o.unsent(), o.marks())
}

// fitsAll reports whether count messages of size bytes in all do not exceed a
// mark together.
func (o *Outbox) fitsAll(size, count int) bool {
	if o.settings.Conflate || count <= 1 {
		return count == 0 || o.fits()
	}
	m, l := o.marks(), o.unsent().Plus(Load{count, size})
	return (m.Messages == 0 || l.Count <= m.Messages) && (m.Bytes == 0 || l.Size <= m.Bytes) && o.allows(l.Size)
}

// takesAll reports whether all of count messages are taken, of size bytes in all. Who
// may not drop has asked for Room, and is held to the answer no more than o is: a write
// that was under way then may have been refused since, and only by as much as it was of
// may the marks be exceeded.
func (o *Outbox) takesAll(size, count int) bool {
	return o.policy.Paced && !o.policy.Reoffered || o.fitsAll(size, count)
}

// spareFull reports whether what can wait elsewhere finds no room.
func (o *Outbox) spareFull(l Load) bool {
	return l.Count > 0 && (l.Size >= PaceSize || !o.marks().half(l) || !o.allows(l.Size))
}

// spareWake calls the function of SpareWith where there is room for more than one
// message that can wait elsewhere, or never will be.
func (o *Outbox) spareWake() {
	if l := o.unsent(); o.closed || o.lame || l.Size <= PaceSize/2 && o.marks().half(l.Plus(l)) {
		o.sparing = false
		o.spared()
	}
}

// SpareWith sets what is called once QueueSpare may find room again.
func (o *Outbox) SpareWith(spared func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spared = spared
}

// changed keeps crowded up to date, and calls Freed if that was asked for.
func (o *Outbox) changed() {
	if o.sparing {
		o.spareWake()
	}
	if o.settings.Freed == nil {
		return
	}
	l, gone := o.unsent(), o.closed || o.lame
	if crowded := !gone && !o.settings.Conflate && !o.below(l, o.settings.Marks); crowded != o.crowded.Load() {
		o.crowded.Store(crowded)
	}
	if (gone || o.settings.Marks.half(l)) && o.awaited.CompareAndSwap(true, false) {
		o.settings.Freed()
	}
}

// Crowded reports whether there is no room for a reply.
func (o *Outbox) Crowded() bool { return o.crowded.Load() }

// AwaitRoom makes o call Freed when there is room again, and reports whether there
// is none now.
func (o *Outbox) AwaitRoom() bool {
	o.awaited.Store(true)
	return o.crowded.Load() || !o.awaited.CompareAndSwap(true, false)
}

// tell wakes the sender that waits for this outbox, once it is half empty or all
// empty, or once there is room and nothing is taken for a moment.
func (o *Outbox) tell() {
	o.changed()
	l := o.unsent()
	switch {
	case o.notify == whenRoom && o.pace.waits && l.Size > PaceSize/2:
		return
	case o.notify == whenRoom && o.marks().half(l):
	case o.notify == whenEmpty && len(o.queue) == 0 && len(o.control) == 0 && !o.writing:
	case o.notify == whenRoom && !o.pace.waits && o.fits():
		o.beginPace() // a peer that takes no more leaves it with less than half
		return
	default:
		return
	}
	o.notify = noNotice
	o.pace.waits = false
	o.settings.Wake()
}

// RoomFor reports whether there is room for a message. If not, the caller is woken
// when there is.
func (o *Outbox) RoomFor() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || !o.lame && o.fits() && !o.ahead() {
		return true
	}
	o.notify = whenRoom
	o.waitPaced()
	return false
}

// Waiting is the number of messages that the kernel has not taken whole.
func (o *Outbox) Waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held.Count - o.left.Count
}

// Unreachable reports whether nothing that is sent will arrive.
func (o *Outbox) Unreachable() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed || o.lame
}

// Drained reports whether everything is written. If not, the caller is woken when
// it is.
func (o *Outbox) Drained() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.lame || len(o.queue) == 0 && !o.writing && len(o.control) == 0 {
		return true
	}
	if len(o.queue) == 0 && o.conn == nil {
		return true // commands without a connection
	}
	o.notify = whenEmpty
	return false
}

// Progress returns the number of bytes that went out on the connection, and the
// number of messages in all.
func (o *Outbox) Progress() (sent, taken int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn != nil {
		sent = o.conn.Sent()
	}
	return sent, o.taken
}

// Slow reports whether the peer is slow to take what waits for it, and the size of
// that in bytes.
func (o *Outbox) Slow(now time.Time) (slow bool, waits int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held.Size == 0 || o.conn == nil {
		o.moves = Gauge{}
		return false, 0
	}
	return o.moves.Slow(now, o.conn.Sent()), int64(o.held.Size)
}
