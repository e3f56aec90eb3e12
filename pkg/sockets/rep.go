package sockets

import "github.com/zcat/zcat/pkg/frames"

// rep takes requests in turn, keeps the envelope of each and puts it in front
// of the reply (RFC 28).
type rep struct {
	fairIn
	asker    *peer // who waits for a reply; nil when nobody does
	envelope []byte
	reply    []byte // of the sender alone: the next request may come meanwhile
}

func newRep(s *Socket) pattern { return &rep{fairIn: fairIn{unable{s}}} }

func (r *rep) recv(b *frames.Batch, _ bool) error {
	if r.asker != nil {
		return ErrState
	}
	p, message := r.socket.fair.next()
	if p == nil {
		return nil
	}
	envelope, body, ok := frames.SplitWire(message)
	if !ok {
		r.socket.discards.put(p, faultOfRequest(message))
		return nil
	}
	r.asker, r.envelope = p, append(r.envelope[:0], envelope...)
	b.AppendWire(body, 1)
	b.AppendSource(p.remote, 1)
	return nil
}

func (r *rep) send(b *frames.Batch) error {
	if b.Len() != 1 {
		return ErrMessage
	}
	s := r.socket
	s.mu.Lock()
	p := r.asker
	if p == nil {
		s.mu.Unlock()
		return ErrState
	}
	r.asker = nil
	r.reply = append(append(r.reply[:0], r.envelope...), b.Wire()...)
	s.mu.Unlock()
	b.Reset()
	if _, taken := p.out.offer(r.reply, 1, nil); taken == 0 {
		s.countDropped(1) // its asker is gone or does not read
	}
	return nil
}
