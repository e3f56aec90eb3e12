package queue

import (
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// How messages come into an outbox. What the kernel takes at once passes through.
// Of the rest, a long one stays in its memory, and a short one is copied.

// Offer takes as many messages off the front of wire, which holds count whole
// messages, as there is room for, and returns their bytes and number. What fits is
// written at once. With from, a long rest waits in its own memory.
func (o *Outbox) Offer(wire []byte, count int, from Keeper) (size, taken int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.takes() {
		return 0, 0
	}
	size, taken, off := o.pass(wire, count)
	if taken < count && !o.closed && !o.lame {
		n, more := o.queueFront(wire[size:], count-taken, off, from)
		size, taken = size+n, taken+more
	}
	o.write()
	return size, taken
}

// OfferAll is Offer for a sender that found room in several outboxes at once (Room,
// RoomFor) and may drop nothing: all count messages are taken, though there may be less
// room by now, since a write that was under way took nothing, or others use the memory.
// It reports false where the peer is gone.
func (o *Outbox) OfferAll(wire []byte, count int, from Keeper) (taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.lame {
		return false
	}
	size, n, off := o.pass(wire, count)
	if n < count && !o.closed && !o.lame {
		o.queueRest(wire[size:], count-n, off, from)
	}
	o.write()
	return true
}

// QueueAll is OfferAll without writing anything yet: a Flush follows.
func (o *Outbox) QueueAll(wire []byte, count int, from Keeper) (taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.lame {
		return false
	}
	o.queueRest(wire, count, 0, from)
	return true
}

// takes reports whether offered messages may be taken at all.
func (o *Outbox) takes() bool {
	return !o.closed && !o.lame && (!o.policy.Reoffered || !o.ahead())
}

// queueFront queues as many of the count messages in rest as there is room for, and
// returns their bytes and number. The first off bytes of rest are written already.
func (o *Outbox) queueFront(rest []byte, count, off int, from Keeper) (size, taken int) {
	if off > 0 || o.fitsAll(len(rest), count) {
		size, taken = len(rest), count
		if off > 0 && !o.fitsAll(size, taken) {
			message, _ := framing.CutMessage(rest)
			size, taken = len(message), 1
		}
		if size < len(rest) {
			from = nil
		}
		o.queueRest(rest[:size], taken, off, from)
	}
	for taken < count && o.fits() {
		message, _ := framing.CutMessage(rest[size:])
		o.append(message, 1)
		size += len(message)
		taken++
	}
	return size, taken
}

// pass gives messages to the kernel if none are queued, and returns the number that
// it took whole, their bytes, and the bytes that it took of the next one. Other
// goroutines may have queued something by then.
func (o *Outbox) pass(wire []byte, count int) (size, taken, off int) {
	if !o.idle() || o.settings.Conflate {
		return 0, 0, 0
	}
	conn := o.conn
	watch := o.settings.Watch
	if watch != nil {
		watch.Sending(wire, count)
	}
	n, err := o.give(conn, wire, nil)
	if n == len(wire) {
		size, taken = n, count
	} else {
		size, taken = framing.Whole(wire, n)
	}
	if watch != nil {
		watch.Sent(wire, count, taken)
	}
	o.taken += int64(taken)
	switch {
	case o.conn != conn: // the peer drops its half
		return size, taken, 0
	case err != nil:
		o.fail()
		return size, taken, 0
	}
	return size, taken, n - size
}

// PassSize is about what one write(2) takes on tcp, in bytes.
const PassSize = chunkSize

// passes reports whether the kernel, which has all that came before, is likely to take
// size bytes of messages at once, however many they are. Should it not, the rest waits
// beyond the mark in messages: no more than one write, of which all takers share a copy.
// A thousand messages of 16 bytes at a time cost the two kernels twice as much as 65,000
// bytes at a time (pub to 10 sub, scripts/bench).
func (o *Outbox) passes(size int) bool {
	m := o.settings.Marks
	return size <= PassSize && o.idle() && !o.local && !o.settings.Conflate &&
		(m.Bytes == 0 || size <= m.Bytes) && o.allows(size)
}

// Answer takes the reply to a message that the application had in hand, for which
// owed was counted; there always is room for it. With from, a long rest waits in its own
// memory. It reports whether the reply can still arrive.
func (o *Outbox) Answer(wire []byte, count int, owed Load, from Keeper) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.owed = o.owed.Minus(owed)
	defer o.tell()
	if o.closed || o.lame {
		return false
	}
	if size, taken, off := o.pass(wire, count); taken < count {
		o.queueRest(wire[size:], count-taken, off, from)
	}
	o.write()
	return true
}

// Owe counts replies that are yet to come, each as large as its message: to as many
// of the first most messages in wire as there is room for. It returns their number.
func (o *Outbox) Owe(wire []byte, most int) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ; len(wire) > 0 && n < most; n++ {
		if !o.closed && !o.lame && !o.settings.Conflate && !o.below(o.unsent(), o.settings.Marks) {
			break
		}
		message, rest := framing.CutMessage(wire)
		o.owed, wire = o.owed.Plus(Load{1, len(message)}), rest
	}
	o.changed()
	return n
}

// Waive takes back what Owe counted.
func (o *Outbox) Waive(owed Load) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.owed = o.owed.Minus(owed)
	o.tell()
}

// queueRest queues messages of which off bytes are written: in front of all others
// if off is not 0.
func (o *Outbox) queueRest(wire []byte, count, off int, from Keeper) {
	long := from != nil && len(wire) >= LongRest && !o.settings.Conflate
	if off == 0 && !long {
		o.append(wire, count)
		return
	}
	o.watch(wire, count)
	var c chunk
	if long {
		c.slab, c.wire = from.Keep(wire)
		c.count = count
		o.charge(c.slab)
	} else {
		c = o.newChunk(wire, count, chunkSize)
	}
	if c.off = off; off > 0 {
		o.queue = slices.Insert(o.queue, 0, c)
	} else {
		o.queue = append(o.queue, c)
	}
	o.held = o.held.Plus(Load{count, len(wire)})
	o.changed()
}

// Put queues as many of count messages as there is room for, without writing them
// yet, and returns their number.
func (o *Outbox) Put(wire []byte, count int) (taken int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.takes() {
		return 0
	}
	if !o.fitsAll(len(wire), count) {
		o.write() // the queued messages may only wait for the end of their batch
	}
	return o.queueAll(wire, count)
}

// PutBodies is Put for messages that are sent without their first bytes, which are equal.
func (o *Outbox) PutBodies(wire []byte, first, count int) (taken int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.takes() {
		return 0
	}
	size := len(wire) - first*count
	if !o.fitsAll(size, count) {
		o.write() // as in Put
	}
	if count > 1 && !o.settings.Conflate && !o.closed && !o.lame && o.fitsAll(size, count) {
		o.appendBodies(wire, first, count)
		return count
	}
	for taken < count && !o.closed && !o.lame && o.fits() {
		message, rest := framing.CutMessage(wire)
		o.append(message[first:], 1)
		wire = rest
		taken++
	}
	return taken
}

// Queue is Put for one message that a Flush always follows, so that nothing is
// written here.
func (o *Outbox) Queue(message []byte) (taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.takes() && o.queueAll(message, 1) == 1
}

// QueueFrom is Queue for a message that waits in the memory of from, where it is long.
func (o *Outbox) QueueFrom(message []byte, from Keeper) (taken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.takes() || !o.fits() {
		return false
	}
	o.queueRest(message, 1, 0, from)
	return true
}

// QueueSpare is Queue for a message that can as well wait elsewhere: it leaves half
// of the marks, and more where their bytes are many, to those that cannot. Where it is
// not taken, the function of SpareWith is called once there is room again; gone says
// that there never will be.
func (o *Outbox) QueueSpare(message []byte) (taken, gone bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.lame {
		return false, true
	}
	if o.spareFull(o.unsent()) {
		o.sparing = true
		return false, false
	}
	o.append(message, 1)
	return true, false
}

// queueAll queues as many of count messages as there is room for.
func (o *Outbox) queueAll(wire []byte, count int) (taken int) {
	if o.closed || o.lame {
		return 0
	}
	if o.fitsAll(len(wire), count) {
		o.append(wire, count)
		return count
	}
	for taken < count && o.fits() {
		message, rest := framing.CutMessage(wire)
		o.append(message, 1)
		wire = rest
		taken++
	}
	return taken
}

// Room returns how many of count messages there is room for, and takes none of
// them: OfferAll, which comes now, and QueueAll do.
func (o *Outbox) Room(wire []byte, count int, now bool) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed, o.lame:
		return count
	case o.ahead():
		return 0
	case o.fitsAll(len(wire), count), now && o.passes(len(wire)):
		return count
	}
	m, l := o.marks(), o.unsent()
	if most := m.Messages - l.Count; m.Messages > 0 && 0 < most && most < count && o.fitsAll(len(wire), most) {
		return most // whichever they are; to look at each took a third of a publisher's time
	}
	for n := 0; ; n++ {
		if n == count || !o.settings.Conflate && !o.below(l, m) {
			return n
		}
		message, rest := framing.CutMessage(wire)
		l, wire = l.Plus(Load{1, len(message)}), rest
	}
}

// OfferBatch offers the messages of b and takes off b those that were accepted.
// Where a long rest has to wait, it keeps b's buffer and gives b another one.
func (o *Outbox) OfferBatch(b *framing.Batch) {
	size, count := o.Offer(b.Wire(), b.Len(), ownBuffer{b})
	if b.Len() > 0 { // else its buffer is gone
		b.Discard(size, count)
	}
}
