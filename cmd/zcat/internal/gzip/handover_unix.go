//go:build unix

package gzip

import (
	"os"
	"syscall"
)

// become replaces this process by another command. It returns only on failure.
func become(argv, environ []string) error { return syscall.Exec(argv[0], argv, environ) }

// killedBy returns the signal that ended a process.
func killedBy(state *os.ProcessState) (int, bool) {
	w, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !w.Signaled() {
		return 0, false
	}
	return int(w.Signal()), true
}
