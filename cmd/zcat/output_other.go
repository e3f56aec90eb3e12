//go:build !unix

package main

import "io"

// watchClosed cannot watch a writer on this system: the next write tells.
func watchClosed(io.Writer, func()) {}

// dieOfPipe has no signal to die of here; the exit status says the same.
func dieOfPipe() {}
