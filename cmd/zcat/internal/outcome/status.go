// Package outcome has the ways in which a command may end: its exit status, which
// scripts rely on, and the errors that decide it.
package outcome

import (
	"errors"
	"os"
	"sync"
	"syscall"

	"github.com/zcat/zcat/pkg/sockets"
)

// Status is the exit status of the process: scripts rely on each of them.
type Status int

// Their meanings stand in the help, in its table of statuses.
const (
	Done      Status = 0
	Failed    Status = 1
	Usage     Status = 2
	Refused   Status = 3
	Unsent    Status = 4
	Timeout   Status = 124
	Hangup    Status = 129
	Interrupt Status = 130
	Quit      Status = 131
	Terminate Status = 143
	// Pipe stands for the death by SIGPIPE that a closed stdout causes.
	Pipe Status = 141
)

// rank orders the statuses for the case that several hold: the highest wins. A
// closed stdout beats all, because the process then dies of the signal.
func (s Status) rank() int {
	switch s {
	case Pipe:
		return 7
	case Usage:
		return 6
	case Hangup, Interrupt, Quit, Terminate:
		return 5
	case Timeout:
		return 4
	case Failed:
		return 3
	case Unsent:
		return 2
	case Refused:
		return 1
	case Done:
		return 0
	}
	return 3
}

// Told reports whether s is an end that was told from outside: by a signal, or by the reader
// of stdout.
func (s Status) Told() bool { return s.rank() == Interrupt.rank() || s == Pipe }

// Verdict collects what holds at the end. It serves several goroutines.
type Verdict struct {
	mu    sync.Mutex
	worst Status
}

// Add notes that s holds. The first of two signals stays.
func (v *Verdict) Add(s Status) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.rank() > v.worst.rank() {
		v.worst = s
	}
}

// Status returns the one of highest rank among those added.
func (v *Verdict) Status() Status {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.worst
}

// OfSignal returns the status of a process that a signal ended.
func OfSignal(s os.Signal) Status {
	switch s {
	case syscall.SIGTERM:
		return Terminate
	case syscall.SIGHUP:
		return Hangup
	case syscall.SIGQUIT:
		return Quit
	}
	return Interrupt
}

// TimeoutError names the step for which --timeout was too short.
type TimeoutError struct{ Step string }

func (e *TimeoutError) Error() string { return e.Step }

// OfError returns the status of a command that err ended.
func OfError(err error) Status {
	var (
		usage   *UsageError
		timeout *TimeoutError
		refused *sockets.RefusedError
		unsent  *sockets.UnsentError
	)
	switch {
	case err == nil:
		return Done
	case errors.As(err, &usage):
		return Usage
	case errors.As(err, &timeout):
		return Timeout
	case errors.Is(err, ErrClosedOutput):
		return Pipe
	case errors.As(err, &refused):
		if refused.Protocol {
			return Failed
		}
		return Refused
	case errors.As(err, &unsent):
		return Unsent
	}
	return Failed
}

// EndedAsAsked reports whether err only says that the last connection is not made again,
// which was asked for.
func EndedAsAsked(err error) bool {
	var refused *sockets.RefusedError
	return errors.As(err, &refused) && refused.Ended
}

// UsageError is a command line that cannot be run: one sentence, and a hint
// that would have worked.
type UsageError struct {
	Sentence string
	Hint     string
	InFile   bool // it is a line of a file, or the file, that is wrong and that the hint mends
}

func (e *UsageError) Error() string { return e.Sentence }

// HintedError is a failure and a command line that may work.
type HintedError struct {
	Err  error
	Hint string
}

func (e *HintedError) Error() string { return e.Err.Error() }

// Unwrap returns the failure.
func (e *HintedError) Unwrap() error { return e.Err }

// Ends that are not failures.
var (
	ErrHalted = errors.New("told to stop")
	ErrIdle   = errors.New("nothing for --idle long")
)

// ErrClosedOutput means that the reader of stdout is gone.
var ErrClosedOutput = errors.New("stdout is closed")

// Reasons why nothing can be printed or read from the start.
var (
	ErrStdoutClosed = errors.New("stdout is closed: with >/dev/null nobody has to read what is printed")
	ErrStdinClosed  = errors.New("stdin is closed: with </dev/null there is nothing to send")
)
