package main

import (
	"context"
	"errors"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
)

// duplexShape is the conversation of dealer, pair, router, xpub and xsub: the
// input is sent while what comes is printed. The end of the input does not end
// it; a bad line does.
func (s *session) duplexShape() error {
	if s.echo {
		return s.receiveShape()
	}
	ctx, cancel := context.WithCancel(s.stop)
	defer cancel()
	sent := make(chan error, 1)
	go func() {
		err := s.awaitAudience()
		if err == nil {
			err = s.sendInput(0)
		}
		if err != nil {
			cancel()
		}
		sent <- err
	}()
	if s.filter != nil {
		defer context.AfterFunc(s.filter.over, cancel)()
	}
	received := s.receiveAll(ctx, s.print)
	// What is under way is still sent, but not for ever.
	s.limitEnd()
	if s.filter != nil {
		// It has yet to answer what it was given.
		s.filter.CloseInput()
	} else {
		s.lines.finish()
		s.endInput()
	}
	if err := <-sent; err != nil && !errors.Is(err, errHalted) {
		return err
	}
	if errors.Is(received, child.ErrEnded) {
		return nil // how it ended is said where it is awaited
	}
	return received
}
