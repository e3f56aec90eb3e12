//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreFileSizeSignal makes a write beyond the limit of a file's size an error
// like that of a full disk, where the signal would end the process.
func ignoreFileSizeSignal() { signal.Ignore(syscall.SIGXFSZ) }
