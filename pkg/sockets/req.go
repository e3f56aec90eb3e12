package sockets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// req sends a request, with a delimiter in front, to one peer and waits for the
// reply of that peer (RFC 28).
type req struct {
	fairIn
	out     roundRobin
	asked   *peer // the peer whose reply is awaited; nil when none is
	id      uint32
	request []byte
}

func reqRow() typeRow {
	return typeRow{
		name: "REQ", number: 3, peers: []Type{Rep, Router}, pattern: newReq,
		sends: true, receives: true, envelopes: true, Traits: Traits{Asks: true, Replies: true, Announces: true},
		probes: true, linkOnce: true,
		full: patiently, left: lost, leases: true, strict: true,
	}
}

func newReq(s *Socket) pattern { return &req{fairIn: fairIn{unable{s}}, id: rand.Uint32()} }

func (r *req) attach(p *peer) error {
	r.out.add(p)
	return nil
}

func (r *req) detach(p *peer) { r.out.remove(p) }
func (r *req) ready() bool    { return r.out.ready() }

// asking reports whether p has the request, as far as is known here, and has sent
// no reply.
func (r *req) asking(p *peer) bool {
	return r.asked == p && p.in.Count() == 0 && p.out.Waiting() == 0
}

func (r *req) send(b *framing.Batch) error {
	if b.Len() != 1 {
		return ErrMessage
	}
	p, err := r.ask(b)
	if p != nil {
		p.out.Flush()
	}
	return err
}

// ask queues the request in b for a peer with room, and takes it off b. Messages
// from before the request was queued cannot be its reply; later ones may be.
func (r *req) ask(b *framing.Batch) (*peer, error) {
	s := r.socket
	s.mu.Lock()
	defer s.unlock()
	if r.asked != nil && !s.opts.Relaxed {
		return nil, ErrState
	}
	r.request = r.request[:0]
	if s.opts.Correlate {
		r.request = framing.AppendFrame(r.request, binary.NativeEndian.AppendUint32(nil, r.id+1), true)
	}
	r.request = append(framing.AppendFrame(r.request, nil, true), b.Wire()...)
	p := r.out.next(r.out.peers, func(p *peer) bool { return p.out.QueueFrom(r.request, huge(r.request)) })
	r.request = reusable(r.request)
	if p == nil {
		return nil, nil
	}
	s.fair.clear()
	r.asked = p
	r.id++
	b.Reset()
	return p, nil
}

func (r *req) recv(b *framing.Batch, _ takes) error {
	if r.asked == nil {
		if r.socket.opts.Presence {
			r.socket.fair.clear() // notices stand behind what comes too late
		}
		return ErrState
	}
	for {
		p, message := r.socket.fair.next()
		if p == nil {
			return nil
		}
		// Where the peer that was asked is gone for good, another one may answer.
		if p != r.asked && !r.asked.gone {
			continue
		}
		reply, err := r.open(message)
		switch {
		case errors.Is(err, errForeign):
			continue
		case err != nil:
			r.socket.discards.put(p, err)
			return nil
		}
		p.give(b, reply)
		r.asked = nil
		return nil
	}
}

// errForeign is the error of a late reply, to another request than the last one.
var errForeign = errors.New("a reply to another request")

// open takes the request id and the delimiter off a reply.
func (r *req) open(message []byte) (reply []byte, err error) {
	rest := message
	if r.socket.opts.Correlate {
		var (
			frame []byte
			more  bool
		)
		frame, more, rest = framing.CutFrame(rest)
		switch {
		case !more:
			return nil, errNoEnvelope
		case !bytes.Equal(frame, binary.NativeEndian.AppendUint32(nil, r.id)):
			return nil, errForeign
		}
	}
	frame, more, body := framing.CutFrame(rest)
	switch {
	case len(frame) > 0:
		return nil, errNoDelimiter
	case !more:
		return nil, errNoBody
	}
	return body, nil
}
