package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// rep takes requests in turn, from peers with room for a reply, keeps the envelope
// of each and puts it in front of the reply (RFC 28).
type rep struct {
	fairIn
	asker    *peer // the peer that waits for a reply; nil when none does
	envelope []byte
	reply    []byte // of the sender alone: the next request may come meanwhile
}

func repRow() typeRow {
	return typeRow{
		name: "REP", number: 4, peers: []Type{Req, Dealer}, pattern: newRep,
		sends: true, receives: true, envelopes: true, Traits: Traits{Answers: true, Replies: true},
		left: dropped, leases: true,
	}
}

func newRep(s *Socket) pattern {
	s.fair.gate = hasRoom
	return &rep{fairIn: fairIn{unable{s}}}
}

// hasRoom reports whether there is room for a reply to p.
func hasRoom(p *peer) bool { return !p.out.Crowded() }

func (r *rep) recv(b *framing.Batch, _ takes) error {
	if r.asker != nil {
		return ErrState
	}
	p, message := r.socket.fair.next()
	if p == nil {
		return nil
	}
	envelope, body, ok := framing.Split(message)
	if !ok {
		r.socket.discards.put(p, faultOfRequest(message))
		return nil
	}
	r.asker, r.envelope = p, append(r.envelope[:0], envelope...)
	p.give(b, body)
	return nil
}

func (r *rep) send(b *framing.Batch) error {
	if b.Len() != 1 {
		return ErrMessage
	}
	s := r.socket
	s.mu.Lock()
	p := r.asker
	if p == nil {
		s.unlock()
		return ErrState
	}
	r.asker = nil
	if s.opts.Presence {
		s.wakeReceiver() // who waits for the next request
	}
	r.reply = append(append(r.reply[:0], r.envelope...), b.Wire()...)
	r.envelope = reusable(r.envelope)
	s.unlock()
	taken := p.out.Answer(r.reply, 1, queue.Load{}, huge(r.reply))
	r.reply = reusable(r.reply)
	if !taken {
		// Its asker is gone.
		if !s.opts.Presence {
			s.countDropped(1)
		} else {
			s.unroutable.Add(1) // it is given back, and lost to nobody
			return &UnroutableError{Message: frames.Message(b.Next()).Clone()}
		}
	}
	b.Reset()
	return nil
}
