package sockets

import "github.com/zcat/zcat/pkg/frames"

// xsub is a sub whose application sends its subscriptions as messages, and
// other messages upstream; it takes whatever publishers send (RFC 29).
type xsub struct {
	fairIn
	interest
}

func newXSub(s *Socket) pattern {
	return &xsub{fairIn: fairIn{unable{s}}, interest: newInterest()}
}

func (x *xsub) attach(p *peer) error {
	x.add(p)
	return nil
}

func (x *xsub) online(p *peer) error {
	x.replay(p)
	return nil
}

func (x *xsub) detach(p *peer) { x.remove(p) }

func (x *xsub) send(b *frames.Batch) error {
	s := x.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	for b.Len() > 0 {
		message, _ := frames.CutMessage(b.Wire())
		cancel, prefix, ok := cutSubscription(message)
		switch {
		case !ok:
			for p := range x.peers {
				_, taken := p.out.offer(message, 1, nil)
				s.countDropped(1 - taken)
			}
		case cancel:
			x.unsubscribe(prefix)
		default:
			x.subscribe(prefix)
		}
		b.Discard(len(message), 1)
	}
	return nil
}
