package sockets

import "github.com/zcat/zcat/pkg/sockets/internal/slab"

// client is a dealer of single frames (RFC 41).
type client struct{ dealer }

func clientRow() typeRow {
	return typeRow{
		name: "CLIENT", number: 13, peers: []Type{Server}, pattern: newClient,
		sends: true, receives: true, Traits: Traits{Replies: true, Greets: true, MostFrames: 1, Draft: true},
		full: patiently, left: lost, unfit: unfitSingle,
	}
}

func newClient(s *Socket) pattern { return &client{dealer{fairIn: fairIn{unable{s}}}} }

func (*client) arrive(p *peer, s *slab.Slab) error {
	p.deliverSingle(s)
	return nil
}
