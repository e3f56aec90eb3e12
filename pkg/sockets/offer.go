package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// How messages come into an outbox. What the kernel takes at once passes through;
// a long rest stays in the memory where it lies, a short one is copied.

// offer takes as many messages off the front of wire, which holds count whole
// messages, as there is room for, and returns their bytes and number. What fits
// is written at once. With from, a long rest waits where it lies.
func (o *outbox) offer(wire []byte, count int, from keeper) (size, taken int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.lame || o.reoffered && o.ahead() {
		return 0, 0
	}
	size, taken, off := o.pass(wire, count)
	if taken == count {
		return size, taken
	}
	if rest := wire[size:]; off > 0 || o.fitsAll(len(rest), count-taken) {
		end, left := len(rest), count-taken
		if off > 0 && !o.fitsAll(end, left) {
			message, _ := frames.CutMessage(rest)
			end, left = len(message), 1
		}
		if end < len(rest) {
			from = nil
		}
		o.queueRest(rest[:end], left, off, from)
		size, taken = size+end, taken+left
	}
	for taken < count && o.fits() {
		message, _ := frames.CutMessage(wire[size:])
		o.append(message, 1)
		size += len(message)
		taken++
	}
	o.write()
	return size, taken
}

// pass gives messages to a kernel that nothing waits for, and returns how many it
// took whole, their bytes, and how many bytes of the one behind them.
func (o *outbox) pass(wire []byte, count int) (size, taken, off int) {
	if !o.idle() || o.conflate {
		return 0, 0, 0
	}
	n, err := o.conn.TryWrite(wire)
	if n == len(wire) {
		size, taken = n, count
	} else {
		size, taken = wholeMessages(wire, n)
	}
	o.taken += int64(taken)
	if err != nil {
		o.fail()
		return size, taken, 0 // the peer drops its half
	}
	return size, taken, n - size
}

// answer takes the reply to a message that the application had in hand, which
// owed stands for; there always is room for it. It reports whether the reply can
// still arrive.
func (o *outbox) answer(wire []byte, count int, owed load) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.owed = o.owed.minus(owed)
	defer o.tell()
	if o.closed || o.lame {
		return false
	}
	if size, taken, off := o.pass(wire, count); taken < count {
		o.queueRest(wire[size:], count-taken, off, nil)
		o.write()
	}
	return true
}

// owe counts replies that are yet to come: to as many of the messages in wire, at
// most most, as there is room for the replies to, each as large as its message.
func (o *outbox) owe(wire []byte, most int) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ; len(wire) > 0 && n < most; n++ {
		if !o.closed && !o.lame && !o.conflate && !o.below(o.unsent(), o.hwm, o.hwmBytes) {
			break
		}
		message, rest := frames.CutMessage(wire)
		o.owed, wire = o.owed.plus(load{1, len(message)}), rest
	}
	o.changed()
	return n
}

// wholeMessages is how many messages the first n bytes of wire hold, and their
// bytes.
func wholeMessages(wire []byte, n int) (size, count int) {
	for size < n {
		message, _ := frames.CutMessage(wire[size:])
		if size+len(message) > n {
			break
		}
		size += len(message)
		count++
	}
	return size, count
}

// longRest is from where on it pays to leave messages where they are: shorter
// ones are copied together.
const longRest = 8 << 10

// keeper keeps the end of what it offers, for as long as it has to wait.
type keeper interface {
	// keep returns a slab, which is the caller's from then on, and where in it
	// rest lies.
	keep(rest []byte) (kept *slab.Slab, wire []byte)
}

// queueRest queues messages of which off bytes are written.
func (o *outbox) queueRest(wire []byte, count, off int, from keeper) {
	long := from != nil && len(wire) >= longRest && !o.conflate
	if off == 0 && !long {
		o.append(wire, count)
		return
	}
	var c chunk
	if long {
		c.slab, c.wire = from.keep(wire)
		c.count = count
		o.account.charge(c.slab)
	} else {
		c = o.newChunk(wire, count, chunkSize)
	}
	c.off = off
	o.queue = append(o.queue, c)
	o.held = o.held.plus(load{count, len(wire)})
	o.changed()
}

// put queues as many of count messages as there is room for, without writing
// them yet, and returns how many that were.
func (o *outbox) put(wire []byte, count int) (taken int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.lame || o.reoffered && o.ahead() {
		return 0
	}
	if !o.fitsAll(len(wire), count) {
		o.write() // what waits may only be waiting for the end of a batch
	}
	if o.fitsAll(len(wire), count) {
		o.append(wire, count)
		return count
	}
	for taken < count && o.fits() {
		message, rest := frames.CutMessage(wire)
		o.append(message, 1)
		wire = rest
		taken++
	}
	return taken
}

// room is how many of count messages there is room for, none of which is taken.
func (o *outbox) room(wire []byte, count int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed, o.lame:
		return count
	case o.ahead():
		return 0
	case o.fitsAll(len(wire), count):
		return count
	}
	hwm, hwmBytes := o.marks()
	for n, l := 0, o.unsent(); ; n++ {
		if n == count || !o.conflate && !o.below(l, hwm, hwmBytes) {
			return n
		}
		message, rest := frames.CutMessage(wire)
		l, wire = l.plus(load{1, len(message)}), rest
	}
}

// offerBatch offers the messages of b and takes off b what was accepted. Where
// a long rest has to wait, it keeps b's buffer and gives b another one.
func (o *outbox) offerBatch(b *frames.Batch) {
	size, count := o.offer(b.Wire(), b.Len(), ownBuffer{b})
	if b.Len() > 0 { // else its buffer is gone
		b.Discard(size, count)
	}
}

// ownBuffer keeps the buffer of a batch that has only one taker.
type ownBuffer struct{ batch *frames.Batch }

func (o ownBuffer) keep(rest []byte) (kept *slab.Slab, wire []byte) {
	kept = slab.New(len(rest))
	kept.Wire = o.batch.Use(kept.Wire, 0)
	return kept, rest
}

// sharedCopy keeps one copy for all takers of a run of messages.
type sharedCopy struct {
	run  []byte
	slab *slab.Slab // of the copy, once one was needed
}

func (s *sharedCopy) keep(rest []byte) (kept *slab.Slab, wire []byte) {
	if s.slab == nil {
		s.slab = slab.New(len(s.run))
		s.slab.Wire = append(s.slab.Wire, s.run...)
	}
	wire = s.slab.Wire[len(s.slab.Wire)-len(rest):]
	return s.slab.Share(), wire[:len(wire):len(wire)]
}

// end lets go of the copy, which its takers may still hold.
func (s *sharedCopy) end() {
	if s.slab != nil {
		s.slab.Recycle()
	}
	s.run, s.slab = nil, nil
}
