package sockets

import "github.com/zcat/zcat/pkg/internal/framing"

// xsub is a sub whose application sends its subscriptions as messages, and other
// messages upstream; it takes everything that publishers send (RFC 29).
type xsub struct {
	fairIn
	interest
	targets []*peer // of a message that goes upstream; the sender's alone
}

func xsubRow() typeRow {
	return typeRow{
		name: "XSUB", number: 10, peers: []Type{Pub, XPub}, pattern: newXSub,
		sends: true, receives: true, Traits: Traits{Subscribes: true, Copies: true, SendsSubscriptions: true},
	}
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

// send takes subscriptions out of what is sent, by libzmq's rule (frameScan). One
// that is a message goes to publishers in the form that each of them asks for; a
// message of more frames goes upstream as it is, except for cancellations that do
// not end the last subscription to their prefix, which are left out.
func (x *xsub) send(b *framing.Batch) error {
	for b.Len() > 0 {
		message, _ := framing.CutMessage(b.Wire())
		if rest, peers := x.take(message); rest != nil {
			x.upstream(rest, peers)
		}
		b.Discard(len(message), 1)
	}
	return nil
}

// take takes the subscriptions out of a message, and returns what is left of it to
// go upstream, nil for nothing, and the peers to send it to.
func (x *xsub) take(message []byte) (rest []byte, peers []*peer) {
	s := x.socket
	s.mu.Lock()
	defer s.unlock()
	if rest = x.takeOut(frameScan{rest: message, onlyFirst: s.opts.OnlyFirstSubscribe}, message); rest != nil {
		x.targets = x.targets[:0]
		for p := range x.peers {
			x.targets = append(x.targets, p)
		}
	}
	return rest, x.targets
}

func (x *xsub) takeOut(scan frameScan, message []byte) (rest []byte) {
	if !scan.any() {
		return message
	}
	scan.next()
	if scan.last {
		if scan.cancel {
			x.unsubscribe(scan.prefix)
		} else {
			x.subscribe(scan.prefix)
		}
		return nil
	}
	var open openFrames
	for more := true; more; more = scan.next() {
		switch {
		case !scan.subscribes:
		case !scan.cancel:
			x.note(scan.prefix)
		case !x.forget(scan.prefix):
			continue
		}
		open.add(scan.frame)
	}
	return open.end()
}

// upstream gives a message to publishers.
func (x *xsub) upstream(message []byte, peers []*peer) {
	for _, p := range peers {
		if _, taken := p.out.Offer(message, 1, nil); taken == 0 && !p.out.Closed() {
			x.socket.countDropped(1)
		}
	}
}
