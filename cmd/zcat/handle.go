package main

import (
	"context"
	"errors"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// handleShape is the conversation of all types but rep with --exec: a command
// runs for each message, up to --jobs of them at a time, and replies are sent in
// the order in which they finish.
func (s *session) handleShape() error {
	if err := s.awaitPeers(0); err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(s.stop)
	defer fail(nil)
	s.replies = s.command.sends()
	pool := &workers{session: s, handler: s.newHandler(), free: make(chan *task, s.jobs), failed: ctx, fail: fail}
	for range s.jobs {
		pool.free <- &task{}
	}
	err := s.receiveAll(ctx, pool.take)
	if errors.Is(err, errHalted) {
		if cause := context.Cause(ctx); s.stop.Err() == nil && cause != nil {
			err = cause
		}
	}
	pool.dispatch(&pool.late, pool.owed)
	// Whoever runs may finish: a signal, or --timeout, is what limits that.
	for range s.jobs {
		<-pool.free
	}
	if n := pool.left; n > 0 {
		s.say.fail("%s received and not handled", plural(n, "message"))
		s.verdict.add(statusFailed)
	}
	return err
}

// workers hand messages to at most --jobs commands at a time.
type workers struct {
	*session
	handler *handler
	free    chan *task       // those that no command runs for
	late    frames.Batch     // what was received when the end had begun
	owed    []sockets.Ticket // of those messages
	left    int              // messages that nothing was run for
	failed  context.Context
	fail    context.CancelCauseFunc // ends the conversation
}

// take has all of b handled. It returns when another message could be, so that
// no more is received than is handled, and --idle does not count while all
// commands are at work.
func (c *workers) take(b *frames.Batch) error {
	select {
	case <-c.stop.Done():
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
// has a ticket, where there are any.
func (c *workers) dispatch(b *frames.Batch, tickets []sockets.Ticket) {
	for b.Len() > 0 {
		select {
		case <-c.hard.Done():
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
