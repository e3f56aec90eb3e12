package sockets

import (
	"fmt"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// radio is a pub whose peers join groups (RFC 48).
type radio struct{ pub }

func radioRow() typeRow {
	return typeRow{
		name: "RADIO", number: 14, peers: []Type{Dish}, pattern: newRadio,
		sends: true, Traits: Traits{Publishes: true, Copies: true, Grouped: true, LeastFrames: 2, MostFrames: 2, Draft: true},
		full: fullPublisher, unfit: unfitGroup,
	}
}

func newRadio(s *Socket) pattern { return &radio{pub{unable: unable{s}, out: newFanOut(s)}} }

// arrive takes in the JOIN and LEAVE commands. As in libzmq whatever else peers send is
// dropped, also frames that would be subscriptions to a PUB.
func (r *radio) arrive(q *peer, s *slab.Slab) error {
	defer s.Recycle()
	for wire := s.Wire; len(wire) > 0; {
		command := wire[0]&framing.FlagCommand != 0
		frame, _, _ := framing.CutFrame(wire)
		_, wire = framing.CutMessage(wire)
		if !command {
			continue
		}
		leaves, group, _ := cutSubscription(frame)
		switch {
		case len(group) > MaxGroup:
			return fmt.Errorf("a group of %d bytes, the limit is %d", len(group), MaxGroup)
		case leaves:
			r.out.leave(q, group)
		default:
			if err := r.out.join(q, group); err != nil {
				return err
			}
		}
	}
	r.socket.changed()
	return nil
}
