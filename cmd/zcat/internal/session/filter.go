package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/filter"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// filtering is the command of --filter, which takes the place of stdin and stdout.
type filtering struct {
	*filter.Filter
	session *Session
	enough  bool // --count ended the conversation
	muted   bool // nothing more that it writes is read
	lines   *stream.LineSource
	over    chan struct{} // closed once no more of the lines are read
	pending func() int    // of rep: the replies that it has read and not sent
}

// startFilter starts the command, and makes it the session's input and output from
// here on. It may go on answering after a signal, until the linger has run out: then it is
// ended, and what it has written by then is read to be counted.
func (s *Session) startFilter() error {
	taking, asks := context.Background(), s.command.Traits().Asks
	if asks {
		taking = s.Stop // it has nothing to answer
	}
	started, err := filter.Start(taking, s.Life, s.FilterCommand, s.childEnv())
	if err != nil {
		return err
	}
	f := &filtering{Filter: started, session: s, over: make(chan struct{}), pending: func() int { return 0 }}
	if asks {
		s.Lines = f.LinesAhead(s.Options.RecvHWMBytes)
	} else {
		s.Lines = f.Lines()
		go f.Await(f.over)
	}
	s.filter = f
	s.prints = stream.NewOutput(s.Output, s.command.Kind, f.Through(f, stream.Between(s.Output)))
	s.prints.Name = filter.Name
	return nil
}

// Write gives the command a message, which is a step that must not take longer
// than --timeout.
func (f *filtering) Write(b []byte) (int, error) {
	if limit := f.session.Timeout; limit > 0 {
		if err := f.Patience(limit); err != nil {
			return 0, err
		}
	}
	n, err := f.Filter.Write(b)
	if errors.Is(err, child.ErrSlow) {
		if f.session.Hard.Err() != nil {
			return n, outcome.ErrHalted
		}
		return n, &outcome.TimeoutError{Step: fmt.Sprintf("the filter took no message within %v", f.session.Timeout)}
	}
	return n, err
}

// endFilter waits for the end of the command, once the conversation has ended with err.
func (s *Session) endFilter(err error) {
	s.LimitEnd()
	f := s.filter
	f.HangUpAside()
	switch has := s.command.Traits(); {
	case f.enough: // what it writes beyond --count was not asked for
	case has.Asks && err != nil:
		f.muted = true
		f.Mute() // it has nothing to answer: what it writes from now on is nobody's
		s.Lines.ReadOn()
		f.countRest()
	case !has.Asks && (s.Hard.Err() != nil || errors.Is(err, outcome.ErrHalted) && !has.Answers):
		f.countRest()
	}
	close(f.over)
	if unread := f.End(err != nil || f.enough); unread > 0 {
		s.Tally.Miss(unread)
		if !s.command.Traits().Asks { // it asks on without a look at the replies, as it may
			s.Say.Notice("%s received and not read by %s", say.Plural(unread, "message"), filter.Name)
		}
	}
}

// countRest reads what nobody sends any more, to the end of the command, and counts it. Of
// rep that is the reply that it was about to write, of req the requests that it wrote ahead.
func (f *filtering) countRest() {
	rest, lines := f.pending(), f.session.Source()
	var batch frames.Batch
	for end := error(nil); end == nil; rest += batch.Len() {
		end = lines.Next(&batch)
	}
	if f.lines.Torn {
		rest++
	}
	f.session.unsent.Add(int64(rest))
}

// childEnv returns the environment of a command.
func (s *Session) childEnv() []string {
	env := filter.Environ(s.command.Name)
	if len(s.Endpoints) == 1 {
		env = append(env, line.EnvPrefix+"ENDPOINT="+s.endpoint())
	}
	return env
}

// endpoint returns the endpoint of a socket that has only one.
func (s *Session) endpoint() string {
	if len(s.bound) == 1 {
		return s.bound[0]
	}
	return sockets.Canonical(s.Endpoints[0].Endpoint)
}
