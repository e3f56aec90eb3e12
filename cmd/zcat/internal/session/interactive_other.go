//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package session

import (
	"context"
	"io"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// foreground reports whether f is a terminal that this process may draw on.
func foreground(*os.File) bool { return true }

// editedInput leaves the editing of lines to the system.
func editedInput(context.Context, *os.File, *os.File, say.Streams) (lines io.Reader, restore func()) {
	return nil, nil
}
