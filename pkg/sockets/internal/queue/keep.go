package queue

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// How a long rest of what is offered stays where it lies.

// LongRest is from where on it pays to leave messages where they are: shorter
// ones are copied together.
const LongRest = 8 << 10

// Keeper keeps the end of what it offers, for as long as it has to wait.
type Keeper interface {
	// Keep returns a slab, which is the caller's from then on, and where in it
	// rest lies.
	Keep(rest []byte) (kept *slab.Slab, wire []byte)
}

// ownBuffer keeps the buffer of a batch that has only one taker.
type ownBuffer struct{ batch *framing.Batch }

// Keep is of Keeper.
func (o ownBuffer) Keep(rest []byte) (kept *slab.Slab, wire []byte) {
	kept = slab.New(len(rest))
	kept.Wire = o.batch.Use(kept.Wire, 0)
	return kept, rest
}

// SharedCopy keeps one copy for all takers of a run of messages.
type SharedCopy struct {
	run  []byte
	slab *slab.Slab // of the copy, once one was needed
}

// Begin is for the takers of run, until End.
func (s *SharedCopy) Begin(run []byte) { s.run = run }

// Keep is of Keeper.
func (s *SharedCopy) Keep(rest []byte) (kept *slab.Slab, wire []byte) {
	if s.slab == nil {
		s.slab = slab.New(len(s.run))
		s.slab.Wire = append(s.slab.Wire, s.run...)
	}
	wire = s.slab.Wire[len(s.slab.Wire)-len(rest):]
	return s.slab.Share(), wire[:len(wire):len(wire)]
}

// End lets go of the copy, which its takers may still hold.
func (s *SharedCopy) End() {
	if s.slab != nil {
		s.slab.Recycle()
	}
	s.run, s.slab = nil, nil
}
