package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

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
