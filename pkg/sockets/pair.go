package sockets

import (
	"errors"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// errPaired is why a second peer of a PAIR is refused.
var errPaired = errors.New("this PAIR has its peer already")

// pair talks to one peer (RFC 31).
type pair struct {
	fairIn
	peer *peer
}

func newPair(s *Socket) pattern { return &pair{fairIn: fairIn{unable{s}}} }

func (p *pair) attach(q *peer) error {
	if p.peer != nil {
		return errPaired
	}
	p.peer = q
	return nil
}

func (p *pair) detach(q *peer) {
	if p.peer == q {
		p.peer = nil
	}
}

func (p *pair) ready() bool { return p.peer != nil && p.peer.out.roomFor() }

func (p *pair) send(b *framing.Batch) error {
	p.socket.mu.Lock()
	q := p.peer
	p.socket.mu.Unlock()
	if q != nil {
		q.out.offerBatch(b)
	}
	return nil
}

func (*pair) reply(message []byte) []byte { return message }
