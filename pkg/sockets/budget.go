package sockets

import (
	"errors"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/queue"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// The accounts are those of internal/queue, and fanOut.checkSubscription for subscriptions;
// here is what a socket does with them. The memory that accepted peers can make a socket hold is bounded for each by the
// high-water marks, and for all together by Options.MaxMemory: one account of what
// comes in, one of what goes out, one of subscriptions (fanOut). A peer's part
// grows only as long as it is no more than what is still free. So those that hold
// much stop first: n of them get at most a part in n+1 each, and one part is left
// for peers that hold little.
//
// A part that may not grow waits, as at a high-water mark: a reader rests, a
// sender waits or drops. Where it cannot wait, because a message half received or
// half sent keeps its memory until it is whole, one peer at a time may exceed the
// account, and peers that keep such memory and hardly move are sent away.

// errHoldsBack is the reason why such a peer is sent away.
var errHoldsBack = errors.New("memory is short, and this peer is slow to send or take the messages that fill it")

// limitMemory opens the accounts, each unless the high-water mark in bytes for its
// direction is off.
func (s *Socket) limitMemory() {
	o := &s.opts
	if o.RecvHWMBytes > 0 {
		s.intake.Open(o.MaxMemory)
	}
	if o.SendHWMBytes > 0 && o.MaxMemory > 0 {
		s.outgoing = queue.NewOutgoing(o.MaxMemory, s.sweepSoon)
	}
}

// hasArrived accounts for what a read of p's connection brought: messages that
// are whole, and memory for one that is not. The socket's lock is held.
func (s *Socket) hasArrived(p *peer, conn *zmtp.Conn, slab *slab.Slab) error {
	var err error
	if p.leaving {
		p.late = nil
		conn.Taken(slab.Count)
		slab.Recycle()
	} else {
		err = s.pattern.arrive(p, slab)
	}
	p.arrives = queue.Gauge{}
	s.intake.Arrived(&p.part, conn.Held(), p.held())
	return err
}

// grow lets a message that arrives from p take size bytes in all. With wait it
// waits until there is memory for it, else it reports whether there is.
func (s *Socket) grow(p *peer, size int, wait bool) (may bool, err error) {
	s.mu.Lock()
	defer s.unlock()
	if !wait {
		return s.intake.Grow(&p.part, size, p.held(), nil), nil
	}
	conn := p.conn
	for !s.intake.Grow(&p.part, size, p.held(), p.release) {
		p.rest = forMemory
		s.sweepSoon()
		s.unlock()
		conn.Pause()
		s.await(p, queue.LookPause)
		conn.Resume()
		s.mu.Lock()
		s.intake.Endure(&p.part)
		if conn.Closed() || s.ctx.Err() != nil {
			return false, net.ErrClosed
		}
	}
	return true, nil
}

// sweepSoon has sweep called in a moment.
func (s *Socket) sweepSoon() {
	if s.sweeping.CompareAndSwap(false, true) {
		time.AfterFunc(queue.LookPause, s.sweep)
	}
}

// sweep checks which peers move, as long as an account is exceeded, and sends away
// the slow ones that have much of it. From the account of what comes in, these are
// also peers whose messages are not taken because they do not read the replies.
func (s *Socket) sweep() {
	s.sweeping.Store(false)
	s.mu.Lock()
	defer s.unlock()
	if s.ctx.Err() != nil {
		return
	}
	in, out := &s.intake, s.outgoing
	over := out != nil && out.Exceeded() && s.row.left != lost
	if !in.Short() && !over {
		return
	}
	s.sweepSoon()
	now := time.Now()
	for p := range s.peers {
		if p.dialed || p.conn == nil {
			continue
		}
		slow, waits := p.out.Slow(now)
		late := in.Short() && (p.holdsBack(now, in.Free()) || slow && p.parked && p.part.Held() >= in.Free()/2)
		if over && slow && waits >= out.Free()/2 || late {
			s.refused.Add(1)
			p.leave(errHoldsBack)
			p.release()
		}
	}
}

// holdsBack reports whether p is slow to send a message that takes much of the
// memory that is free.
func (p *peer) holdsBack(now time.Time, free int) bool {
	if p.part.Arriving() == 0 || p.rest != awake && p.rest != forLease {
		p.arrives = queue.Gauge{}
		return false
	}
	return p.arrives.Slow(now, p.conn.Received()) && p.part.Arriving() >= free/2
}
