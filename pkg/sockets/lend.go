package sockets

import (
	"context"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// lender is a pattern that can pass a long message to the kernel out of the sender's
// memory.
type lender interface {
	// sole returns the only peer that may get a message, nil where there are none or
	// several.
	sole() *peer
}

// Of a message that is lent, the beginning is copied behind its header, so that no write
// is a small one.
const (
	lentSize  = 128 << 10 // of the last frame, in bytes
	lentFront = 16 << 10  // of the copy, or a header more
)

// sendLent sends m out of the caller's memory, if it is long and its peer can have it so,
// and reports whether it did. To copy a message of 1 MiB and have a goroutine write the
// copy doubles what its sender costs, and takes a third off the rate; at 64 KiB, which
// the caches hold, nothing is gained (push to pull over ipc, scripts/bench).
func (s *Socket) sendLent(ctx context.Context, m frames.Message) (sent bool) {
	l, ok := s.pattern.(lender)
	last := len(m) - 1
	if !ok || s.row.unfit != nil || len(m[last]) < lentSize || m[:last].Size()+last*framing.MaxHeader > lentFront {
		return false
	}
	s.mu.Lock()
	p := l.sole()
	s.unlock()
	if p == nil {
		return false
	}
	front := s.lone.Buffer()[:0]
	for _, frame := range m[:last] {
		front = framing.AppendFrame(front, frame, true)
	}
	front = framing.AppendHeader(front, 0, len(m[last]))
	n := max(lentFront-len(front), 0)
	front = append(front, m[last][:n]...)
	s.lone.SetBuffer(front[:0], 0)
	over := func() bool {
		select {
		case <-ctx.Done():
		case <-s.closed:
		default:
			return false
		}
		return true
	}
	if !p.out.OfferLent(queue.Lent{Front: front, Tail: m[last][n:]}, over) {
		return false
	}
	s.sent.Add(1)
	return true
}
