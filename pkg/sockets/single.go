package sockets

import (
	"errors"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// What the types have in common whose messages are single frames (RFC 41, 48, 49, 51
// and 52), with the routing id or the group in front where the application sees one.

// errSeveral is the reason why such a socket throws away what a peer sent.
var errSeveral = errors.New("it has several frames, where a message has one")

// The errors of what such a socket cannot send.
const (
	errSingle formError = "it sends messages of one frame"
	errRouted formError = "it sends two frames, a routing id and a body"
)

// unfitSingle is the unfit of types whose messages are one frame.
func unfitSingle(message []byte) error {
	if message[0]&framing.FlagMore != 0 {
		return errSingle
	}
	return nil
}

// unfitRouted is the unfit of types that put a routing id in front of it.
func unfitRouted(message []byte) error {
	if message[0]&framing.FlagMore == 0 {
		return errRouted
	}
	if _, _, body := framing.CutFrame(message); body[0]&framing.FlagMore != 0 {
		return errRouted
	}
	return nil
}

// deliverSingle is deliver without the messages of several frames, which libzmq's
// sockets throw away too.
func (p *peer) deliverSingle(s *slab.Slab) {
	gone := cutSeveral(s)
	p.socket.discards.count.Add(uint64(gone)) // before what follows is received
	if s.Count > 0 {
		p.deliver(s)
	} else {
		s.Recycle()
	}
	if gone == 0 {
		return
	}
	if p.conn != nil {
		p.conn.Taken(gone)
	}
	why := &discard{p.endpoint, p.remote, errSeveral}
	p.socket.after(func() {
		for range gone {
			p.socket.tellDiscarded(why)
		}
	})
}

// cutSeveral takes the messages of several frames out of a slab, and returns their number.
func cutSeveral(s *slab.Slab) (gone int) {
	wire, kept := s.Wire, 0
	for rest := wire; len(rest) > 0; {
		var message []byte
		if message, rest = framing.CutMessage(rest); message[0]&framing.FlagMore != 0 {
			gone++
			continue
		}
		if gone > 0 {
			copy(wire[kept:], message)
		}
		kept += len(message)
	}
	s.Wire, s.Count = wire[:kept], s.Count-gone
	return gone
}

// fitting returns the number of the messages at the front of b that the socket can send,
// and the reason why it cannot send the one behind them, nil where there is none.
func (s *Socket) fitting(b *framing.Batch) (count int, unfit error) {
	for rest := b.Wire(); len(rest) > 0; count++ {
		var message []byte
		message, rest = framing.CutMessage(rest)
		if unfit = s.row.unfit(message); unfit != nil {
			return count, unfit
		}
	}
	return count, nil
}

// sendFitting is sendBatch for types that cannot send any message: it sends those in
// front of the first that they cannot send, and fails with the reason for that one.
func (s *Socket) sendFitting(send func(*framing.Batch) error, b *framing.Batch) error {
	count, unfit := s.fitting(b)
	if unfit == nil {
		return send(b)
	}
	if count > 0 {
		var front framing.Batch
		b.Shift(&front, count)
		if err := send(&front); err != nil {
			front.AppendBatch(b)
			b.Swap(&front)
			return err
		}
	}
	return s.unsendable(b, unfit, unfit)
}

// fitAll reports whether the socket can send all messages of b.
func (s *Socket) fitAll(b *framing.Batch) bool {
	if s.row.unfit == nil {
		return true
	}
	_, unfit := s.fitting(b)
	return unfit == nil
}
