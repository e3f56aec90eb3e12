package main

import (
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// streams are the three files of the process.
type streams struct {
	in  io.Reader
	out io.Writer
	say *speech // stands for stderr

	console *console

	inClosed, outClosed bool // it was closed when the process was started
}

// answer prints text that was asked for.
func (std streams) answer(text string) (status, error) {
	_, err := io.WriteString(std.out, text)
	switch {
	case err != nil && std.outClosed:
		return statusFailed, errStdoutClosed
	case err != nil:
		return statusFailed, fmt.Errorf("writing stdout: %w", err)
	}
	return statusDone, nil
}

// isTerminal reports whether a stream of the process is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}
