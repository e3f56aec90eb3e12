package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Tally is the count of a server.
type Tally struct {
	Messages uint64
	Bytes    uint64        // of their bodies
	Elapsed  time.Duration // from the first message to the last
}

// Serve counts and echoes on s until ctx is done or s is closed, neither of
// which is an error. It calls report with every tally, the empty ones too: at
// an empty body, after limit messages if limit is not 0, and at the end.
func Serve(ctx context.Context, s *sockets.Socket, limit uint64, report func(Tally)) error {
	srv := server{socket: s, limit: limit, report: report}
	srv.answers, srv.turns = answers(s.Type()), s.Type().Traits().Answers
	srv.fresh = !srv.answers
	for {
		err := srv.step(ctx)
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil && errors.Is(err, ctx.Err()), errors.Is(err, sockets.ErrClosed):
			err = nil
		}
		if srv.tally.Messages > 0 {
			report(srv.tally)
		}
		return err
	}
}

type server struct {
	socket  *sockets.Socket
	answers bool // messages can be sent back
	turns   bool // and all have to be
	limit   uint64
	report  func(Tally)
	in, out frames.Batch
	tally   Tally
	begin   time.Time // when the first message of the tally came
	fresh   bool      // the next message may be that
}

// step waits for messages and deals with them.
func (s *server) step(ctx context.Context) error {
	if err := s.receive(ctx); err != nil {
		return err
	}
	if s.in.Len() == 1 {
		// An echo needs no copy.
		for message := range s.in.Messages() {
			if s.echoes(message) {
				return s.socket.SendBatch(ctx, &s.in)
			}
		}
	}
	for now := time.Now(); s.in.Len() > 0; {
		s.take(s.in.Next(), now)
	}
	if s.out.Len() == 0 {
		return nil
	}
	return s.socket.SendBatch(ctx, &s.out)
}

// receive takes the first message of a tally alone: the time begins with it, not
// with those that came right after it.
func (s *server) receive(ctx context.Context) error {
	if !s.fresh {
		return s.socket.RecvBatch(ctx, &s.in)
	}
	m, err := s.socket.Recv(ctx)
	if err != nil {
		return err
	}
	s.fresh = false
	s.in.Reset()
	s.in.Append(m)
	return nil
}

func (s *server) echoes(message frames.Message) bool {
	if s.turns {
		return true
	}
	_, body := cutBody(message)
	return len(body) > 0 && body[0] == echoMe && s.answers
}

// take deals with one message, which had come by now.
func (s *server) take(message frames.Message, now time.Time) {
	if s.echoes(message) {
		s.out.Append(message)
		return
	}
	envelope, body := cutBody(message)
	if len(body) > 0 {
		if s.tally.Messages == 0 {
			s.begin = now
		}
		s.tally.Messages++
		s.tally.Bytes += uint64(len(body))
		s.tally.Elapsed = now.Sub(s.begin)
		if s.tally.Messages == s.limit {
			s.end()
		}
		return
	}
	if s.answers {
		s.out.Append(messageOf(envelope, fmt.Appendf(nil, "%d %d", s.tally.Messages, s.tally.Elapsed.Nanoseconds())))
	}
	s.end()
}

// end reports the tally and begins another.
func (s *server) end() {
	s.report(s.tally)
	s.tally, s.fresh = Tally{}, true
}
