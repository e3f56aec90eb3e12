package session

import (
	"context"
	"errors"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// duplexShape is the conversation of dealer, pair, router, xpub and xsub: the input
// is sent while what arrives is printed. The end of the input does not end it; a
// bad line does.
func (s *Session) duplexShape() error {
	if s.Echo {
		return s.receiveShape()
	}
	ctx, cancel := context.WithCancel(s.Stop)
	defer cancel()
	sent := make(chan error, 1)
	s.quiet.begin = time.Now()
	s.quiet.enter(gathers)
	go func() {
		err := s.leftWith(s.awaitAudience())
		s.quiet.enter(listens)
		if err == nil {
			err = s.sendInput(0)
		}
		if err != nil {
			cancel()
		}
		sent <- err
	}()
	if s.filter != nil {
		go func() {
			select {
			case <-s.filter.Ended():
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	received := s.receiveAll(ctx, s.print)
	// What is under way is still sent, but not for ever.
	s.LimitEnd()
	if s.filter != nil {
		// The filter has yet to answer what it was given.
		s.filter.HangUpAside()
	} else {
		s.Lines.Finish()
		s.endInput()
	}
	if err := <-sent; err != nil && !errors.Is(err, outcome.ErrHalted) {
		return err
	}
	if errors.Is(received, child.ErrEnded) {
		return nil // its end is reported where it is awaited
	}
	return received
}
