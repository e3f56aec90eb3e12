package sockets

import "github.com/zcat/zcat/pkg/internal/framing"

// dealer spreads messages over its peers and takes theirs in turn, all of them
// unchanged (RFC 28).
type dealer struct {
	fairIn
	out roundRobin
}

func dealerRow() typeRow {
	return typeRow{
		name: "DEALER", number: 5, peers: []Type{Rep, Dealer, Router}, pattern: newDealer,
		sends: true, receives: true, envelopes: true, Traits: Traits{Replies: true, Enveloped: true, Announces: true, Greets: true, Conflates: true},
		probes: true, linkOnce: true, full: patiently, left: lost,
	}
}

func newDealer(s *Socket) pattern { return &dealer{fairIn: fairIn{unable{s}}} }

func (d *dealer) attach(p *peer) error {
	d.out.add(p)
	return nil
}

func (d *dealer) detach(p *peer) { d.out.remove(p) }
func (d *dealer) sole() *peer    { return d.out.sole() }
func (d *dealer) ready() bool    { return d.out.ready() }

func (d *dealer) send(b *framing.Batch) error {
	d.out.send(d.socket, b)
	return nil
}

func (*dealer) reply(message []byte) []byte { return message }
