package queue

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// How a long rest of offered messages stays in its memory.

// LongRest is the size from which it pays to leave messages in their memory:
// shorter ones are copied together.
const LongRest = 8 << 10

// Keeper keeps the end of offered messages in memory, as long as they have to wait.
type Keeper interface {
	// Keep returns a slab, which is the caller's from then on, and the part of it
	// that holds rest.
	Keep(rest []byte) (kept *slab.Slab, wire []byte)
}

// ownBuffer keeps the buffer of a batch that has only one taker.
type ownBuffer struct{ batch *framing.Batch }

// Keep implements Keeper.
func (o ownBuffer) Keep(rest []byte) (kept *slab.Slab, wire []byte) {
	kept = slab.New(len(rest))
	kept.Wire = o.batch.Use(kept.Wire, 0)
	return kept, rest
}

// Given is the memory of messages that has only one taker, who keeps it.
type Given []byte

// Keep implements Keeper.
func (g Given) Keep(rest []byte) (kept *slab.Slab, wire []byte) {
	return &slab.Slab{Wire: g}, rest
}

// SharedCopy keeps one copy for all takers of a run of messages.
type SharedCopy struct {
	run  []byte
	slab *slab.Slab // of the copy, once one was needed
}

// Begin sets the run that the takers share until End.
func (s *SharedCopy) Begin(run []byte) { s.run = run }

// Keep implements Keeper.
func (s *SharedCopy) Keep(rest []byte) (kept *slab.Slab, wire []byte) {
	if s.slab == nil {
		s.slab = slab.New(len(s.run))
		s.slab.Wire = append(s.slab.Wire, s.run...)
	}
	wire = s.slab.Wire[len(s.slab.Wire)-len(rest):]
	return s.slab.Share(), wire[:len(wire):len(wire)]
}

// End releases the copy, which its takers may still hold.
func (s *SharedCopy) End() {
	if s.slab != nil {
		s.slab.Recycle()
	}
	s.run, s.slab = nil, nil
}
