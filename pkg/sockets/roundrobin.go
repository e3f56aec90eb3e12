package sockets

import (
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// roundRobin spreads messages over the peers that have room, one message each
// in turn. The socket's lock guards peers, which is replaced and never changed,
// so that a sender can work with the one it saw.
type roundRobin struct {
	peers []*peer
	turn  int // of the sender alone
}

func (r *roundRobin) add(p *peer) { r.peers = append(slices.Clip(r.peers), p) }

func (r *roundRobin) remove(p *peer) {
	r.peers = slices.DeleteFunc(slices.Clone(r.peers), func(q *peer) bool { return q == p })
}

// send takes messages off the front of b while a peer has room for them.
func (r *roundRobin) send(s *Socket, b *framing.Batch) {
	s.mu.Lock()
	peers := r.peers
	s.unlock()
	switch len(peers) {
	case 0:
	case 1:
		peers[0].out.OfferBatch(b)
	default:
		r.spread(peers, b)
	}
}

func (r *roundRobin) spread(peers []*peer, b *framing.Batch) {
	for b.Len() > 0 {
		message, _ := framing.CutMessage(b.Wire())
		if r.next(peers, func(p *peer) bool { return p.out.Put(message, 1) == 1 }) == nil {
			break
		}
		b.Discard(len(message), 1)
	}
	for _, p := range peers {
		p.out.Flush()
	}
}

// next returns the next peer that takes a message.
func (r *roundRobin) next(peers []*peer, takes func(*peer) bool) *peer {
	for range peers {
		p := peers[r.turn%len(peers)]
		r.turn = (r.turn + 1) % len(peers)
		if takes(p) {
			return p
		}
	}
	return nil
}

// sole returns the only peer; nil where there are none or several.
func (r *roundRobin) sole() *peer {
	if len(r.peers) != 1 {
		return nil
	}
	return r.peers[0]
}

// ready reports whether a peer has room for a message; if none has, each is asked
// to wake the sender when it has.
func (r *roundRobin) ready() bool {
	for _, p := range r.peers {
		if p.out.RoomFor() {
			return true
		}
	}
	return false
}
