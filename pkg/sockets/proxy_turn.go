package sockets

import (
	"context"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// How the readers of a proxy send on what they read. To wake the pump for it, and with it
// a thread, costs more than to send it. A queue of 100 B then takes three quarters of the
// time a message, a half with libzmq's clients, and switches a quarter as often
// (scripts/bench).

// What is to be sent on is light up to passSize in bytes, one message or several that are
// no longer than passEach on average. Else the next is read while the pump writes the last,
// and what comes meanwhile is written together: of messages of 1 KiB that makes half as
// many switches.
const (
	passSize = 64 << 10
	passEach = 256
)

func isLight(s *slab.Slab) bool {
	return len(s.Wire) <= passSize && (s.Count == 1 || len(s.Wire) <= s.Count*passEach)
}

// Before a reader sends on several messages, it looks for more. A peer that sends several
// is likely to be about to send more, and fewer writes wake everybody behind the proxy
// less often: without it, nothing is gained but with libzmq's clients. One message alone
// waits for nothing, and many are worth a write.
const (
	mostLooks = 2
	lookSize  = 16 << 10
)

// takeInAll is takeIn for what a peer sends now. What no receiver was woken for is sent
// on.
func (s *Socket) takeInAll(p *peer, conn *zmtp.Conn, slab *slab.Slab) (why rest, err error) {
	for looks := 0; ; looks++ {
		several := slab.Count > 1 && len(slab.Wire) <= lookSize
		why, on, err := s.takeIn(p, conn, slab)
		if on == nil {
			return why, err
		}
		if err != nil || why != awake {
			s.wakeReceiver()
			return why, err
		}
		if several && looks < mostLooks && p.late == nil && conn.CanPoll() && !s.ebbing.Load() {
			if !conn.Filled() {
				transport.Yield()
			}
			slab, _ = conn.Poll(func() bool { return true }) // an error waits for the next read
			if slab != nil {
				continue
			}
		}
		on.pass()
		return awake, nil
	}
}

// recvInTurn is RecvBatch for the pump of f. While it waits, readers have the turn: what
// they leave to the pump is in b, and f.left is set.
func (s *Socket) recvInTurn(ctx context.Context, b *framing.Batch, f *oneWay) error {
	for {
		if done, _, err := s.recvWaiting(b, takes{inTurn: true}); done {
			return err
		}
		release(f.turn)
		err := s.awaitArrival(ctx)
		f.turn <- struct{}{}
		switch {
		case f.left:
			return nil
		case err != nil:
			return err
		}
	}
}

// passer sends on what a reader of one side of a proxy has brought.
type passer struct {
	proxy *Proxy
	side  Side
	over  context.Context //nolint:containedctx // it has ended, and with it every wait
}

// readersPassOn makes the readers of a side send on what they read, until it is called
// off. Where others see what goes through, only the pump does: they may take their time.
func (p *Proxy) readersPassOn(side Side) (off func()) {
	s := p.sides[side]
	if p.divert != nil || len(p.capture) > 0 || s.opts.Presence {
		return func() {}
	}
	over, end := context.WithCancel(context.Background())
	end()
	set := func(on *passer) {
		s.mu.Lock()
		defer s.unlock()
		s.passer = on
	}
	set(&passer{p, side, over})
	return func() { set(nil) }
}

// free reports whether nobody else is sending on.
func (p *passer) free() bool { return p != nil && len(p.proxy.flows[p.side].turn) == 0 }

// pass sends on what there is as far as that can be done at once, and leaves the rest to
// the pump.
func (p *passer) pass() {
	if !p.passAll() {
		p.proxy.sides[p.side].wakeReceiver()
	}
}

// passAll is pass, but reports whether nothing is left.
func (p *passer) passAll() bool {
	f, from, to := &p.proxy.flows[p.side], p.proxy.sides[p.side], p.proxy.sides[1-p.side]
	select {
	case f.turn <- struct{}{}:
	default:
		return false
	}
	defer release(f.turn)
	p.proxy.mu.Lock()
	flowing := p.proxy.flowing
	p.proxy.mu.Unlock()
	if f.left || flowing.Err() != nil || to.waitRoom(p.over) != nil || !from.tryRecv(&f.batch) {
		return false
	}
	_ = p.proxy.forward(p.over, p.side, &f.batch) // the pump meets an error again
	f.left = f.batch.Len() > 0
	return !f.left && from.waiting() == 0
}
