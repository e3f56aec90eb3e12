package board

import (
	"context"
	"fmt"
	"os"
	"time"

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
}

// StartFilter starts a command for the zcat command of that name.
func StartFilter(l *life.Life, script, name string) (*Filter, error) {
	env := append(child.Environ(os.Environ(), line.EnvPrefix), line.EnvPrefix+"COMMAND="+name)
	started, err := l.Children.Start(l.Hard, child.Job{Script: script, Env: env, Stderr: os.Stderr})
	if err != nil {
		return nil, fmt.Errorf("--filter: starting sh: %w", err)
	}
	f := &Filter{Filter: started, life: l}
	f.reading, f.endRead = context.WithCancel(context.Background())
	return f, nil
}

// Serve makes the filter the command of a board.
func (f *Filter) Serve(s *Settings) {
	f.tail = stream.NewTail(f, f.Input())
	s.To, s.From, s.Name, s.Reader = f.tail, stream.NewPipeInput(f.reading, f.Output), "the filter", "the filter"
	s.Hangup = f.hangUp
	s.Gone = func(err error) error { return err }
}

// hangUp ends the filter's input, once the filter has read what is in the pipe: what it
// has not read can be looked at only until then. It makes no difference for the filter,
// which sees the end behind all else.
func (f *Filter) hangUp() {
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	given := f.life.Hard.Done()
	for f.tail.Waits() {
		select {
		case <-f.Ended():
			f.unread = f.tail.Unread()
			f.CloseInput()
			return
		case <-given: // it is told to end, and killed
			given = nil
		case <-look.C:
		}
	}
	f.CloseInput()
}

// Mute has nothing more read of what the filter writes. It learns of it when it goes on.
func (f *Filter) Mute() {
	f.endRead()
	_ = f.Output.Close()
}

// Await waits for the end of the filter's lines. Where all was given up before, the filter
// is being ended, and what it has written by then is still read: to be counted, if no more.
func (f *Filter) Await(lines <-chan struct{}) {
	select {
	case <-lines:
		return
	case <-f.life.Hard.Done():
	}
	<-f.Ended()
	// Another process may hold its output open, and even write on.
	look, late := time.NewTicker(time.Millisecond), time.NewTimer(child.Grace)
	defer look.Stop()
	defer late.Stop()
	for stream.Pending(f.Output) > 0 {
		select {
		case <-lines:
			return
		case <-late.C:
			f.endRead()
		case <-look.C:
		}
	}
	f.endRead()
	<-lines
}

// End waits for the end of the filter, whose input and output are at their ends, and
// reports a failure. Where it has done all that it was asked for, or one of its lines was
// wrong, nobody blames it for going on. It returns the number of records that the filter was given and did not read.
func (f *Filter) End(done bool) (unread uint64) {
	f.Mute()
	err := f.Wait()
	if done && child.OfBrokenPipe(err) {
		return f.unread
	}
	if err != nil && (f.life.Hard.Err() == nil || f.life.Stop.Err() == nil) { // else it was told to
		f.life.Verdict.Add(outcome.Failed)
		f.life.Say.Fail("the filter failed: %v", err)
	}
	return f.unread
}
