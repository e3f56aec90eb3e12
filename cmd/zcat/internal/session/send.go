package session

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// sendShape is the conversation of push and pub: the input is sent, and its end
// is the end.
func (s *Session) sendShape() error {
	if err := s.leftWith(s.awaitAudience()); err != nil {
		return err
	}
	return s.sendInput(s.Limit)
}

// sendInput sends what the input gives, at most limit messages if that is not 0.
// Batches go from the decoder to the socket as they are; only a pace needs the
// messages one by one.
func (s *Session) sendInput(limit int) error {
	src, pace := s.Source(), newPacer(&s.Input)
	var batch, one frames.Batch
	s.Sending = Sending{src, &batch}
	for left := limit; ; {
		end := src.Next(&batch)
		s.quiet.heard()
		life.Sweep(batch.Size())
		if limit > 0 {
			batch.Truncate(left)
			left -= batch.Len()
		}
		for pace != nil && batch.Len() > 0 {
			if err := pace.wait(s.Taking); err != nil {
				return err
			}
			one.Reset()
			batch.Shift(&one, 1)
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

// send hands all of b to the socket. A message whose routing id no peer has is
// reported, and the rest goes on.
func (s *Session) send(b *frames.Batch) error {
	s.show("sent", b)
	size := b.Size()
	defer func() { life.Sweep(size) }()
	for b.Len() > 0 {
		count, bytes := b.Len(), b.Size()
		err := s.sendStep(b)
		s.moved.Count("sent", count-b.Len(), bytes-b.Size())
		var unroutable *sockets.UnroutableError
		switch {
		case err == nil:
		case errors.As(err, &unroutable) && s.command.Traits().Answers: // reported at the end
		case errors.As(err, &unroutable):
			s.unrouted.Fail(say.Kind{One: "message", After: " without a peer of that routing id"}, "%v: the message was not sent", err)
			s.Verdict.Add(outcome.Refused)
		default:
			s.unsent.Add(int64(b.Len()))
			b.Reset()
			return err
		}
	}
	return nil
}

// mostUnrouted is the number of messages without a peer that are reported one by
// one: peers that leave decide how many there are.
const mostUnrouted = 10

func (s *Session) sendStep(b *frames.Batch) error {
	s.beginSend()
	defer s.endSend()
	if s.Timeout == 0 {
		if err := s.socket.SendBatch(s.Hard, b); err == nil || s.Hard.Err() == nil {
			return err
		}
		return outcome.ErrHalted
	}
	return s.step(s.Hard, func(ctx context.Context) error { return s.socket.SendBatch(ctx, b) }, func() string {
		if s.socket.Stats().Peers == 0 {
			return fmt.Sprintf("no peer within %v%s", s.Timeout, s.why())
		}
		return fmt.Sprintf("no peer had room for a message within %v", s.Timeout)
	})
}
