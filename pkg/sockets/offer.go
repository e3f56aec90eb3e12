package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// How messages come into an outbox. What the kernel takes at once passes through;
// a long rest stays in the memory where it lies, a short one is copied.

// offer takes as many messages off the front of wire, which holds count whole
// messages, as there is room for, and returns their bytes and number. What fits
// is written at once. With from, a long rest waits where it lies.
func (o *outbox) offer(wire []byte, count int, from keeper) (size, taken int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.reoffered && o.ahead() {
		return 0, 0
	}
	off := 0 // bytes written of the first message that is left
	if o.idle() && !o.conflate {
		n, err := o.conn.TryWrite(wire)
		if err != nil {
			o.lost()
		}
		if n == len(wire) {
			return n, count
		}
		size, taken = wholeMessages(wire, n)
		if off = n - size; err != nil {
			off = 0 // the peer drops its half
		}
	}
	if rest := wire[size:]; off > 0 || o.fits(len(rest), count-taken) {
		end, left := len(rest), count-taken
		if off > 0 && !o.fits(end, left) {
			message, _ := frames.CutMessage(rest)
			end, left = len(message), 1
		}
		if end < len(rest) {
			from = nil
		}
		o.queueRest(rest[:end], left, off, from)
		size, taken = size+end, taken+left
	}
	for taken < count {
		message, _ := frames.CutMessage(wire[size:])
		if !o.fits(len(message), 1) {
			break
		}
		o.append(message, 1)
		size += len(message)
		taken++
	}
	o.write()
	return size, taken
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
	keep(rest []byte) (slab *zmtp.Slab, wire []byte)
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
	o.count += count
	o.size += len(wire)
}

// put queues as many of count messages as there is room for, without writing
// them yet, and returns how many that were.
func (o *outbox) put(wire []byte, count int) (taken int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.reoffered && o.ahead() {
		return 0
	}
	if !o.fits(len(wire), count) {
		o.write() // what waits may only be waiting for the end of a batch
	}
	if o.fits(len(wire), count) {
		o.append(wire, count)
		return count
	}
	for taken < count {
		message, rest := frames.CutMessage(wire)
		if !o.fits(len(message), 1) {
			break
		}
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
	case o.closed:
		return count
	case o.ahead():
		return 0
	case o.fits(len(wire), count):
		return count
	case o.hwm > 0 && o.count < o.hwm && (o.hwmBytes == 0 || o.size+len(wire) <= o.hwmBytes) &&
		o.account.allows(o.size+len(wire)):
		return min(count, o.hwm-o.count)
	}
	n, size := 0, 0
	for n < count {
		message, rest := frames.CutMessage(wire)
		if size += len(message); !o.fits(size, n+1) {
			break
		}
		wire = rest
		n++
	}
	return n
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

func (o ownBuffer) keep(rest []byte) (slab *zmtp.Slab, wire []byte) {
	slab = zmtp.NewSlab(len(rest))
	slab.Wire = o.batch.Use(slab.Wire, 0)
	return slab, rest
}

// sharedCopy keeps one copy for all takers of a run of messages.
type sharedCopy struct {
	run  []byte
	slab *zmtp.Slab // of the copy, once one was needed
}

func (s *sharedCopy) keep(rest []byte) (slab *zmtp.Slab, wire []byte) {
	if s.slab == nil {
		s.slab = zmtp.NewSlab(len(s.run))
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
