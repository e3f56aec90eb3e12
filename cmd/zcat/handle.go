package main

import (
	"context"
	"errors"

	"github.com/zcat/zcat/pkg/frames"
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
	crew := &crew{session: s, handler: s.newHandler(), free: make(chan *task, s.jobs), failed: ctx, fail: fail}
	for range s.jobs {
		crew.free <- &task{}
	}
	err := s.receiveAll(ctx, crew.take)
	if errors.Is(err, errHalted) {
		if cause := context.Cause(ctx); s.stop.Err() == nil && cause != nil {
			err = cause
		}
	}
	crew.dispatch(&crew.late)
	// Whoever runs may finish: a signal, or --timeout, is what limits that.
	for range s.jobs {
		<-crew.free
	}
	if n := crew.left; n > 0 {
		s.say.fail("%s received and not handled", plural(n, "message"))
		s.verdict.add(statusFailed)
	}
	return err
}

// crew hands messages to at most --jobs commands at a time.
type crew struct {
	*session
	handler *handler
	free    chan *task   // those that no command runs for
	late    frames.Batch // what was received when the end had begun
	left    int          // messages that nothing was run for
	failed  context.Context
	fail    context.CancelCauseFunc // ends the conversation
}

// take has all of b handled. It returns when another message could be, so that
// no more is received than is handled, and --idle does not count while all
// commands are at work.
func (c *crew) take(b *frames.Batch) error {
	select {
	case <-c.stop.Done():
		c.late.AppendBatch(b)
		return nil
	default:
	}
	c.dispatch(b)
	select {
	case t := <-c.free:
		c.free <- t
	case <-c.failed.Done():
	}
	return nil
}

// dispatch starts a command for each message of b, when there is room for one.
func (c *crew) dispatch(b *frames.Batch) {
	for b.Len() > 0 {
		select {
		case <-c.hard.Done():
			c.left += b.Len()
			b.Reset()
			return
		case t := <-c.free:
			c.handler.accept(t, b)
			go func() {
				defer func() { c.free <- t }()
				if c.handler.run(t) {
					if err := c.send(&t.reply); err != nil {
						c.fail(err)
					}
				}
			}()
		}
	}
}
