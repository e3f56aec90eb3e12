//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package session

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/term"

	"github.com/zcat/zcat/cmd/zcat/internal/prompt"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
)

// foreground reports whether f is a terminal that this process may draw on.
func foreground(f *os.File) bool { return prompt.Foreground(f) }

// editedInput returns stdin as lines that are edited at a prompt, and a function
// that restores the terminal, however zcat ends. lines is nil where the terminal
// cannot have its keys arrive one by one.
func editedInput(taking context.Context, in, errs *os.File, std say.Streams) (lines io.Reader, restore func()) {
	mode, err := prompt.Enter(in)
	if err != nil {
		return nil, nil
	}
	p := prompt.New(stream.FileTap(taking, in), errs, func() (int, int, error) { return term.GetSize(int(errs.Fd())) }, func() {
		std.Say.Fail("the line has more than %d characters and was not taken: stdin from a file or a pipe has no such limit", prompt.Limit)
	})
	c := std.Console
	c.SetAbove(p.Print)
	signals, over := make(chan os.Signal, 4), make(chan struct{})
	signal.Notify(signals, syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGWINCH)
	restore = sync.OnceFunc(func() {
		p.Close()
		c.SetAbove(nil)
		_ = mode.Leave() // of a terminal that is gone
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
func takeSignal(sig os.Signal, p *prompt.Prompt, mode *prompt.Mode) {
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
