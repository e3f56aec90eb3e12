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
	s.mu.Unlock()
	switch len(peers) {
	case 0:
	case 1:
		peers[0].out.offerBatch(b)
	default:
		r.spread(peers, b)
	}
}

func (r *roundRobin) spread(peers []*peer, b *framing.Batch) {
	for b.Len() > 0 {
		message, _ := framing.CutMessage(b.Wire())
		if r.put(peers, message) == nil {
			break
		}
		b.Discard(len(message), 1)
	}
	for _, p := range peers {
		p.out.flush()
	}
}

// put queues one message for the next peer with room and returns that peer.
func (r *roundRobin) put(peers []*peer, message []byte) *peer {
	for range peers {
		p := peers[r.turn%len(peers)]
		r.turn = (r.turn + 1) % len(peers)
		if p.out.put(message, 1) == 1 {
			return p
		}
	}
	return nil
}

// ready reports whether a peer has room for a message, and asks all of them to
// wake the sender when they have if none has.
func (r *roundRobin) ready() bool {
	for _, p := range r.peers {
		if p.out.roomFor() {
			return true
		}
	}
	return false
}
