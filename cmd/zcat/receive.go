package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// receiveShape is the conversation of pull and sub, and of all that answer what
// comes with itself: it is printed, and sent back for --echo.
func (s *session) receiveShape() error {
	if err := s.awaitPeers(0); err != nil {
		return err
	}
	if !s.echo {
		return s.receiveAll(s.stop, s.print)
	}
	var answer frames.Batch
	return s.receiveAll(s.stop, func(b *frames.Batch) error {
		answer.Reset()
		answer.AppendWire(b.Wire(), b.Len())
		if err := s.print(b); err != nil {
			return err
		}
		return s.send(&answer)
	})
}

// print prints the messages of b and takes them off it, and then holds them
// against what was expected.
func (s *session) print(b *frames.Batch) error {
	wire := b.Wire()
	if err := s.output.print(b); err != nil {
		return err
	}
	s.verify(wire)
	return nil
}

// receiveAll hands what comes to take until --count, --idle or the end of ctx.
func (s *session) receiveAll(ctx context.Context, take func(*frames.Batch) error) error {
	var batch frames.Batch
	for left := s.limit; ; {
		if err := s.receive(ctx, &batch); err != nil {
			if errors.Is(err, errHalted) && s.stop.Err() != nil {
				return s.drain(&batch, left, take)
			}
			return err
		}
		if left > 0 {
			keepFirst(&batch, left)
			if left -= batch.Len(); left == 0 {
				left = -1
			}
		}
		if err := take(&batch); err != nil {
			return err
		}
		if left < 0 {
			return nil
		}
	}
}

// receive waits for messages, no longer than --timeout and --idle allow.
func (s *session) receive(ctx context.Context, b *frames.Batch) error {
	return s.receiveFor(ctx, b, "message")
}

func (s *session) receiveFor(ctx context.Context, b *frames.Batch, what string) error {
	limit, idles := s.timeout, false
	if s.idle > 0 && (limit == 0 || s.idle <= limit) {
		limit, idles = s.idle, true
	}
	bounded, cancel := limited(ctx, limit)
	err := s.socket.RecvBatch(bounded, b)
	cancel()
	switch {
	case err == nil:
		s.show("received", b)
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return errHalted
	case !errors.Is(err, context.DeadlineExceeded):
		return err
	case idles:
		return errIdle
	}
	return &timeoutError{s.silence(what, limit)}
}

// silence says that something did not come in time, and whether anybody was
// there who could have sent it.
func (s *session) silence(what string, limit time.Duration) string {
	if s.socket.Stats().Peers == 0 {
		return fmt.Sprintf("no %s within %v: no peer is there%s", what, limit, s.why())
	}
	return fmt.Sprintf("no %s within %v", what, limit)
}

const (
	// drainTime bounds how long a peer that goes on sending is listened to after
	// a signal, and lastCall how long one that does not.
	drainTime = 200 * time.Millisecond
	lastCall  = 20 * time.Millisecond
)

// drain hands to take what had been received when the signal came.
func (s *session) drain(b *frames.Batch, left int, take func(*frames.Batch) error) error {
	if s.verdict.status() == statusPipe {
		return errHalted
	}
	for until := time.Now().Add(drainTime); left >= 0 && time.Now().Before(until); {
		ctx, cancel := context.WithTimeout(s.hard, lastCall)
		err := s.socket.RecvBatch(ctx, b)
		cancel()
		if err != nil {
			break
		}
		if left > 0 {
			keepFirst(b, left)
			if left -= b.Len(); left == 0 {
				left = -1
			}
		}
		s.show("received", b)
		if err := take(b); err != nil {
			return err
		}
	}
	return errHalted
}
