package session

import (
	"context"
	"errors"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// handleShape is the conversation of all types but rep with --exec: a command
// runs for each message, up to --jobs of them at a time, and replies are sent in
// the order in which they finish.
func (s *Session) handleShape() error {
	if err := s.awaitPeers(0); err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(s.Stop)
	defer fail(nil)
	s.replies = s.command.Sends()
	pool := &workers{Session: s, handler: s.newHandler(), free: make(chan *task, s.Jobs), failed: ctx, fail: fail}
	for range s.Jobs {
		pool.free <- &task{}
	}
	err := s.receiveAll(ctx, pool.take)
	if errors.Is(err, outcome.ErrHalted) {
		if cause := context.Cause(ctx); s.Stop.Err() == nil && cause != nil {
			err = cause
		}
	}
	pool.dispatch(&pool.late, pool.owed)
	// Commands that run may finish: a signal, or --timeout, limits that.
	for range s.Jobs {
		<-pool.free
	}
	if n := pool.left; n > 0 {
		s.Say.Fail("%s received and not handled", say.Plural(n, "message"))
		s.Verdict.Add(outcome.Failed)
	}
	return err
}

// workers hand messages to at most --jobs commands at a time.
type workers struct {
	*Session
	handler *handler
	free    chan *task       // those for which no command runs
	late    frames.Batch     // what was received when the end had begun
	owed    []sockets.Ticket // of those messages
	left    int              // messages for which nothing was run
	failed  context.Context
	fail    context.CancelCauseFunc // ends the conversation
}

// take hands out all of b. It returns when another message could be handled, so
// that no more is received than is handled, and --idle does not count while all
// commands are at work.
func (c *workers) take(b *frames.Batch) error {
	select {
	case <-c.Stop.Done():
		c.late.AppendBatch(b)
		c.owed = append(c.owed, c.tickets...)
		return nil
	default:
	}
	c.dispatch(b, c.tickets)
	select {
	case t := <-c.free:
		c.free <- t
	case <-c.failed.Done():
	}
	return nil
}

// dispatch starts a command for each message of b, when there is room for one. Each
// message has a ticket, where there are any.
func (c *workers) dispatch(b *frames.Batch, tickets []sockets.Ticket) {
	for b.Len() > 0 {
		select {
		case <-c.Hard.Done():
			c.left += b.Len()
			b.Reset()
			return
		case t := <-c.free:
			c.handler.accept(t, b)
			t.ticket = t.ticket[:0]
			if len(tickets) > 0 {
				t.ticket, tickets = append(t.ticket, tickets[0]), tickets[1:]
			}
			go func() {
				defer func() { c.free <- t }()
				if !c.handler.run(t) {
					c.socket.Waive(t.ticket)
				} else if err := c.reply(t.ticket, &t.reply); err != nil {
					c.fail(err)
				}
			}()
		}
	}
}
