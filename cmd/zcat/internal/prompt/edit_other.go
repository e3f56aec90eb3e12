//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package prompt

import (
	"context"
	"io"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// Foreground reports whether f is a terminal that this process may draw on.
func Foreground(*os.File) bool { return true }

// Resumed never tells that the process was stopped.
func Resumed() (resumed <-chan os.Signal, stop func()) { return nil, func() {} }

// Edit leaves the editing of lines to the system.
func Edit(context.Context, *os.File, *os.File, say.Streams) (lines io.Reader, restore func()) {
	return nil, nil
}
