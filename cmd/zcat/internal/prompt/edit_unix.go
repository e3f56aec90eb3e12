//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompt

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/term"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
)

// Edit returns the keys of a terminal as lines that are edited at a prompt until taking is
// done, and a function that restores the terminal, however zcat ends. lines is nil where
// the terminal cannot have its keys arrive one by one.
func Edit(taking context.Context, in, errs *os.File, std say.Streams) (lines io.Reader, restore func()) {
	mode, err := Enter(in)
	if err != nil {
		return nil, nil
	}
	p := New(stream.FileTap(taking, in), errs, func() (int, int, error) { return term.GetSize(int(errs.Fd())) }, func() {
		std.Say.Fail("the line has more than %d characters and was not taken: stdin from a file or a pipe has no such limit", Limit)
	})
	c := std.Console
	c.SetAbove(p.Print)
	signals, over := make(chan os.Signal, 4), make(chan struct{})
	signal.Notify(signals, syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGWINCH)
	restore = sync.OnceFunc(func() {
		p.Close()
		c.SetAbove(nil)
		_ = mode.End() // of a terminal that is gone
		signal.Stop(signals)
		close(over)
	})
	context.AfterFunc(taking, restore)
	go func() {
		for {
			select {
			case sig := <-signals:
				takeSignal(sig, p, mode)
			case <-over:
				return
			}
		}
	}()
	return &promptInput{p, restore}, restore
}

// takeSignal does what a signal does to any process, with the terminal restored.
func takeSignal(sig os.Signal, p *Prompt, mode *Mode) {
	switch sig {
	case syscall.SIGWINCH:
		p.Resize()
	case syscall.SIGTSTP:
		// Kill may return before the process stops, so that SIGCONT tells of the
		// rest.
		_ = mode.Leave()
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case syscall.SIGCONT:
		_ = mode.Again()
		p.Resize()
		p.Redraw()
	}
}

// promptInput ends the prompt with the input.
type promptInput struct {
	lines   io.Reader
	restore func()
}

func (p *promptInput) Read(b []byte) (int, error) {
	n, err := p.lines.Read(b)
	if err != nil {
		p.restore()
	}
	return n, err
}
