package sockets

import (
	"fmt"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// dish takes the messages of the groups that it joined (RFC 48).
type dish struct {
	fairIn
	joined interest
}

func dishRow() typeRow {
	return typeRow{
		name: "DISH", number: 15, peers: []Type{Radio}, pattern: newDish,
		receives: true, Traits: Traits{Joins: true, Grouped: true, LeastFrames: 2, MostFrames: 2, Draft: true},
	}
}

func newDish(s *Socket) pattern {
	return &dish{fairIn: fairIn{unable{s}}, joined: newInterest()}
}

func (d *dish) attach(p *peer) error {
	d.joined.add(p)
	return nil
}

func (d *dish) online(p *peer) error {
	d.joined.replay(p)
	return nil
}

func (d *dish) detach(p *peer) { d.joined.remove(p) }

func (d *dish) join(group []byte) error {
	if d.joined.tree.Held(group) {
		return fmt.Errorf("%w: it is joined already", ErrGroup)
	}
	d.joined.subscribe(group)
	return nil
}

func (d *dish) leave(group []byte) error {
	if !d.joined.tree.Held(group) {
		return fmt.Errorf("%w: it is not joined", ErrGroup)
	}
	d.joined.unsubscribe(group)
	return nil
}

// arrive refuses what is no group and body, as libzmq does.
func (d *dish) arrive(p *peer, s *slab.Slab) error {
	wire, count := s.Wire, 0
	var err error
	for rest := wire; len(rest) > 0 && err == nil; count++ {
		at := len(wire) - len(rest)
		var message []byte
		message, rest = framing.CutMessage(rest)
		if err = badBroadcast(message); err != nil {
			s.Wire, s.Count = wire[:at], count
		}
	}
	if s.Count == 0 {
		s.Recycle()
		return err
	}
	p.deliver(s)
	return err
}

// badBroadcast returns the reason why a message is none of a RADIO, or nil.
func badBroadcast(message []byte) error {
	group, more, body := framing.CutFrame(message)
	switch {
	case !more:
		return fmt.Errorf("a message of one frame, where a group and a body belong")
	case len(group) > MaxGroup:
		return fmt.Errorf("a group of %d bytes, the limit is %d", len(group), MaxGroup)
	case body[0]&framing.FlagMore != 0:
		return fmt.Errorf("a message of more than two frames, a group and a body")
	}
	return nil
}

// recv leaves out messages that a RADIO sent before it knew that a group was left, or in
// spite of it.
func (d *dish) recv(b *framing.Batch, t takes) error {
	t.edit = func(b *framing.Batch, _ *peer, message []byte) {
		if group, _, _ := framing.CutFrame(message); d.joined.tree.Held(group) {
			b.AppendWire(message, 1)
		}
	}
	return d.fairIn.recv(b, t)
}
