package board

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
)

// Filter is the command of --filter, among the sockets of a board.
type Filter struct {
	*child.Filter
	life    *life.Life
	reading context.Context //nolint:containedctx // done once its lines are not read any more
	endRead context.CancelFunc
	tail    *stream.Tail
	unread  uint64 // records that it had not read when its input ended
	died    bool   // before that
}

// StartFilter starts a command for the zcat command of that name.
func StartFilter(l *life.Life, script, name string) (*Filter, error) {
	env := append(child.Environ(os.Environ(), line.EnvPrefix), line.EnvPrefix+"COMMAND="+name)
	started, err := l.Children.Start(l.Hard, child.Job{Script: script, Env: env, Stderr: os.Stderr})
	if err != nil {
		return nil, fmt.Errorf("--filter: starting sh: %w", err)
	}
	f := &Filter{Filter: started, life: l}
	f.reading, f.endRead = context.WithCancel(l.Hard)
	return f, nil
}

// Serve makes the filter the command of a board.
func (f *Filter) Serve(s *Settings) {
	f.tail = stream.NewTail(f, f.Input())
	s.To, s.From, s.Name, s.Reader = f.tail, stream.NewInput(f.reading, f.Output), "the filter", "the filter"
	s.Hangup = f.hangUp
	s.Gone = func(err error) error { return err }
}

// hangUp ends the filter's input. What is in the pipe can be looked at until then only.
func (f *Filter) hangUp() {
	f.unread = f.tail.Unread()
	select {
	case <-f.Ended():
		f.died = true
	default:
	}
	f.CloseInput()
}

// End waits for the end of the filter, whose input is at its end, and reports a failure.
// Where it has done all that it was asked for, nobody blames it for going on. It returns
// the number of records that the filter was given and did not read.
func (f *Filter) End(done bool) (unread uint64) {
	f.endRead()
	_ = f.Output.Close() // a command that goes on writing learns of it
	err := f.Wait()
	var exit *child.ExitError
	if f.died || f.life.Hard.Err() != nil { // else it had the time to read the rest
		unread = f.unread
	}
	if done && errors.As(err, &exit) && (exit.Signal == brokenPipe || exit.Status == int(outcome.Pipe)) {
		return unread
	}
	if err != nil && (f.life.Hard.Err() == nil || f.life.Stop.Err() == nil) { // else it was told to
		f.life.Verdict.Add(outcome.Failed)
		f.life.Say.Fail("the filter failed: %v", err)
	}
	return unread
}

// brokenPipe is the signal that ends a command which writes to nobody.
const brokenPipe = "broken pipe"
