package session

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// requestShape is the conversation of req: each message of the input is a
// request, and its reply is awaited before the next. A filter asks and reads the
// replies; it may end before it has read them all.
func (s *Session) requestShape() (err error) {
	if err := s.leftWith(s.awaitPeers(0)); err != nil {
		return err
	}
	src, trip := s.Source(), roundTrip{Session: s, pace: newPacer(&s.Input), spent: func() bool { return false }}
	if f, ok := src.(*stream.FrameSource); ok {
		trip.spent = f.Spent
	}
	defer func() {
		if unprinted := trip.print(); err == nil {
			err = unprinted
		}
	}()
	var batch frames.Batch
	for {
		end := src.Next(&batch)
		life.Sweep(batch.Size())
		err := trip.all(&batch)
		if enough := s.Limit > 0 && trip.done == s.Limit; err != nil || enough {
			if s.filter != nil {
				if s.filter.enough = enough; !enough {
					s.unsent.Add(int64(batch.Len()))
				}
			}
			return err
		}
		switch {
		case errors.Is(end, io.EOF):
			return nil
		case end != nil:
			return end
		}
	}
}

// roundTrip sends requests one at a time; its batches are used for all of them.
type roundTrip struct {
	*Session
	pace    *pacer      // nil where nothing is spaced
	done    int         // requests that have their reply
	spent   func() bool // reports whether the requests at hand are the last
	request frames.Batch
	again   frames.Batch // a copy of it, where it may have to be sent again
	reply   frames.Batch // what of it is left has still to be printed
}

// all sends the requests of a batch, as far as --count allows, and prints their
// replies.
func (t *roundTrip) all(requests *frames.Batch) error {
	for requests.Len() > 0 && (t.Limit == 0 || t.done < t.Limit) {
		if t.pace != nil {
			if err := t.print(); err != nil {
				return err
			}
			if err := t.pace.wait(t.Taking); err != nil {
				return err
			}
		}
		err := t.run(requests)
		if t.abandons(err) {
			continue
		}
		if err != nil {
			return err
		}
		t.done++
		if t.filter != nil {
			// Its next request may depend on the reply to this one.
			if err := t.print(); err != nil {
				return err
			}
		}
	}
	if t.Limit > 0 && t.done == t.Limit || t.spent() {
		t.prints.Finish()
	}
	return t.print()
}

// abandons reports a reply that is late where that does not keep the next request from
// being sent, as with libzmq's ZMQ_REQ_RELAXED: whatever comes now is not its reply.
func (t *roundTrip) abandons(err error) bool {
	var late *outcome.TimeoutError
	if !t.Options.Relaxed || !errors.As(err, &late) {
		return false
	}
	t.Say.Fail("%v: the request is abandoned", err)
	t.Verdict.Add(outcome.Timeout)
	return true
}

// print prints the last reply.
func (t *roundTrip) print() error {
	err := t.Session.print(&t.reply)
	if errors.Is(err, child.ErrEnded) {
		return nil // it has asked all that it wanted to
	}
	return err
}

// run sends the first request of a batch, takes it off, and waits for its reply. A reply
// that does not come in time may be lost with its connection, so that each retry takes a
// fresh one.
func (t *roundTrip) run(requests *frames.Batch) error {
	t.request.Reset()
	requests.Shift(&t.request, 1)
	for try := 0; ; try++ {
		if try < t.Retries {
			t.again.Reset()
			t.again.AppendBatch(&t.request)
		}
		t.show("sent", &t.request)
		t.asking = true
		before := t.monitor.Discards.Load()
		err := t.step(t.Stop, t.exchange, func() string { return t.silence("reply", t.Timeout) + t.monitor.Thrown(before) })
		if err == nil {
			t.asking = false
			t.show("received", &t.reply)
			return nil
		}
		var late *outcome.TimeoutError
		isLate := errors.As(err, &late)
		if !isLate || try == t.Retries {
			t.unsent.Add(int64(t.request.Len())) // the socket did not take it
		}
		if !isLate {
			return err
		}
		if try == t.Retries {
			if t.Retries > 0 {
				late.Step += fmt.Sprintf(" (%d retries)", t.Retries)
			}
			return err
		}
		t.Say.Notice("%v: asking again on a fresh connection (%d of %d)", err, try+1, t.Retries)
		t.request.Swap(&t.again)
		if err := t.reopen(); err != nil {
			return err
		}
	}
}

func (t *roundTrip) exchange(ctx context.Context) error {
	bytes := t.request.Size()
	if err := t.socket.SendBatch(ctx, &t.request); err != nil {
		return err
	}
	t.moved.Count("sent", 1, bytes)
	life.Sweep(bytes) // or it would still be there when the reply comes
	// The previous reply is printed while the peer works on this request.
	if err := t.print(); err != nil {
		return err
	}
	return t.take(ctx, &t.reply)
}
