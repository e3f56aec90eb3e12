package sockets

import "github.com/zcat/zcat/pkg/internal/framing"

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

// send takes subscriptions out of what is sent, by libzmq's rule (frameScan). One
// that is a message goes to publishers in the form that each of them asks for; what
// has more frames goes upstream as it is, but for the end of what was not
// subscribed to, which is left out wherever it stands.
func (x *xsub) send(b *framing.Batch) error {
	s := x.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	for b.Len() > 0 {
		message, _ := framing.CutMessage(b.Wire())
		x.sendMessage(frameScan{rest: message, onlyFirst: s.opts.OnlyFirstSubscribe}, message)
		b.Discard(len(message), 1)
	}
	return nil
}

func (x *xsub) sendMessage(scan frameScan, message []byte) {
	if !scan.any() {
		x.upstream(message)
		return
	}
	scan.next()
	if scan.last {
		if scan.cancel {
			x.unsubscribe(scan.prefix)
		} else {
			x.subscribe(scan.prefix)
		}
		return
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
	if rest := open.end(); rest != nil {
		x.upstream(rest)
	}
}

// upstream gives a message to all publishers.
func (x *xsub) upstream(message []byte) {
	for p := range x.peers {
		_, taken := p.out.offer(message, 1, nil)
		x.socket.countDropped(1 - taken)
	}
}
