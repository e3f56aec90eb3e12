package sockets

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// server is a router of single frames, which numbers its peers itself, and neither
// drops nor is silent on a number that no peer has (RFC 41).
type server struct{ router }

func serverRow() typeRow {
	traits := numbering()
	traits.Replies = true
	return typeRow{
		name: "SERVER", number: 12, peers: []Type{Client}, pattern: newServer,
		sends: true, receives: true, Traits: traits,
		full: fullRouter, left: dropped, gates: true, unfit: unfitRouted,
	}
}

// numbering are the traits of a SERVER, and of a PEER.
func numbering() Traits {
	return Traits{Addressed: true, Numbered: true, Greets: true, LeastFrames: 2, MostFrames: 2, Draft: true}
}

func newServer(s *Socket) pattern {
	s.opts.Mandatory = true
	v := &server{}
	v.begin(s)
	return v
}

// attach gives a peer its number at once: one that we connect to may be sent to before
// it is there, and keeps its number.
func (v *server) attach(p *peer) error {
	v.name(p, v.number())
	return nil
}

// number makes up the next routing id: four bytes, the most significant first, that
// are shown as hex, as those of a ROUTER. libzmq's are any numbers but 0.
func (v *server) number() string {
	for {
		v.counter++
		c := v.counter
		id := binary.BigEndian.AppendUint32(nil, 0x80808080|c<<3&0x7f000000|c<<2&0x7f0000|c<<1&0x7f00|c&0x7f)
		if !utf8.Valid(id) && v.byID[string(id)] == nil {
			return string(id)
		}
	}
}

// online leaves it at that, whatever identity a peer announces.
func (v *server) online(p *peer) error {
	p.gates = rowOf(p.conn.Peer.Type).gates
	return nil
}

func (*server) place(*peer, *zmtp.Peer) (id string, alone bool) { return "", false }

func (*server) arrive(p *peer, s *slab.Slab) error {
	p.deliverSingle(s)
	return nil
}
