package sockets

import (
	"context"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// partingTime is the longest that Close waits for the peers' kernels to confirm
// what the system already took.
const partingTime = time.Second

// partingFirst and partingPoll are the first and the longest pause between two looks
// at them. On loopback the first finds all there; a millisecond of pause is half of a
// request that a shell makes.
const (
	partingFirst = 50 * time.Microsecond
	partingPoll  = 20 * time.Millisecond
)

// Close ends the socket: it stops accepting, waits for the linger until what
// is queued has left, and ends all goroutines. It returns *UnsentError if
// something was left, and ErrClosed the second time. A Send or Recv that waits
// fails with ErrClosed.
func (s *Socket) Close() error { return s.CloseContext(context.Background()) }

// CloseContext is Close, but gives up what is queued once ctx is done.
func (s *Socket) CloseContext(ctx context.Context) error {
	if ctx = orBackground(ctx); !s.beginClose() {
		return ErrClosed
	}
	if linger := s.opts.Linger; linger != 0 {
		if linger > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, linger)
			defer cancel()
		}
		s.drain(ctx)
		s.partFrom(ctx, s.conns)
	}
	left := s.giveUpAll()
	s.cancel()
	s.tasks.Wait()
	s.report(Event{Kind: EventMonitorStopped})
	s.watchers.end()
	if left > 0 {
		return &UnsentError{Messages: left}
	}
	return nil
}

// giveUpAll drops what is queued for peers, and returns the number of messages,
// without those for peers that had left before.
func (s *Socket) giveUpAll() (left int) {
	var here []*peer
	s.mu.Lock()
	for p := range s.peers {
		if p.out.Unreachable() {
			s.abandon(p)
			continue
		}
		left += s.unfed(p)
		p.counted = true
		p.out.Close()
		here = append(here, p)
	}
	s.unlock()
	for _, p := range here {
		left += p.out.Clear()
	}
	return left
}

// beginClose stops everything that would bring in more.
func (s *Socket) beginClose() bool {
	s.mu.Lock()
	if s.dead() {
		s.unlock()
		return false
	}
	s.closing = true
	listeners := s.listeners
	for p := range s.peers {
		p.release()
	}
	close(s.closed)
	s.endLease()
	s.recall()
	s.changed()
	s.unlock()
	s.sending <- struct{}{} // for good: from here on only Close waits for room
	for _, l := range listeners {
		endpoint := l.Endpoint()
		s.report(Event{Kind: EventClosed, Endpoint: endpoint, Err: l.Close()})
	}
	return true
}

// drain waits until every queue is empty or ctx is done.
func (s *Socket) drain(ctx context.Context) {
	for !s.drained() {
		select {
		case <-s.room:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Socket) drained() bool {
	s.mu.Lock()
	defer s.unlock()
	all := true
	for p := range s.peers {
		if !p.out.Drained() || p.feeding {
			all = false
		}
	}
	return all
}

// conns returns the connections that are up.
func (s *Socket) conns() []*zmtp.Conn {
	s.mu.Lock()
	defer s.unlock()
	var conns []*zmtp.Conn
	for p := range s.peers {
		if p.conn != nil {
			conns = append(conns, p.conn)
		}
	}
	return conns
}
