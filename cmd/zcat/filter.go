package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/pkg/sockets"
)

// filter is the command of --filter, which takes the place of stdin and stdout.
type filter struct {
	*child.Filter
	session *session
	over    context.Context // ends when the command has ended
	endRead context.CancelFunc
}

// startFilter starts the command, and has it read and written from here on. It
// may go on answering after a signal, until the linger has run out.
func (s *session) startFilter() error {
	command, err := s.children.Start(s.hard, child.Job{
		Script: s.filterCommand, Env: s.childEnv(), Stderr: os.Stderr,
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
	var reading context.Context
	reading, f.endRead = context.WithCancel(s.hard)
	s.filter = f
	s.lines = newInput(reading, command.Output)
	s.prints = newOutput(s.Output, s.row.kind, f)
	s.lines.name, s.prints.name = "the filter", "the filter"
	return nil
}

// Write gives the command a message, which is a step that must not take longer
// than --timeout.
func (f *filter) Write(b []byte) (int, error) {
	if limit := f.session.timeout; limit > 0 {
		if err := f.Patience(limit); err != nil {
			return 0, err
		}
	}
	n, err := f.Filter.Write(b)
	if errors.Is(err, child.ErrSlow) {
		if f.session.hard.Err() != nil {
			return n, errHalted
		}
		return n, &timeoutError{fmt.Sprintf("the filter took no message within %v", f.session.timeout)}
	}
	return n, err
}

// endFilter ends the command, waits for that, and returns why the conversation
// ended: err, else how the command did.
func (s *session) endFilter(err error) error {
	f := s.filter
	s.limitEnd()
	f.CloseInput()
	f.endRead()
	_ = f.Output.Close() // a command that goes on writing learns of it
	ended := f.Wait()
	var exit *child.ExitError
	switch {
	case s.hard.Err() != nil && s.stop.Err() != nil:
		return err // it was told to
	case errors.As(ended, &exit) && exit.Signal == brokenPipe && err != nil:
		return err // the end of the conversation ended it
	case ended != nil:
		s.verdict.add(statusFailed)
		s.say.fail("the filter failed: %v", ended)
	}
	return err
}

// ofBrokenPipe reports whether a command died of that, or what it ran did.
func ofBrokenPipe(err error) bool {
	var exit *child.ExitError
	return errors.As(err, &exit) && (exit.Signal == brokenPipe || exit.Status == int(statusPipe))
}

// brokenPipe is what a command that writes to nobody dies of.
const brokenPipe = "broken pipe"

// childEnv is the environment of a command: ours without the defaults of flags.
func (s *session) childEnv() []string {
	env := append(child.Environ(os.Environ(), envPrefix), envPrefix+"COMMAND="+s.command.name)
	if len(s.endpoints) == 1 {
		env = append(env, envPrefix+"ENDPOINT="+s.endpoint())
	}
	return env
}

// endpoint is the endpoint of a socket that has only one.
func (s *session) endpoint() string {
	if len(s.bound) == 1 {
		return s.bound[0]
	}
	return sockets.Canonical(s.endpoints[0].endpoint)
}
