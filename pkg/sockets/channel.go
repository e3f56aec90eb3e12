package sockets

import "github.com/zcat/zcat/pkg/sockets/internal/slab"

// channel is a pair of single frames (RFC 52).
type channel struct{ pair }

func channelRow() typeRow {
	return typeRow{
		name: "CHANNEL", number: 20, peers: []Type{Channel}, pattern: newChannel,
		sends: true, receives: true, Traits: Traits{Exclusive: true, MostFrames: 1, Draft: true},
		full: patiently, left: lost, unfit: unfitSingle,
	}
}

func newChannel(s *Socket) pattern { return &channel{pair{fairIn: fairIn{unable{s}}}} }

func (*channel) arrive(p *peer, s *slab.Slab) error {
	p.deliverSingle(s)
	return nil
}
