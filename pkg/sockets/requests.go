package sockets

import (
	"context"
	"fmt"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// Ticket stands for one message that RecvRequests took, and for the peer that is
// owed the reply. It is good for one Reply or Waive. The zero value stands for
// none.
type Ticket struct {
	peer *peer
	size int
}

// replier is a pattern whose messages can be answered by ticket.
type replier interface {
	// reply returns the wire form of a reply, as the peer is to get it.
	reply(message []byte) []byte
}

// RecvRequests is RecvBatch for messages that each get one reply, by Reply, or
// none, by Waive; ROUTER, DEALER, PAIR, STREAM, SERVER, CLIENT, PEER and CHANNEL only. It takes up to most messages, 0 for
// as many as make a batch, and returns tickets with its content replaced by a
// ticket for each. A message is taken only from a peer with room for the reply to
// it: until it is answered, it counts as queued for the peer (SendHWM). So a reply
// always fits, and a peer that sends without reading its replies holds up only
// itself.
func (s *Socket) RecvRequests(ctx context.Context, b *frames.Batch, most int, tickets []Ticket) ([]Ticket, error) {
	if b == nil {
		return tickets[:0], fmt.Errorf("%w: there is no batch for it", ErrMessage)
	}
	ctx = orBackground(ctx)
	if _, ok := s.pattern.(replier); !ok {
		return tickets[:0], ErrDirection
	}
	if err := s.acquire(ctx, s.receiving); err != nil {
		return tickets[:0], err
	}
	defer release(s.receiving)
	tickets = tickets[:0]
	err := s.recvBatch(ctx, (*framing.Batch)(b), takes{most: max(most, 0), tickets: &tickets})
	return tickets, err
}

// Reply sends the messages of b, which are replies to those that the tickets stand
// for, in order, each to the peer that its request came from; the routing id in
// front of a ROUTER's message is taken off and not looked at. Reply never waits. It
// returns the number of messages dropped because their peer had gone, which count
// as Dropped. It fails with ErrClosed, and with ErrMessage where b has not one
// message for each ticket, or one that the type cannot send, or the type has no tickets.
func (s *Socket) Reply(tickets []Ticket, b *frames.Batch) (gone int, err error) {
	r, ok := s.pattern.(replier)
	if !ok || b == nil || len(tickets) != b.Len() {
		return 0, ErrMessage
	}
	if err := s.open(); err != nil {
		return 0, err
	}
	replies := (*framing.Batch)(b)
	if !s.fitAll(replies) {
		return 0, ErrMessage
	}
	s.replying.Lock()
	defer s.replying.Unlock()
	s.sent.Add(uint64(b.Len()))
	for len(tickets) > 0 {
		p, owed, n := tickets[0].peer, queue.Load{}, 0
		s.replies = s.replies[:0]
		for ; n < len(tickets) && tickets[n].peer == p; n++ {
			owed = owed.Plus(queue.Load{Count: 1, Size: tickets[n].size})
			s.replies = append(s.replies, r.reply(replies.NextWire())...)
		}
		keeper := huge(s.replies)
		if s.row.raw {
			keeper = nil // they are looked at again
		}
		if p == nil || !p.out.Answer(s.replies, n, owed, keeper) {
			gone += n
		} else if s.row.raw {
			s.endedBy(p, s.replies)
		}
		s.replies = reusable(s.replies)
		tickets = tickets[n:]
	}
	s.countDropped(gone)
	return gone, nil
}

// Waive says that the messages that the tickets stand for get no reply.
func (s *Socket) Waive(tickets []Ticket) {
	for _, t := range tickets {
		if t.peer != nil {
			t.peer.out.Waive(queue.Load{Count: 1, Size: t.size})
		}
	}
}

// issue adds tickets for messages of p, in wire form.
func (p *peer) issue(tickets *[]Ticket, wire []byte) {
	if tickets == nil {
		return
	}
	for len(wire) > 0 {
		message, rest := framing.CutMessage(wire)
		*tickets = append(*tickets, Ticket{p, len(message)})
		wire = rest
	}
}

// takeAll ends the waits for room: from here on messages of all peers are received.
// The socket's lock is held.
func (s *Socket) takeAll() {
	s.fair.admit()
	s.fair.ending = true
	for p := range s.peers {
		p.parked = false
		s.fair.activate(p)
	}
	s.fair.settleAll(s.peers)
	s.wakeReceiver()
}

// lonely reports whether there is no more than one peer.
func (s *Socket) lonely() bool { return s.online.Load() <= 1 }
