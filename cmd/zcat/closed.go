package main

import (
	"errors"
	"slices"
)

// What a command says that was started without a stream which it needs, before it
// takes anything from its peers. As cat does, it fails; /dev/null is what has
// nothing to read and takes all that is written.
func (c *config) checkStreams() error {
	switch {
	case wasClosed(1) && c.writesStdout():
		return errStdoutClosed
	case wasClosed(0) && c.readsStdin():
		return errStdinClosed
	}
	return nil
}

// Why nothing can be printed or read from the start.
var (
	errStdoutClosed = errors.New("stdout is closed: with >/dev/null nobody has to read what is printed")
	errStdinClosed  = errors.New("stdin is closed: with </dev/null there is nothing to send")
)

// writesStdout reports whether anything goes to stdout.
func (c *config) writesStdout() bool {
	switch c.word.tool {
	case noTool, replayTool:
		return c.usesStdout() || c.endpointFile == stdoutName
	case proxyTool:
		return c.endpointFile == stdoutName || slices.Contains(c.proxy.captures, stdoutName)
	case benchTool, probeTool, completionTool, keygenTool:
		return true
	case manTool: // it may write files
	}
	return false
}

// readsStdin reports whether messages come from stdin.
func (c *config) readsStdin() bool {
	switch c.word.tool { //nolint:exhaustive // no other tool reads
	case noTool:
		return c.reads() && c.filterCommand == ""
	case replayTool:
		return c.args[0] == stdoutName
	}
	return false
}
