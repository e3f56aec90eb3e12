//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package main

import (
	"context"
	"io"
	"os"
)

// foreground reports whether f is a terminal that this process may draw on.
func foreground(*os.File) bool { return true }

// editedInput leaves the editing of lines to the system.
func editedInput(context.Context, *os.File, *os.File, streams) (lines io.Reader, restore func()) {
	return nil, nil
}
