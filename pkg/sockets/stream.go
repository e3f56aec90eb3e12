package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// errChunk is the error of a message that a STREAM cannot send.
const errChunk formError = "a STREAM sends two frames, a routing id and bytes; an empty second one closes the connection"

// rawStream talks raw TCP, to peers that know no ZMTP, as ZMQ_STREAM: [id, bytes] of each
// chunk that comes and goes, [id, ""] when a connection is made and when it has ended,
// and [id, ""] to close one. Ids are made up as those of a ROUTER.
type rawStream struct{ router }

func streamRow() typeRow {
	return typeRow{
		name: "STREAM", number: 11, pattern: newStream,
		sends: true, receives: true, Traits: Traits{Addressed: true, LeastFrames: 2, MostFrames: 2},
		raw: true, full: fullRouter, left: dropped,
	}
}

func newStream(s *Socket) pattern {
	s.opts.Mandatory = true // libzmq's STREAM neither drops, nor is silent on a wrong id
	t := &rawStream{}
	t.begin(s)
	return t
}

// attach gives a peer that we connect to its id at once, so that it may be sent to
// before there is a connection; it keeps it.
func (t *rawStream) attach(p *peer) error {
	if err := t.router.attach(p); err != nil || !p.dialed || p.id != "" {
		return err
	}
	t.name(p, t.invent())
	return nil
}

func (t *rawStream) send(b *framing.Batch) error {
	defer t.flush()
	t.waitForNobody()
	for b.Len() > 0 {
		message, _ := framing.CutMessage(b.Wire())
		id, more, chunk := framing.CutFrame(message)
		bytes, tooMany := []byte(nil), !more
		if more {
			bytes, tooMany, _ = framing.CutFrame(chunk)
		}
		if tooMany {
			return t.socket.unsendable(b, errChunk, errChunk)
		}
		p, _ := t.find(id)
		switch {
		case p == nil || p.out.Unreachable():
			t.socket.unroutable.Add(1)
			return &UnroutableError{RoutingID: append([]byte{}, id...), Message: frames.Message(b.Next()).Clone()}
		case len(bytes) == 0:
			p.out.Flush()
			t.socket.hangUp(p)
		case p.out.Put(chunk, 1) != 1:
			t.waitFor(p, b)
			return nil
		default:
			t.touch(p)
		}
		b.Discard(len(message), 1)
	}
	return nil
}

// recv leaves out the notices where each message gets a reply: they ask nothing.
func (t *rawStream) recv(b *framing.Batch, takes takes) error {
	takes.edit = func(b *framing.Batch, p *peer, chunk []byte) {
		if bytes, _, _ := framing.CutFrame(chunk); len(bytes) == 0 && takes.tickets != nil {
			last := len(*takes.tickets) - 1
			p.out.Waive(queue.Load{Count: 1, Size: (*takes.tickets)[last].size})
			*takes.tickets = (*takes.tickets)[:last]
			return
		}
		b.AppendPart(p.idWire)
		b.AppendWire(chunk, 1)
	}
	return t.fairIn.recv(b, takes)
}

// notify tells the application by a message that a connection was made or has ended.
// Those of connections that came and went in silence are left out once very many wait.
// The socket's lock is held.
func (s *Socket) notify(p *peer, begins bool) {
	o := &s.opts
	raw := s.row.raw && o.StreamNotify
	joined, left, parting := raw || o.NotifyJoined, raw || o.NotifyLeft, !begins && len(o.Parting) > 0
	tells := begins && joined || !begins && left
	if !tells && !parting || s.closing || p.leaving {
		return
	}
	silent := p.in.Count() == 0 && !joined || p.in.Count() == 1 && joined && p.in.Size() == len(emptyFrame)
	if !begins && silent && s.fair.waiting() > mostNotices {
		left := p.in.Count()
		for _, told := range []bool{tells, parting} {
			if told {
				left++
			}
		}
		s.countDropped(left)
		s.forgetReceived(p)
		return
	}
	if parting {
		p.deliverMessage(framing.AppendFrame(nil, o.Parting, false))
	}
	if tells {
		p.deliverMessage([]byte(emptyFrame))
	}
}

// emptyFrame is a message of one empty frame in wire form.
const emptyFrame = "\x00\x00"

// hangUp ends the connection with a peer once all that is queued for it has left; one
// that we made is not made again.
func (s *Socket) hangUp(p *peer) {
	s.mu.Lock()
	defer s.unlock()
	d := p.dialer
	if d != nil && !p.leaving {
		delete(s.dialers, d)
		d.leaving = true
		s.giveUpAsLast(d, &RefusedError{Endpoint: d.text, Err: ErrNotAgain, Ended: true})
	}
	s.letGo(p, d)
}

// endedBy ends the connection where one of the replies was an empty frame.
func (s *Socket) endedBy(p *peer, replies []byte) {
	for len(replies) > 0 {
		message, rest := framing.CutMessage(replies)
		if string(message) == emptyFrame {
			s.hangUp(p)
			return
		}
		replies = rest
	}
}
