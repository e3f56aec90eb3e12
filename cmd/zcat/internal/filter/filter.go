// Package filter runs the command of --filter: its start, its lines, the end of its input
// and its own. A socket alone, a hub and a proxy have it run in the same way.
package filter

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
)

// Name is what people are told of.
const Name = "the filter"

// Filter is the command of --filter.
type Filter struct {
	*child.Filter
	life    *life.Life
	reading context.Context //nolint:containedctx // done once its lines are not read any more
	endRead context.CancelFunc
	tail    *stream.Tail
	unread  uint64 // messages that it had not read when its input ended
	awaited sync.Once
	hangs   sync.Once
	hung    chan struct{} // closed once its input has ended, where HangUpAside ends it
}

// Environ is the environment of what the zcat command of that name starts: ours, without
// the defaults of flags.
func Environ(name string) []string {
	return append(child.Environ(os.Environ(), line.EnvPrefix), line.EnvPrefix+"COMMAND="+name)
}

// Start starts a command. Its lines are read until taking is done, at the latest.
func Start(taking context.Context, l *life.Life, script string, env []string) (*Filter, error) {
	started, err := l.Children.Start(l.Hard, child.Job{Script: script, Env: env, Stderr: os.Stderr})
	if err != nil {
		return nil, fmt.Errorf("--filter: starting sh: %w", err)
	}
	f := &Filter{Filter: started, life: l, tail: stream.NewTail(started, started.Input()), hung: make(chan struct{})}
	f.reading, f.endRead = context.WithCancel(taking)
	return f, nil
}

// Tail is where records are written for it, whose end HangUp looks at.
func (f *Filter) Tail() *stream.Tail { return f.tail }

// Through makes w, which writes to the filter, the way to it; between stands behind each
// message there, nil where they cannot be told apart.
func (f *Filter) Through(w io.Writer, between []byte) *stream.Tail {
	f.tail = stream.NewTail(w, f.Input())
	f.tail.Between = between
	return f.tail
}

// Lines are the lines that it writes, read when they are asked for.
func (f *Filter) Lines() *stream.Input { return stream.NewPipeInput(f.reading, f.Output) }

// LinesAhead are the lines that it writes, read before they are asked for: so many bytes,
// or any number where that is 0.
func (f *Filter) LinesAhead(most int) *stream.Input {
	ahead := child.NewReadAhead(f.Output, most)
	context.AfterFunc(f.reading, ahead.Stop)
	in := stream.NewInput(f.reading, ahead)
	in.Name = Name
	return in
}

// HangUp ends the filter's input, once the filter has read what is in the pipe: what it
// has not read can be looked at only until then. It makes no difference for the filter,
// which sees the end behind all else.
func (f *Filter) HangUp() {
	f.mention()
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

// HangUpAside begins HangUp, for which End waits.
func (f *Filter) HangUpAside() {
	f.hangs.Do(func() {
		go func() {
			defer close(f.hung)
			f.HangUp()
		}()
	})
}

// CloseInput lets the filter see the end of its input, which it should end at.
func (f *Filter) CloseInput() {
	f.mention()
	f.Filter.CloseInput()
}

// mention tells that the filter is waited for, if it does not end soon.
func (f *Filter) mention() {
	f.awaited.Do(func() { go f.life.MentionEnd(Name, f.Ended()) })
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

// End waits for the end of the filter, and reports a failure. Nobody blames it for what we
// ended: where all was given up before it had ended by itself, or where excused says that it has done all that it was
// asked for, or that one of its lines was wrong, for writing on. It returns the number of
// records that it was given and did not read.
func (f *Filter) End(excused bool) (unread uint64) {
	f.HangUpAside()
	f.Mute()
	<-f.hung
	err := f.Wait()
	told := f.Told() && f.life.Hard.Err() != nil && f.life.Stop.Err() != nil
	if err != nil && !told && (!excused || !child.OfBrokenPipe(err)) {
		f.life.Verdict.Add(outcome.Failed)
		f.life.Say.Fail("%s failed: %v", Name, err)
	}
	return f.unread
}
