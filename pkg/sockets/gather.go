package sockets

import "github.com/zcat/zcat/pkg/sockets/internal/slab"

// gather is a pull of single frames (RFC 49).
type gather struct{ pull }

func gatherRow() typeRow {
	return typeRow{
		name: "GATHER", number: 16, peers: []Type{Scatter}, pattern: newGather,
		receives: true, Traits: Traits{MostFrames: 1, Draft: true},
	}
}

func newGather(s *Socket) pattern { return gather{pull{fairIn{unable{s}}}} }

func (gather) arrive(p *peer, s *slab.Slab) error {
	p.deliverSingle(s)
	return nil
}
