//go:build !unix

package main

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// watchClosed cannot watch a writer on this system: the next write tells.
func watchClosed(io.Writer, func()) {}

// deserted cannot tell on this system.
func deserted(*os.File) bool { return false }

// isBrokenPipe reports whether err is that of a write to a pipe without a reader,
// for which Windows has two names: broken, and being closed.
func isBrokenPipe(err error) bool {
	const broken, closing syscall.Errno = 109, 232
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, broken) || errors.Is(err, closing)
}

// dieOfPipe has no signal to die of here; the exit status says the same.
func dieOfPipe() {}
