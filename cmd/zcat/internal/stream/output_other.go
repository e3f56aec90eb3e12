//go:build !unix

package stream

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// WatchClosed cannot watch a writer on this system: the next write fails instead.
func WatchClosed(io.Writer, func()) {}

// Deserted cannot tell on this system.
func Deserted(*os.File) bool { return false }

// isBrokenPipe reports whether err is that of a write to a pipe without a reader,
// for which Windows has two names: broken, and being closed.
func isBrokenPipe(err error) bool {
	const broken, closing syscall.Errno = 109, 232
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, broken) || errors.Is(err, closing)
}

// DieOfPipe has no signal to die of here; the exit status says the same.
func DieOfPipe() {}
