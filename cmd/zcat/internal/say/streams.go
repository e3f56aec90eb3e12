package say

import (
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// Streams are the three files of the process.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Say *Speech // stands for stderr

	Console *Console

	InClosed, OutClosed bool // it was closed when the process was started
}

// Prints returns what to write messages to: stdout, or where that shows on the terminal of
// stderr, both in turn.
func (std Streams) Prints() io.Writer {
	if std.Console != nil && SameTerminal(std.Out, std.Console.Errs) {
		return std.Console.Share(std.Out)
	}
	return std.Out
}

// Records is Prints for lines of JSON: on a terminal, what could steer it are escapes.
func (std Streams) Records() io.Writer {
	if !IsTerminal(std.Out) {
		return std.Prints()
	}
	return &visible{w: std.Prints(), json: true, kept: []byte{'\n'}}
}

// Answer prints text that was asked for.
func (std Streams) Answer(text string) (outcome.Status, error) {
	_, err := io.WriteString(std.Out, text)
	switch {
	case err != nil && std.OutClosed:
		return outcome.Failed, outcome.ErrStdoutClosed
	case err != nil:
		return outcome.Failed, fmt.Errorf("writing stdout: %w", err)
	}
	return outcome.Done, nil
}

// IsTerminal reports whether a stream of the process is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// SameTerminal reports whether two streams are one terminal.
func SameTerminal(a, b io.Writer) bool {
	first, isFile := a.(*os.File)
	second, both := b.(*os.File)
	if !isFile || !both || !IsTerminal(first) || !IsTerminal(second) {
		return false
	}
	one, err := first.Stat()
	if err != nil {
		return false
	}
	other, err := second.Stat()
	return err == nil && os.SameFile(one, other)
}
