package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/pkg/frames"
)

// replyShape is the conversation of rep: each request is printed, then answered
// by the next message of the input, by itself, or by the FRAMEs.
func (s *session) replyShape() error {
	if err := s.awaitPeers(0); err != nil {
		return err
	}
	answer := s.fromInput()
	switch {
	case s.exec != "":
		answer = &executed{handler: s.newHandler()}
	case s.echo:
		answer = sameAgain{}
	case s.message != nil:
		answer = always{s.message}
	}
	var request, reply frames.Batch
	for done := 0; done < s.limit || s.limit == 0; done++ {
		ctx, err := answer.ready(s.stop)
		if err != nil {
			return s.endOfReplies(done, err)
		}
		if err := s.receiveFor(ctx, &request, "request"); err != nil {
			if s.stop.Err() != nil {
				return err
			}
			if ended := answer.ended(); ended != nil {
				return s.endOfReplies(done, ended)
			}
			return err
		}
		reply.Reset()
		if done == s.limit-1 {
			s.prints.finish()
		}
		answer.keep(&request, &reply)
		// A request that a command handles is not there any more.
		err = s.print(&request)
		if err == nil {
			err = answer.take(&reply)
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, child.ErrEnded):
			// Whoever asked would wait for ever.
			s.say.notice("the input ended before the last request had a reply: it was answered with one empty frame")
			reply.Append(frames.Strings(""))
			return s.send(&reply)
		case s.filter != nil && !errors.Is(err, errHalted):
			reply.Append(frames.Strings(""))
			return errors.Join(err, s.send(&reply))
		default:
			return err
		}
		if err := s.send(&reply); err != nil {
			return err
		}
	}
	return nil
}

// endOfReplies is how an end of the replies ends the conversation.
func (s *session) endOfReplies(done int, err error) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	if done == 0 && s.filter == nil {
		s.say.notice("%s is empty: rep has no reply to give (--echo, --exec CMD and FRAMEs give one without it)", s.lines.name)
	}
	return nil
}

// answers is where replies come from.
type answers interface {
	// ready returns the context to wait for a request with, or why there will be
	// no reply to one.
	ready(ctx context.Context) (context.Context, error)
	// ended is why there will be no more replies, nil as long as there may be.
	ended() error
	// keep may copy what it needs of a request to reply, before it is printed.
	keep(request, reply *frames.Batch)
	// take waits for the reply, or returns why there is none.
	take(reply *frames.Batch) error
}

// sameAgain answers with the request.
type sameAgain struct{}

func (sameAgain) ready(ctx context.Context) (context.Context, error) { return ctx, nil }
func (sameAgain) ended() error                                       { return nil }
func (sameAgain) take(*frames.Batch) error                           { return nil }
func (sameAgain) keep(request, reply *frames.Batch) {
	reply.AppendBatch(request)
}

// always answers with the same message.
type always struct{ message frames.Message }

func (always) ready(ctx context.Context) (context.Context, error) { return ctx, nil }
func (always) ended() error                                       { return nil }
func (always) keep(_, _ *frames.Batch)                            {}
func (a always) take(reply *frames.Batch) error {
	reply.Append(a.message)
	return nil
}

// replies answers with messages of the input, which is read by a goroutine of
// its own while requests are waited for: its end must end the waiting too.
type replies struct {
	session *session
	src     source
	have    frames.Batch // replies at hand
	end     error        // what ended the input

	fetching bool
	fetched  chan error // one for each fetch; more holds what it brought
	more     frames.Batch

	waiting context.Context // ends with the input
	over    context.CancelFunc

	// A filter answers what it was asked, and nothing else: a line more, and each
	// reply from then on would go to the request before its own.
	strict bool
	asked  atomic.Bool     // there is a request in hand
	stop   context.Context // when a reply is awaited no longer
}

// errUnasked says that a filter broke the rule of one line for one line.
var errUnasked = errors.New("the filter wrote a line that no request asked for: it owes one line for each")

func (s *session) fromInput() answers {
	if !s.reads {
		return sameAgain{}
	}
	r := &replies{session: s, src: s.source(), fetched: make(chan error, 1), stop: s.stop}
	if s.filter != nil {
		// A signal lets it answer the request in hand.
		r.strict, r.stop = true, s.hard
	}
	r.waiting, r.over = context.WithCancel(s.stop)
	return r
}

// fetch begins to read more replies, unless that has begun.
func (r *replies) fetch() {
	if r.fetching {
		return
	}
	r.fetching = true
	go func() {
		err := r.src.next(&r.more)
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

func (r *replies) ready(ctx context.Context) (context.Context, error) {
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
		if !r.session.lines.ready() {
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
			return nil, errHalted
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

func (r *replies) keep(_, _ *frames.Batch) { r.asked.Store(true) }

func (r *replies) take(reply *frames.Batch) error {
	defer r.asked.Store(false)
	var late <-chan time.Time
	if limit := r.session.timeout; limit > 0 && r.strict {
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
			return &timeoutError{fmt.Sprintf("no line of the filter within %v", r.session.timeout)}
		case <-r.stop.Done():
			return errHalted
		}
	}
	reply.Append(r.have.Next())
	return nil
}
