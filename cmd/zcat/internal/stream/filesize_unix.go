//go:build unix

package stream

import (
	"os/signal"
	"syscall"
)

// IgnoreFileSizeSignal makes a write beyond the limit of a file's size an error
// like that of a full disk, where the signal would end the process.
func IgnoreFileSizeSignal() { signal.Ignore(syscall.SIGXFSZ) }
