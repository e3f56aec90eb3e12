package main

import (
	"context"
	"errors"
)

// duplexShape is the conversation of dealer, pair, router, xpub and xsub: the
// input is sent while what comes is printed. The end of the input does not end
// it; a bad line does.
func (s *session) duplexShape() error {
	if s.echo {
		if err := s.awaitPeers(0); err != nil {
			return err
		}
		return s.receiveAll(s.stop)
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
	received := s.receiveAll(ctx)
	// What is under way is still sent, but not for ever.
	s.limitEnd()
	s.input.finish()
	s.endInput()
	if err := <-sent; err != nil && !errors.Is(err, errHalted) {
		return err
	}
	return received
}
