package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/ration"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// sendShape is the conversation of push and pub: the input is sent, and its end
// is the end.
func (s *session) sendShape() error {
	if err := s.awaitAudience(); err != nil {
		return err
	}
	return s.sendInput(s.limit)
}

// sendInput sends what the input gives, at most limit messages if that is not 0.
// Batches go from the decoder to the socket as they are; only a pace needs the
// messages one by one.
func (s *session) sendInput(limit int) error {
	src, pace := s.source(), newPacer(&s.Input)
	var batch, one frames.Batch
	s.sending = sending{src, &batch}
	for left := limit; ; {
		end := src.next(&batch)
		if limit > 0 {
			batch.Truncate(left)
			left -= batch.Len()
		}
		for pace != nil && batch.Len() > 0 {
			if err := pace.wait(s.taking); err != nil {
				return err
			}
			one.Reset()
			one.Append(batch.Next())
			if err := s.send(&one); err != nil {
				return err
			}
		}
		if batch.Len() > 0 {
			if err := s.send(&batch); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(end, io.EOF), limit > 0 && left == 0:
			return nil
		case end != nil:
			return end
		}
	}
}

// send hands all of b to the socket. What no peer has the routing id for is
// reported, and the rest goes on.
func (s *session) send(b *frames.Batch) error {
	s.show("sent", b)
	for b.Len() > 0 {
		err := s.sendStep(b)
		var unroutable *sockets.UnroutableError
		switch {
		case err == nil:
		case errors.As(err, &unroutable):
			s.reportUnrouted(err)
			s.verdict.add(statusRefused)
		default:
			s.unsent.Add(int64(b.Len()))
			b.Reset()
			return err
		}
	}
	return nil
}

// mostUnrouted is how many messages without a peer are reported one by one: those
// whose peers left decide how many there are.
const mostUnrouted = 10

func (s *session) reportUnrouted(err error) {
	s.unroutedLock.Lock()
	defer s.unroutedLock.Unlock()
	now := time.Now()
	if s.unrouted.Pass("", mostUnrouted, now) {
		s.say.fail("%v: the message was not sent", err)
	}
	s.sumUnrouted(s.unrouted.Sums(now))
}

func (s *session) sumUnrouted(sums []ration.Sum[string]) {
	for _, sum := range sums {
		s.say.fail("and %s without a peer of that routing id within %v", plural(sum.More, "more message"), sum.Within)
	}
}

func (s *session) sendStep(b *frames.Batch) error {
	if s.timeout == 0 {
		if err := s.socket.SendBatch(s.hard, b); err == nil || s.hard.Err() == nil {
			return err
		}
		return errHalted
	}
	return s.step(s.hard, func(ctx context.Context) error { return s.socket.SendBatch(ctx, b) }, func() string {
		if s.socket.Stats().Peers == 0 {
			return fmt.Sprintf("no peer within %v%s", s.timeout, s.why())
		}
		return fmt.Sprintf("no peer had room for a message within %v", s.timeout)
	})
}
