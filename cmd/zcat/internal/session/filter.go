package session

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/sockets"
)

// filter is the command of --filter, which takes the place of stdin and stdout.
type filter struct {
	*child.Filter
	session *Session
	over    context.Context // ends when the command has ended
	endRead context.CancelFunc
	enough  bool // --count ended the conversation
}

// startFilter starts the command, and makes it the session's input and output from
// here on. It may go on answering after a signal, until the linger has run out.
func (s *Session) startFilter() error {
	command, err := s.Children.Start(s.Hard, child.Job{
		Script: s.FilterCommand, Env: s.childEnv(), Stderr: os.Stderr,
	})
	if err != nil {
		return fmt.Errorf("--filter: starting sh: %w", err)
	}
	f := &filter{Filter: command, session: s}
	var gone context.CancelFunc
	f.over, gone = context.WithCancel(context.Background())
	go func() {
		defer gone()
		<-command.Ended()
	}()
	taking := s.Hard
	if s.command.Traits().Asks {
		taking = s.Stop // it has nothing to answer
	}
	reading, endRead := context.WithCancel(taking)
	f.endRead = endRead
	if s.command.Traits().Asks {
		ahead := child.NewReadAhead(command.Output, s.Options.RecvHWMBytes)
		context.AfterFunc(reading, ahead.Stop)
		s.Lines = stream.NewInput(reading, ahead)
	} else {
		s.Lines = stream.NewPipeInput(reading, command.Output)
	}
	s.filter = f
	s.prints = stream.NewOutput(s.Output, s.command.Kind, s.ticked(f))
	s.Lines.Name, s.prints.Name = "the filter", "the filter"
	return nil
}

// Write gives the command a message, which is a step that must not take longer
// than --timeout.
func (f *filter) Write(b []byte) (int, error) {
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

// sweep frees what a batch of so many bytes left behind on its way to the command, or from it.
func (s *Session) sweep(size int) {
	if s.filter != nil {
		life.Sweep(size)
	}
}

// endFilter ends the command, waits for its end, and returns the reason why the
// conversation ended: err, else the end of the command.
func (s *Session) endFilter(err error) error {
	f := s.filter
	s.LimitEnd()
	f.CloseInput()
	f.endRead()
	_ = f.Output.Close() // a command that goes on writing learns of it
	ended := f.Wait()
	switch {
	case s.Hard.Err() != nil && s.Stop.Err() != nil:
		return err // it was told to
	case child.OfBrokenPipe(ended) && (err != nil || f.enough):
		return err // the end of the conversation ended it
	case ended != nil:
		s.Verdict.Add(outcome.Failed)
		s.Say.Fail("the filter failed: %v", ended)
	}
	return err
}

// childEnv returns the environment of a command: ours without the defaults of
// flags.
func (s *Session) childEnv() []string {
	env := append(child.Environ(os.Environ(), line.EnvPrefix), line.EnvPrefix+"COMMAND="+s.command.Name)
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
