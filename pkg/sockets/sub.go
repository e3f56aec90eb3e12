package sockets

import "github.com/zcat/zcat/pkg/internal/framing"

// sub takes the messages that it subscribed to (RFC 29).
type sub struct {
	fairIn
	interest
}

func subRow() typeRow {
	return typeRow{
		name: "SUB", number: 2, peers: []Type{Pub, XPub}, pattern: newSub,
		receives: true, direct: true, Traits: Traits{Subscribes: true, Conflates: true},
		linkOnce: true,
	}
}

func newSub(s *Socket) pattern { return &sub{fairIn: fairIn{unable{s}}, interest: newInterest()} }

func (u *sub) attach(p *peer) error {
	u.add(p)
	return nil
}

func (u *sub) online(p *peer) error {
	u.replay(p)
	return nil
}

func (u *sub) detach(p *peer) { u.remove(p) }

// recv leaves out messages that a publisher sent before it knew of a cancellation,
// or in spite of it.
func (u *sub) recv(b *framing.Batch, t takes) error {
	if invert := u.socket.opts.InvertMatching; invert || !u.everything() {
		t.edit = func(b *framing.Batch, _ *peer, message []byte) {
			if u.wants(message) != invert {
				b.AppendWire(message, 1)
			}
		}
	}
	return u.fairIn.recv(b, t)
}
