package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// receiveShape is the conversation of pull and sub, and of all others with --echo:
// what comes is printed, and sent back for --echo.
func (s *Session) receiveShape() error {
	if err := s.awaitPeers(0); err != nil {
		return err
	}
	if !s.Echo {
		return s.receiveAll(s.Stop, s.print)
	}
	s.replies = true
	var answer frames.Batch
	return s.receiveAll(s.Stop, func(b *frames.Batch) error {
		answer.Reset()
		answer.AppendBatch(b)
		if err := s.print(b); err != nil {
			return err
		}
		return s.reply(s.tickets[:answer.Len()], &answer)
	})
}

// take waits for messages. Where they will be replied to, a ticket comes with each,
// and peers that do not read their replies are not heard further.
func (s *Session) take(ctx context.Context, b *frames.Batch) error {
	for {
		err := s.takeSome(ctx, b)
		if err != nil || b.Source().Notice == 0 {
			return err
		}
		if err := s.prints.Announce(b); err != nil {
			return err
		}
	}
}

// takeSome is take, or brings a notice of a peer with --presence.
func (s *Session) takeSome(ctx context.Context, b *frames.Batch) (err error) {
	if !s.replies {
		err = s.socket.RecvBatch(ctx, b)
		life.Sweep(b.Size())
		return err
	}
	most := 0
	if s.Exec != "" {
		most = 1 // a command runs for each
	}
	s.tickets, err = s.socket.RecvRequests(ctx, b, most, s.tickets)
	life.Sweep(b.Size())
	return err
}

// reply sends each message of b to the peer from which its request came. How many
// of those peers had gone is reported at the end.
func (s *Session) reply(tickets []sockets.Ticket, b *frames.Batch) error {
	s.show("sent", b)
	count, size := b.Len(), b.Size()
	_, err := s.socket.Reply(tickets, b)
	s.moved.Count("sent", count-b.Len(), size-b.Size())
	life.Sweep(size)
	return err
}

// print prints the messages of b and takes them off it, and then compares them with
// what was expected.
func (s *Session) print(b *frames.Batch) error {
	var printed frames.Batch
	if s.Expected.Len() > 0 {
		printed.AppendBatch(b)
	}
	size := b.Size()
	err := s.prints.Print(b)
	life.Sweep(size)
	if err == nil || errors.Is(err, child.ErrEnded) {
		s.verify(&printed)
	}
	return err
}

// receiveAll hands what comes to take until --count, --idle or the end of ctx.
func (s *Session) receiveAll(ctx context.Context, take func(*frames.Batch) error) error {
	var batch frames.Batch
	for left := s.Limit; ; {
		if err := s.receive(ctx, &batch); err != nil {
			if errors.Is(err, outcome.ErrHalted) && s.Stop.Err() != nil {
				return s.drain(&batch, left, take)
			}
			return err
		}
		if left > 0 {
			batch.Truncate(left)
			if left -= batch.Len(); left == 0 {
				left = -1
				s.prints.Finish()
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
func (s *Session) receive(ctx context.Context, b *frames.Batch) error {
	return s.receiveFor(ctx, b, "message")
}

func (s *Session) receiveFor(ctx context.Context, b *frames.Batch, what string) error {
	before, begin := s.monitor.Discards.Load(), time.Now()
	var err error
	idles := false
	for wait := s.Idle; ; {
		limit := s.Timeout
		if s.Timeout > 0 {
			limit = max(s.Timeout-time.Since(begin), 1)
		}
		if idles = wait > 0 && (limit == 0 || wait <= limit); idles {
			limit = wait
		}
		bounded, cancel := life.Limited(ctx, limit)
		err = s.take(bounded, b)
		cancel()
		if !idles || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if wait = s.quiet.left(s.Idle); wait <= 0 {
			break
		}
	}
	switch {
	case err == nil:
		s.show("received", b)
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return outcome.ErrHalted
	case outcome.EndedAsAsked(err) && !s.command.Traits().Asks:
		return outcome.ErrIdle
	case !errors.Is(err, context.DeadlineExceeded):
		return err
	case idles:
		return outcome.ErrIdle
	}
	return &outcome.TimeoutError{Step: s.silence(what, s.Timeout) + s.monitor.Thrown(before)}
}

// silence returns a sentence: something did not come in time, and whether any peer
// was there that could have sent it.
func (s *Session) silence(what string, limit time.Duration) string {
	if s.socket.Stats().Peers == 0 {
		return fmt.Sprintf("no %s within %v: no peer is there%s", what, limit, s.why())
	}
	return fmt.Sprintf("no %s within %v", what, limit)
}

// lastCall is the time that a signal leaves to what is on its way from a socket's
// connections to its queues.
const lastCall = 20 * time.Millisecond

// drain hands to take what had been received when the signal came.
func (s *Session) drain(b *frames.Batch, left int, take func(*frames.Batch) error) error {
	if s.deserted.Load() {
		return outcome.ErrHalted
	}
	s.socket.Ebb() // else a peer that goes on sending would keep it for ever
	for left >= 0 {
		ctx, cancel := context.WithTimeout(s.Hard, lastCall)
		err := s.take(ctx, b)
		cancel()
		if err != nil {
			break
		}
		if left > 0 {
			b.Truncate(left)
			if left -= b.Len(); left == 0 {
				left = -1
				s.prints.Finish()
			}
		}
		s.show("received", b)
		if err := take(b); err != nil {
			return err
		}
	}
	return outcome.ErrHalted
}
