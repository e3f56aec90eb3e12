package main

import (
	"errors"
	"os"
	"sync"
	"syscall"

	"github.com/zcat/zcat/pkg/sockets"
)

// status is the exit status of the process: scripts rely on each of them.
type status int

const (
	statusDone      status = 0
	statusFailed    status = 1
	statusUsage     status = 2
	statusRefused   status = 3
	statusUnsent    status = 4
	statusTimeout   status = 124
	statusHangup    status = 129
	statusInterrupt status = 130
	statusQuit      status = 131
	statusTerminate status = 143
	// statusPipe stands for the death by SIGPIPE that a closed stdout causes.
	statusPipe status = 141
)

// rank orders the statuses for the case that several hold: the highest wins. A
// closed stdout beats all, because the process then dies by the signal.
func (s status) rank() int {
	switch s {
	case statusPipe:
		return 7
	case statusUsage:
		return 6
	case statusHangup, statusInterrupt, statusQuit, statusTerminate:
		return 5
	case statusTimeout:
		return 4
	case statusFailed:
		return 3
	case statusUnsent:
		return 2
	case statusRefused:
		return 1
	case statusDone:
		return 0
	}
	return 3
}

// verdict collects what holds at the end. It serves several goroutines.
type verdict struct {
	mu    sync.Mutex
	worst status
}

// add notes that s holds. The first of two signals stays.
func (v *verdict) add(s status) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.rank() > v.worst.rank() {
		v.worst = s
	}
}

// status is the one of highest rank among those added.
func (v *verdict) status() status {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.worst
}

// ofSignal is the status of a process that a signal ended.
func ofSignal(s os.Signal) status {
	switch s {
	case syscall.SIGTERM:
		return statusTerminate
	case syscall.SIGHUP:
		return statusHangup
	case syscall.SIGQUIT:
		return statusQuit
	}
	return statusInterrupt
}

// timeoutError says which step --timeout was too short for.
type timeoutError struct{ step string }

func (e *timeoutError) Error() string { return e.step }

// ofError is the status of a command that err ended.
func ofError(err error) status {
	var (
		usage   *usageError
		timeout *timeoutError
		refused *sockets.RefusedError
		unsent  *sockets.UnsentError
	)
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &usage):
		return statusUsage
	case errors.As(err, &timeout):
		return statusTimeout
	case errors.Is(err, errClosedOutput):
		return statusPipe
	case errors.As(err, &refused):
		if refused.Protocol {
			return statusFailed
		}
		return statusRefused
	case errors.As(err, &unsent):
		return statusUnsent
	}
	return statusFailed
}

// usageError is a command line that cannot be run: one sentence, and a hint
// that would have worked.
type usageError struct {
	sentence string
	hint     string
}

func (e *usageError) Error() string { return e.sentence }

// hintedError is a failure and a command line that may work.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }

// Unwrap returns the failure.
func (e *hintedError) Unwrap() error { return e.err }

// Ends that are no failures.
var (
	errHalted = errors.New("told to stop")
	errIdle   = errors.New("nothing for --idle long")
)

// errClosedOutput says that the reader of stdout is gone.
var errClosedOutput = errors.New("stdout is closed")

// Why nothing can be printed or read from the start.
var (
	errStdoutClosed = errors.New("stdout is closed: with >/dev/null nobody has to read what is printed")
	errStdinClosed  = errors.New("stdin is closed: with </dev/null there is nothing to send")
)
