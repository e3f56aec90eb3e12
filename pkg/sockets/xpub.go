package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// xpub is a pub that shows its application the subscriptions, and whatever
// else its peers send (RFC 29).
type xpub struct {
	fairIn
	out fanOut
}

func newXPub(s *Socket) pattern { return &xpub{fairIn: fairIn{unable{s}}, out: newFanOut(s)} }

func (x *xpub) attach(p *peer) error {
	x.out.add(p)
	return nil
}

func (x *xpub) online(p *peer) error {
	x.detach(p)
	x.out.add(p)
	if welcome := x.socket.opts.Welcome; welcome != nil {
		p.out.offer(frames.AppendFrame(nil, welcome, false), 1, nil)
	}
	return nil
}

// detach shows the end of each subscription that p alone held, in p's name.
func (x *xpub) detach(p *peer) {
	x.out.remove(p, x.orphaned(p))
}

func (x *xpub) shed(p *peer) bool { return x.out.shed(p, x.orphaned(p)) }

func (x *xpub) orphaned(p *peer) orphaned {
	return func(prefix []byte, last bool) {
		if last || x.socket.opts.Verboser {
			p.deliverMessage(frames.AppendFrame(nil, append([]byte{0}, prefix...), false))
		}
	}
}

func (x *xpub) arrive(p *peer, s *zmtp.Slab) error {
	defer s.Recycle()
	o := &x.socket.opts
	for wire := s.Wire; len(wire) > 0; {
		var message []byte
		message, wire = frames.CutMessage(wire)
		cancel, prefix, ok := cutSubscription(message)
		show := true
		switch {
		case !ok:
		case cancel:
			show = x.out.cancel(p, prefix) || o.Verboser
		default:
			first, err := x.out.subscribe(p, prefix)
			if err != nil {
				return err
			}
			show = first || o.Verbose || o.Verboser
		}
		if show {
			p.deliverMessage(message)
		}
	}
	x.socket.changed()
	return nil
}

func (x *xpub) send(b *frames.Batch) error {
	x.out.send(b)
	return nil
}

func (x *xpub) ready(size int) bool { return x.out.ready(size) }

func (x *xpub) subscribers(topic []byte) int { return x.out.subscribers(topic) }
