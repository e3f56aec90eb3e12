package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// replyShape is the conversation of rep: each request is printed, then answered
// by the next message of the input, by itself, or by the FRAMEs.
func (s *Session) replyShape() error {
	if err := s.awaitPeers(0); err != nil {
		return err
	}
	answer := s.fromInput()
	switch {
	case s.Exec != "":
		answer = &executed{handler: s.newHandler()}
	case s.Echo:
		answer = sameAgain{}
	case s.Message != nil:
		answer = always{s.Message}
	}
	var request, reply frames.Batch
	for done := 0; done < s.Limit || s.Limit == 0; done++ {
		ctx, err := answer.Ready(s.Stop)
		if err != nil {
			return s.endOfReplies(done, err)
		}
		if err := s.receiveFor(ctx, &request, "request"); err != nil {
			if s.Stop.Err() != nil {
				return err
			}
			if ended := answer.ended(); ended != nil {
				return s.endOfReplies(done, ended)
			}
			return err
		}
		reply.Reset()
		if done == s.Limit-1 {
			s.prints.Finish()
		}
		answer.keep(&request, &reply)
		// A request that a command has handled is no longer there.
		err = s.print(&request)
		if err == nil {
			err = answer.take(&reply)
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, child.ErrEnded):
			// The peer that asked would wait for ever.
			s.Say.Notice("the input ended before the last request had a reply: it was answered with one empty frame")
			reply.Append(frames.Strings(""))
			return s.send(&reply)
		case s.filter != nil && !errors.Is(err, outcome.ErrHalted):
			reply.Append(frames.Strings(""))
			return errors.Join(err, s.send(&reply))
		default:
			return err
		}
		if err := s.send(&reply); err != nil {
			return err
		}
	}
	if s.filter != nil {
		s.filter.enough = true
	}
	return nil
}

// endOfReplies returns how an end of the replies ends the conversation.
func (s *Session) endOfReplies(done int, err error) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	if done == 0 && s.filter == nil {
		s.Say.Notice("%s is empty: rep has no reply to give (--echo, --exec CMD and FRAMEs give one without it)", s.Lines.Name)
	}
	return nil
}

// answers is a source of replies.
type answers interface {
	// Ready returns the context with which to wait for a request, or the reason why
	// there will be no reply to one.
	Ready(ctx context.Context) (context.Context, error)
	// ended returns the reason why no more replies come, nil as long as some may.
	ended() error
	// keep may copy to reply what it needs of a request, before that is printed.
	keep(request, reply *frames.Batch)
	// take waits for the reply, or returns the reason why there is none.
	take(reply *frames.Batch) error
}

// sameAgain answers with the request.
type sameAgain struct{}

func (sameAgain) Ready(ctx context.Context) (context.Context, error) { return ctx, nil }
func (sameAgain) ended() error                                       { return nil }
func (sameAgain) take(*frames.Batch) error                           { return nil }
func (sameAgain) keep(request, reply *frames.Batch) {
	reply.AppendBatch(request)
}

// always answers with the same message.
type always struct{ message frames.Message }

func (always) Ready(ctx context.Context) (context.Context, error) { return ctx, nil }
func (always) ended() error                                       { return nil }
func (always) keep(_, _ *frames.Batch)                            {}
func (a always) take(reply *frames.Batch) error {
	reply.Append(a.message)
	return nil
}

// replies answers with messages of the input, which a goroutine of its own reads
// while a request is awaited: its end must end that wait too.
type replies struct {
	session *Session
	src     stream.Source
	have    frames.Batch // replies at hand
	end     error        // what ended the input

	fetching bool
	fetched  chan error // one for each fetch; more holds what it brought
	more     frames.Batch

	waiting context.Context // ends with the input
	over    context.CancelFunc

	// A filter answers what it was asked, and nothing else: with one line more,
	// each reply from then on would go to the wrong request.
	strict bool
	asked  atomic.Bool     // there is a request in hand
	stop   context.Context // when a reply is awaited no longer
}

// errUnasked means that a filter broke the rule of one line for one line.
var errUnasked = errors.New("the filter wrote a line that no request asked for: it owes one line for each")

func (s *Session) fromInput() answers {
	if !s.Reads {
		return sameAgain{}
	}
	r := &replies{session: s, src: s.Source(), fetched: make(chan error, 1), stop: s.Stop}
	if s.filter != nil {
		// A signal lets it answer the request in hand.
		r.strict, r.stop = true, s.Hard
		s.filter.pending = r.pending
	}
	r.waiting, r.over = context.WithCancel(s.Stop)
	return r
}

// fetch begins to read more replies, unless that has begun.
func (r *replies) fetch() {
	if r.fetching {
		return
	}
	r.fetching = true
	go func() {
		err := r.src.Next(&r.more)
		life.Sweep(r.more.Size())
		if r.strict && r.more.Len() > 0 && !r.asked.Load() {
			r.more.Reset()
			err = errUnasked
		}
		if err != nil && r.more.Len() == 0 {
			r.over()
		}
		r.fetched <- err
	}()
}

// arrived stores what a fetch brought.
func (r *replies) arrived(err error) {
	r.fetching, r.end = false, err
	r.have.Swap(&r.more)
	r.more.Reset()
}

func (r *replies) Ready(ctx context.Context) (context.Context, error) {
	if r.strict && r.have.Len() > 0 {
		return nil, errUnasked
	}
	for r.have.Len() == 0 {
		if r.end != nil {
			return nil, r.end
		}
		r.fetch()
		// Where the next line or the end of the input is at hand, it is known
		// before a request is taken, so that no request is taken in vain.
		if !r.session.Lines.Ready() {
			select {
			case err := <-r.fetched:
				r.arrived(err)
				continue
			default:
				return r.waiting, nil
			}
		}
		select {
		case err := <-r.fetched:
			r.arrived(err)
		case <-ctx.Done():
			return nil, outcome.ErrHalted
		}
	}
	return ctx, nil
}

func (r *replies) ended() error {
	if r.waiting.Err() == nil {
		return nil
	}
	if r.fetching {
		r.arrived(<-r.fetched)
	}
	return r.end
}

// pending is how many replies were read and not sent, once nobody waits for one.
func (r *replies) pending() int {
	if r.fetching {
		r.arrived(<-r.fetched)
	}
	return r.have.Len()
}

func (r *replies) keep(_, _ *frames.Batch) { r.asked.Store(true) }

func (r *replies) take(reply *frames.Batch) error {
	defer r.asked.Store(false)
	var late <-chan time.Time
	if limit := r.session.Timeout; limit > 0 && r.strict {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	for r.have.Len() == 0 {
		if r.end != nil {
			return r.end
		}
		r.fetch()
		select {
		case err := <-r.fetched:
			r.arrived(err)
		case <-late:
			return &outcome.TimeoutError{Step: fmt.Sprintf("no line from the filter within %v", r.session.Timeout)}
		case <-r.stop.Done():
			return outcome.ErrHalted
		}
	}
	r.have.Shift(reply, 1)
	return nil
}
