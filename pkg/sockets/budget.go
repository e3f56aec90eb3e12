package sockets

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// What the peers that a socket accepted can make it hold is bounded for each by
// the high-water marks, and for all together by Options.MaxMemory: one account of
// what comes in, one of what goes out, one of subscriptions (fanOut). A peer's
// part grows only as long as it is no more than what is still free. So those
// that hold much stop first: n of them get at most a part in n+1 each, and one
// part is left for peers that hold little.
//
// A part that may not grow waits, as at a high-water mark: a reader rests, a
// sender waits or drops. Where it cannot wait, since a message half received or
// half sent keeps its place until it is whole, one peer at a time may exceed the
// account, and peers that keep such places and hardly move are sent away.

// errHoldsBack is why such a peer has to go.
var errHoldsBack = errors.New("memory is short, and this peer is the slowest to send or take the messages that it takes memory for")

const (
	// slowest is how fast a peer moves that stays, in bytes a second.
	slowest = 32 << 10
	// sweepPause is the time over which that is measured. Progress is seen in steps
	// of up to 64 KiB.
	sweepPause = time.Second
)

// limitMemory opens the accounts. Who wants queues without a mark gets them.
func (s *Socket) limitMemory() {
	o := &s.opts
	if o.RecvHWMBytes > 0 {
		s.incoming.limit = o.MaxMemory
	}
	if o.SendHWMBytes > 0 && o.MaxMemory > 0 {
		s.outgoing = &outgoing{limit: int64(o.MaxMemory), over: s.sweepSoon}
	}
}

// incoming is the account of what comes in. The socket's lock guards it.
type incoming struct {
	limit   int           // 0: none
	held    int           // bytes
	queued  int           // of them of whole messages
	exempt  *peer         // who may exceed it
	waiters int           // readers that wait for room
	relief  chan struct{} // closed when there may be some
}

// account brings p's part up to date. The socket's lock is held.
func (s *Socket) account(p *peer) {
	in := &s.incoming
	queued, held := p.in.held-p.queued, p.in.held+p.arriving-p.held
	if in.limit == 0 || p.dialed || queued == 0 && held == 0 {
		return
	}
	in.queued, p.queued = in.queued+queued, p.queued+queued
	in.held, p.held = in.held+held, p.held+held
	if queued < 0 || held < 0 {
		in.relieve()
	}
}

// relieve lets readers that wait look again.
func (in *incoming) relieve() {
	if in.waiters > 0 {
		close(in.relief)
		in.waiters, in.relief = 0, nil
	}
}

// allows reports whether p's part is one that it may have.
func (in *incoming) allows(p *peer) bool {
	return in.limit == 0 || p.dialed || p.held <= in.limit-in.held
}

// exempts reports whether the next to ask may exceed the account: nobody does,
// and it is not the application that all wait for.
func (in *incoming) exempts() bool { return in.exempt == nil && in.queued <= in.limit/4 }

// hasArrived accounts for what a read of p's connection brought: messages that
// are whole, and memory for one that is not. The socket's lock is held.
func (s *Socket) hasArrived(p *peer, conn *zmtp.Conn, slab *slab.Slab) error {
	err := s.pattern.arrive(p, slab)
	p.arriving, p.arrives = conn.Held(), gauge{}
	if in := &s.incoming; in.exempt == p {
		in.exempt = nil
		in.relieve()
	}
	s.account(p)
	return err
}

// grow lets a message that arrives from p take size bytes in all. With wait it
// waits until it may, else it reports whether it may.
func (s *Socket) grow(p *peer, size int, wait bool) (may bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, conn := &s.incoming, p.conn
	for {
		before := p.arriving
		p.arriving = size
		s.account(p)
		if wait && !in.allows(p) && in.exempts() {
			in.exempt = p
		}
		if in.allows(p) || in.exempt == p {
			return true, nil
		}
		p.arriving = before
		s.account(p)
		if !wait {
			return false, nil
		}
		if err := s.awaitRelief(p, conn); err != nil {
			return false, err
		}
	}
}

// awaitRelief waits until there may be room, with the socket's lock open.
func (s *Socket) awaitRelief(p *peer, conn *zmtp.Conn) error {
	in := &s.incoming
	if in.relief == nil {
		in.relief = make(chan struct{})
	}
	in.waiters++
	relief := in.relief
	p.starved = true
	conn.Pause()
	s.sweepSoon()
	s.mu.Unlock()
	look := time.NewTimer(sweepPause)
	defer look.Stop()
	select {
	case <-relief:
	case <-look.C:
	case <-s.ctx.Done():
	}
	conn.Resume()
	s.mu.Lock()
	p.starved = false
	if conn.Closed() || s.ctx.Err() != nil {
		return net.ErrClosed
	}
	return nil
}

// outgoing is the account of what goes out: the memory of all messages that wait
// in an outbox. Subscribers share what they are sent. Nil is no account.
type outgoing struct {
	limit int64
	held  atomic.Int64
	over  func() // is told when it is exceeded
}

// charge has the account bear a slab.
func (g *outgoing) charge(slab *slab.Slab) {
	if g == nil {
		return
	}
	slab.Charge(&g.held)
	if g.held.Load() > g.limit {
		g.over()
	}
}

// allows reports whether a queue may have size bytes.
func (g *outgoing) allows(size int) bool {
	return g == nil || int64(size) <= g.limit-g.held.Load()
}

// gauge tells how fast something moves.
type gauge struct {
	at    time.Time
	moved int64
}

// slow notes that moved bytes have moved by now, and reports whether that is slow
// for the time since the last look. Where this process was held up itself, it
// cannot tell.
func (g *gauge) slow(now time.Time, moved int64) bool {
	last := *g
	*g = gauge{now, moved}
	since := now.Sub(last.at)
	return since <= 2*sweepPause && float64(moved-last.moved) < slowest*since.Seconds()
}

// sweepSoon has sweep called in a moment.
func (s *Socket) sweepSoon() {
	if s.sweeping.CompareAndSwap(false, true) {
		time.AfterFunc(sweepPause, s.sweep)
	}
}

// sweep looks who moves, as long as an account is exceeded, and sends the slow
// ones away that have more than a little of it: of what comes in also those whose
// messages are not taken since they do not read the replies.
func (s *Socket) sweep() {
	s.sweeping.Store(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	in, out := &s.incoming, s.outgoing
	short := in.waiters > 0
	over := out != nil && out.held.Load() > out.limit && !s.kind.losesWithPeer()
	if !short && !over {
		return
	}
	s.sweepSoon()
	now := time.Now()
	for p := range s.peers {
		if p.dialed || p.conn == nil {
			continue
		}
		slow, waits := p.out.slow(now)
		late := short && (p.holdsBack(now, in.limit-in.held) || slow && p.parked && p.held >= (in.limit-in.held)/2)
		if over && slow && waits >= (out.limit-out.held.Load())/2 || late {
			s.refused.Add(1)
			p.leave(errHoldsBack)
			p.release()
		}
	}
}

// holdsBack reports whether p is slow to send a message that takes much of the
// memory that is free.
func (p *peer) holdsBack(now time.Time, free int) bool {
	if p.arriving == 0 || p.starved || p.in.waiting {
		p.arrives = gauge{}
		return false
	}
	return p.arrives.slow(now, p.conn.Received()) && p.arriving >= free/2
}

// slow reports whether the peer is slow to take what waits for it, and how much
// that is, in bytes.
func (o *outbox) slow(now time.Time) (slow bool, waits int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held.size == 0 || o.conn == nil {
		o.moves = gauge{}
		return false, 0
	}
	return o.moves.slow(now, o.conn.Sent()), int64(o.held.size)
}
