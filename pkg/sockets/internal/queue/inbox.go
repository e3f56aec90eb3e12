package queue

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// Inbox is the queue of messages from one peer, in slabs as they were read. The
// zero value is empty.
type Inbox struct {
	slabs []*slab.Slab
	off   int // bytes of the first slab already taken
	begun int // messages within them
	taken int // messages taken since the last Took
	load  Load
	held  int // bytes of memory that they take

	spent *slab.Slab // the last message taken is a view into it

	pace pace
}

// joined is the size up to which small slabs are copied together, so that a
// thousand lone messages do not hold a thousand slabs.
const joined = 64 << 10

// Count returns the number of messages that wait.
func (in *Inbox) Count() int { return in.load.Count }

// Size returns the bytes of the messages that wait, in wire form.
func (in *Inbox) Size() int { return in.load.Size }

// Held returns the bytes of memory that they take.
func (in *Inbox) Held() int { return in.held }

// Add queues a slab, which the inbox owns from here on.
func (in *Inbox) Add(s *slab.Slab) {
	in.load = in.load.Plus(Load{s.Count, len(s.Wire)})
	if last := len(in.slabs) - 1; last >= 0 && len(in.slabs[last].Wire)+len(s.Wire) <= joined {
		joint := in.slabs[last]
		in.held -= cap(joint.Wire)
		joint.Wire = append(joint.Wire, s.Wire...)
		in.held += cap(joint.Wire)
		joint.Count += s.Count
		s.Recycle()
		return
	}
	in.held += cap(s.Wire)
	in.slabs = append(in.slabs, s)
}

// Fit gives up the memory that is free in the slabs: nothing more is added to them.
func (in *Inbox) Fit() {
	for i, s := range in.slabs {
		if free := cap(s.Wire) - len(s.Wire); free <= len(s.Wire)/4 {
			continue
		}
		fitting := &slab.Slab{Wire: bytes.Clone(s.Wire), Count: s.Count}
		in.held += cap(fitting.Wire) - cap(s.Wire)
		in.slabs[i] = fitting
		s.Recycle()
	}
}

// AddMessage queues one message that is not part of a slab.
func (in *Inbox) AddMessage(wire []byte) {
	s := slab.New(len(wire))
	s.Wire, s.Count = append(s.Wire, wire...), 1
	in.Add(s)
}

// KeepNewest drops all messages but the newest.
func (in *Inbox) KeepNewest() {
	for in.load.Count > 1 {
		in.Next()
	}
}

// Full reports whether one of the marks is reached.
func (in *Inbox) Full(m Marks) bool { return m.reached(in.load) }

// Half reports whether no more waits than half of both marks.
func (in *Inbox) Half(m Marks) bool { return m.half(in.load) }

// Next takes the first message. The view lives until the inbox's next change.
func (in *Inbox) Next() []byte {
	in.Settle()
	s := in.slabs[0]
	message, rest := framing.CutMessage(s.Wire[in.off:])
	in.off += len(message)
	in.begun++
	in.taken++
	in.load = in.load.Minus(Load{1, len(message)})
	if len(rest) == 0 {
		in.pop()
		in.spent = s
	}
	return message
}

// Settle gives up the memory of the message that Next returned last, if no other is in
// it: a view of it ends. Otherwise a peer that fell silent would keep its last message's,
// which may be of many megabytes.
func (in *Inbox) Settle() {
	if in.spent != nil {
		in.spent.Recycle()
		in.spent = nil
	}
}

// Yield makes wire, which is the end of the message that Next returned last, the content
// of b, without copying it. It reports whether it did: where that message has so much of
// its memory that it is worth it.
func (in *Inbox) Yield(b *framing.Batch, wire []byte) bool {
	s := in.spent
	if s == nil || len(wire) < LongRest || len(wire) < cap(s.Wire)/2 {
		return false
	}
	whole := s.Wire // all of its memory is to be used again
	s.Wire = b.Use(whole, 1)
	b.Discard(len(whole)-len(wire), 0)
	in.Settle()
	return true
}

// First returns what is left of the first slab.
func (in *Inbox) First() []byte { return in.slabs[0].Wire[in.off:] }

// Ready returns the number of messages that are left of the first slab.
func (in *Inbox) Ready() int { return in.slabs[0].Count - in.begun }

// HoldsOthers reports whether any message begins with another frame than first.
func (in *Inbox) HoldsOthers(first []byte) bool {
	off := in.off
	for _, s := range in.slabs {
		for wire := s.Wire[off:]; len(wire) > 0; {
			if frame, _, _ := framing.CutFrame(wire); !bytes.Equal(frame, first) {
				return true
			}
			_, wire = framing.CutMessage(wire)
		}
		off = 0
	}
	return false
}

// HandOver moves the first slab, or what is left of it, to b without copying it.
func (in *Inbox) HandOver(b *framing.Batch) {
	s, wire, count := in.slabs[0], in.First(), in.Ready()
	in.load = in.load.Minus(Load{count, len(wire)})
	in.taken += count
	in.pop()
	s.Wire = b.Use(wire, count)
	s.Recycle()
}

func (in *Inbox) pop() {
	in.held -= cap(in.slabs[0].Wire)
	last := copy(in.slabs, in.slabs[1:])
	in.slabs[last] = nil
	in.slabs, in.off, in.begun = in.slabs[:last], 0, 0
}

// Took notes that the application took messages, and returns their number since the
// last time.
func (in *Inbox) Took() (count int) {
	in.pace.took()
	count, in.taken = in.taken, 0
	return count
}

// Ahead reports whether the reader should wait for the application.
func (in *Inbox) Ahead() bool { return in.load.Size >= PaceSize && !in.pace.stalled }

// Pace begins such a wait. It ends once Little is true, or InVain, which is asked
// every PaceTime.
func (in *Inbox) Pace() { in.pace.begin() }

// Little reports whether so few bytes wait that a paced reader goes on.
func (in *Inbox) Little() bool { return in.load.Size <= PaceSize/2 }

// InVain reports whether nothing was taken since the last look.
func (in *Inbox) InVain() bool { return in.pace.over() }
