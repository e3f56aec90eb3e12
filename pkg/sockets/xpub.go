package sockets

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// xpub is a pub that shows its application the subscriptions, and everything else
// that its peers send (RFC 29).
type xpub struct {
	fairIn
	out fanOut
}

func xpubRow() typeRow {
	return typeRow{
		name: "XPUB", number: 9, peers: []Type{Sub, XSub}, pattern: newXPub,
		sends: true, receives: true, full: fullPublisher, publishes: true,
	}
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
		p.out.Queue(framing.AppendFrame(nil, welcome, false))
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
			p.deliverMessage(framing.AppendFrame(nil, append([]byte{0}, prefix...), false))
		}
	}
}

// arrive takes in subscriptions and shows them in their place between the other
// frames that peers send. As in libzmq, one that is shown ends a message: of [a,
// 01x, b] the application gets [a, 01x] and [b]. One that is not shown is left out:
// [a, b]. The same goes for a SUBSCRIBE command that comes between a and b, which
// is taken in at once, before b is there.
//
// Three things differ. Where libzmq leaves a message open, because its last frame
// is a subscription that is not shown, we end it: libzmq joins it with the next
// message, of any peer. A command is never a frame of a message, where libzmq with
// ZMQ_ONLY_FIRST_SUBSCRIBE shows its bytes. And subscriptions that are frames of a
// message are taken in when it ends, after the commands inside it.
func (x *xpub) arrive(p *peer, s *slab.Slab) error {
	defer s.Recycle()
	if s.Inside {
		return x.arriveInside(p, s.Wire)
	}
	for wire := s.Wire; len(wire) > 0; {
		var message []byte
		message, wire = framing.CutMessage(wire)
		if err := x.take(p, message, s.Told && len(wire) == 0); err != nil {
			return err
		}
	}
	x.socket.changed()
	return nil
}

// take takes in a message; told says that its last frame was taken in before.
func (x *xpub) take(p *peer, message []byte, told bool) error {
	scan := frameScan{rest: message, onlyFirst: x.socket.opts.OnlyFirstSubscribe}
	if !told && !scan.any() {
		p.deliverMessage(message)
		return nil
	}
	var open openFrames
	for scan.next() {
		show := scan.last && told
		if scan.subscribes && !show {
			var err error
			if show, err = x.note(p, scan.cancel, scan.prefix); err != nil {
				return err
			}
			if !show {
				continue
			}
		}
		if open.add(scan.frame); show {
			p.deliverMessage(open.end())
		}
	}
	if rest := open.end(); rest != nil {
		p.deliverMessage(rest)
	}
	return nil
}

// arriveInside takes in a subscription that came inside a message.
func (x *xpub) arriveInside(p *peer, wire []byte) error {
	frame, _, _ := framing.CutFrame(wire)
	cancel, prefix, _ := cutSubscription(frame)
	show, err := x.note(p, cancel, prefix)
	if show && p.conn != nil {
		p.conn.EndMessage()
	}
	x.socket.changed()
	return err
}

// note takes in a subscription, and reports whether it is to be shown.
func (x *xpub) note(p *peer, cancel bool, prefix []byte) (show bool, err error) {
	o := &x.socket.opts
	if cancel {
		return x.out.cancel(p, prefix) || o.Verboser, nil
	}
	first, err := x.out.subscribe(p, prefix)
	return err == nil && (first || o.Verbose || o.Verboser), err
}

func (x *xpub) send(b *framing.Batch) error {
	x.out.send(b)
	return nil
}

func (x *xpub) ready() bool { return x.out.ready() }

func (x *xpub) subscribers(topic []byte) int { return x.out.subscribers(topic) }
