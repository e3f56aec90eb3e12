package sockets

import (
	"errors"
	"fmt"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// errPaired is the reason why a second peer of a PAIR or CHANNEL is refused.
var errPaired = errors.New("has its peer already")

// pair talks to one peer (RFC 31).
type pair struct {
	fairIn
	peer *peer
}

func pairRow() typeRow {
	return typeRow{
		name: "PAIR", number: 0, peers: []Type{Pair}, pattern: newPair,
		sends: true, receives: true, Traits: Traits{Exclusive: true, Greets: true},
		full: patiently, left: lost,
	}
}

func newPair(s *Socket) pattern { return &pair{fairIn: fairIn{unable{s}}} }

func (p *pair) attach(q *peer) error {
	if p.peer != nil {
		return fmt.Errorf("this %s %w", p.socket.row.name, errPaired)
	}
	p.peer = q
	return nil
}

// place is the only one there is, which has no name.
func (p *pair) place(newcomer *peer, _ *zmtp.Peer) (string, bool) {
	return "", newcomer == nil || newcomer != p.peer
}

func (p *pair) holder(string) *peer { return p.peer }

func (p *pair) detach(q *peer) {
	if p.peer == q {
		p.peer = nil
	}
}

func (p *pair) sole() *peer { return p.peer }

func (p *pair) ready() bool { return p.peer != nil && p.peer.out.RoomFor() }

func (p *pair) send(b *framing.Batch) error {
	p.socket.mu.Lock()
	q := p.peer
	p.socket.unlock()
	if q != nil {
		q.out.OfferBatch(b)
	}
	return nil
}

func (*pair) reply(message []byte) []byte { return message }
