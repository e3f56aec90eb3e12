package sockets

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// xpub is a pub that shows its application the subscriptions, and everything else
// that its peers send (RFC 29).
type xpub struct {
	fairIn
	out    fanOut
	manual *manual // nil without Options.Manual
}

func xpubRow() typeRow {
	return typeRow{
		name: "XPUB", number: 9, peers: []Type{Sub, XSub}, pattern: newXPub,
		sends: true, receives: true, Traits: Traits{Publishes: true, Copies: true, ReceivesSubscriptions: true},
		full: fullPublisher, keeps: true,
	}
}

func newXPub(s *Socket) pattern {
	x := &xpub{fairIn: fairIn{unable{s}}, out: newFanOut(s)}
	x.manual = newManual(&s.opts, x.out.memory)
	return x
}

func (x *xpub) attach(p *peer) error {
	x.out.add(p)
	return nil
}

func (x *xpub) online(p *peer) error {
	x.detach(p)
	x.out.add(p)
	if x.manual != nil {
		x.enter(p)
	}
	if welcome := x.socket.opts.Welcome; welcome != nil {
		p.out.Queue(framing.AppendFrame(nil, welcome, false))
	}
	return nil
}

// detach shows the end of each subscription that p alone held, in p's name.
func (x *xpub) detach(p *peer) {
	if x.manual != nil {
		x.quit(p)
	}
	x.out.remove(p, x.orphaned(p))
}

func (x *xpub) shed(p *peer) bool {
	asked := p.asker != nil && x.unask(p, shedding)
	return x.out.shed(p, x.orphaned(p)) || asked
}

func (x *xpub) orphaned(p *peer) orphaned {
	return func(prefix []byte, last bool) {
		if x.manual == nil && (last || x.socket.opts.Verboser) {
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
// message are taken in when it ends, after the commands inside it. With
// Options.LastValueBytes all of this waits, from the next subscription on, while the
// peer is fed.
func (x *xpub) arrive(p *peer, s *slab.Slab) error {
	a := arrival{slab: s, rest: s.Wire}
	if p.late != nil {
		a, p.late = *p.late, nil
	}
	over, err := x.takeIn(p, &a)
	x.socket.changed() // by what was taken in, also where the rest waits
	if !over && err == nil {
		late := a
		p.late = &late
		return nil
	}
	s.Recycle()
	return err
}

// takeIn takes in the rest of an arrival. It is not over where that has to wait until
// p is fed.
func (x *xpub) takeIn(p *peer, a *arrival) (over bool, err error) {
	if a.slab.Inside {
		if x.mustWait(p) {
			return false, nil
		}
		return true, x.arriveInside(p, a.slab.Wire)
	}
	for a.inside || len(a.rest) > 0 {
		if !a.inside {
			message := a.cut()
			a.scan = frameScan{rest: message, onlyFirst: x.socket.opts.OnlyFirstSubscribe}
			if !a.told && !a.scan.any() {
				p.deliverMessage(message)
				continue
			}
			a.inside = true
		}
		if over, err = x.take(p, a); !over || err != nil {
			return false, err
		}
		a.inside = false
	}
	return true, nil
}

// mustWait reports whether p gets what it asked for before, and so no subscription of
// it is taken in.
func (x *xpub) mustWait(p *peer) bool { return p.feeding && !p.unfed }

// take takes in the rest of a message. It is not over where that has to wait.
func (x *xpub) take(p *peer, a *arrival) (over bool, err error) {
	for a.again || a.scan.next() {
		show := a.scan.last && a.told
		if a.scan.subscribes && !show {
			if a.again = x.mustWait(p); a.again {
				return false, nil
			}
			if show, err = x.note(p, a.scan.cancel, a.scan.prefix); err != nil {
				return false, err
			}
			if !show {
				continue
			}
		}
		if a.open.add(a.scan.frame); show {
			p.deliverMessage(a.open.end())
		}
	}
	if rest := a.open.end(); rest != nil {
		p.deliverMessage(rest)
	}
	return true, nil
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
	if x.manual != nil {
		err = x.ask(p, cancel, prefix)
		return err == nil, err
	}
	if cancel {
		return x.out.cancel(p, prefix) || o.Verboser, nil
	}
	first, err := x.out.subscribe(p, prefix)
	if x.out.values != nil && err == nil {
		x.feed(p)
	}
	return err == nil && (first || o.Verbose || o.Verboser), err
}

func (x *xpub) send(b *framing.Batch) error {
	if x.manual != nil {
		x.sendManual(b)
		return nil
	}
	x.out.send(b)
	return nil
}

func (x *xpub) recv(b *framing.Batch, t takes) error {
	if x.manual != nil {
		t.edit = func(b *framing.Batch, p *peer, message []byte) {
			if x.endsWithSubscription(message) {
				x.manual.last = p
			}
			b.AppendWire(message, 1)
		}
	}
	return x.fairIn.recv(b, t)
}

func (x *xpub) ready() bool { return x.out.ready() }

func (x *xpub) subscribers(topic []byte) int { return x.out.subscribers(topic) }
