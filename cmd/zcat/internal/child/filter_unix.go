//go:build unix

package child

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
)

// Filter is a command that runs beside the program.
type Filter struct {
	// Output is the command's stdout. It is the caller's to read and to close.
	Output *os.File

	set   *Set
	p     *process
	input *os.File
	close sync.Once
	ended chan struct{}
	err   error // how it ended
}

// Start starts a command that stays. When ctx is done it is told to end, and
// killed after Grace. Of the job only Script, Env and Stderr count.
func (s *Set) Start(ctx context.Context, j Job) (*Filter, error) {
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inR.Close(), inW.Close())
	}
	p := newProcess(j)
	p.cmd.Stdin, p.cmd.Stdout = inR, outW
	err = s.start(p)
	if err = errors.Join(err, inR.Close(), outW.Close()); err != nil {
		return nil, errors.Join(err, inW.Close(), outR.Close())
	}
	f := &Filter{Output: outR, set: s, p: p, input: inW, ended: make(chan struct{})}
	spare := endWith(ctx, p)
	// A write that waits for a command which does not read is also given up.
	hush := context.AfterFunc(ctx, func() { _ = inW.SetWriteDeadline(time.Unix(1, 0)) })
	go func() {
		f.err = p.wait()
		spare()
		hush()
		s.forget(p)
		close(f.ended)
	}()
	return f, nil
}

// ErrEnded is returned by a Write to a filter that takes no more input.
var ErrEnded = errors.New("the filter takes no more")

// ErrSlow is returned by a Write that took longer than it may.
var ErrSlow = errors.New("the filter does not read")

// Write gives the command input, and waits until the command takes it or the
// deadline, if there is one, has passed.
func (f *Filter) Write(b []byte) (int, error) {
	n, err := f.input.Write(b)
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(err, os.ErrClosed):
		return n, ErrEnded
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, ErrSlow
	}
	return n, err
}

// Patience limits the time that the next writes may take.
func (f *Filter) Patience(d time.Duration) error {
	return f.input.SetWriteDeadline(time.Now().Add(d))
}

// Input is the end of the pipe that the command reads from, to look at.
func (f *Filter) Input() *os.File { return f.input }

// CloseInput lets the command see the end of its input.
func (f *Filter) CloseInput() { f.close.Do(func() { _ = f.input.Close() }) }

// Ended is closed when the command has ended.
func (f *Filter) Ended() <-chan struct{} { return f.ended }

// Told reports, once the command has ended, whether it was told to.
func (f *Filter) Told() bool {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	return f.p.told
}

// Wait waits for the end of the command and returns how it ended: nil, an
// *ExitError, or the reason why that is not known.
func (f *Filter) Wait() error {
	<-f.ended
	return f.err
}
