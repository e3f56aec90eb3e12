package sockets

import (
	"context"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// What a proxy needs besides Send and Recv: to look before it takes, and to take
// without waiting.

// waitRoom waits until the socket can send a message.
func (s *Socket) waitRoom(ctx context.Context) error {
	if err := s.acquire(ctx, s.sending); err != nil {
		return err
	}
	defer release(s.sending)
	return s.awaitRoom(ctx)
}

// offer sends what can be sent at once; it drops and counts the rest.
func (s *Socket) offer(b *framing.Batch) {
	if s.acquire(s.ctx, s.sending) != nil {
		return
	}
	defer release(s.sending)
	count := b.Len()
	if s.fitAll(b) {
		_ = s.pattern.send(b) // what it does not take is counted here
	}
	s.sent.Add(uint64(count - b.Len()))
	s.countDropped(b.Len())
	b.Reset()
}

// waiting returns the number of messages that wait for the application.
func (s *Socket) waiting() int {
	s.mu.Lock()
	defer s.unlock()
	return s.inboxes()
}

// holdsForOthers reports whether the application has yet to take a message that a
// ROUTER would send on to another peer than the one with this routing id. What is
// behind a full queue is not seen, and may be for any peer.
func (s *Socket) holdsForOthers(routingID []byte) bool {
	s.mu.Lock()
	defer s.unlock()
	for p := range s.peers {
		switch {
		case p.in.Count() == 0:
		case p.rest == forRoom || p.rest == forEnd:
			return true
		case p.id != "": // a ROUTER puts it in front of the peer's messages
			if p.id != string(routingID) {
				return true
			}
		case p.in.HoldsOthers(routingID):
			return true
		}
	}
	return false
}

// inboxes is waiting for callers that hold the socket's lock.
func (s *Socket) inboxes() int {
	n := 0
	for _, p := range s.fair.active[s.fair.first:] {
		n += p.in.Count()
	}
	for p := range s.peers {
		if p.parked {
			n += p.in.Count()
		}
	}
	return n + s.fair.former.count()
}

// tryRecv takes waiting messages, and reports whether there were any.
func (s *Socket) tryRecv(b *framing.Batch) bool {
	b.Reset()
	for {
		s.mu.Lock()
		failed, notice, again := s.closing, false, false
		if !failed {
			var err error
			notice, again, err = s.take(b, takes{})
			failed = err != nil
		}
		discarded := s.discards.take()
		s.unlock()
		switch {
		case discarded != nil:
			s.discarded(discarded)
		case again:
		case failed:
			return false
		case notice:
			return true
		default:
			s.received.Add(uint64(b.Len()))
			return b.Len() > 0
		}
	}
}
