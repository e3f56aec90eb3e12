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

const (
	StatusDone      Status = 0
	StatusFailed    Status = 1
	StatusUsage     Status = 2
	StatusRefused   Status = 3
	StatusUnsent    Status = 4
	StatusTimeout   Status = 124
	statusHangup    Status = 129
	statusInterrupt Status = 130
	statusQuit      Status = 131
	statusTerminate Status = 143
	// StatusPipe stands for the death by SIGPIPE that a closed stdout causes.
	StatusPipe Status = 141
)

// rank orders the statuses for the case that several hold: the highest wins. A
// closed stdout beats all, because the process then dies by the signal.
func (s Status) rank() int {
	switch s {
	case StatusPipe:
		return 7
	case StatusUsage:
		return 6
	case statusHangup, statusInterrupt, statusQuit, statusTerminate:
		return 5
	case StatusTimeout:
		return 4
	case StatusFailed:
		return 3
	case StatusUnsent:
		return 2
	case StatusRefused:
		return 1
	case StatusDone:
		return 0
	}
	return 3
}

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

// Status is the one of highest rank among those added.
func (v *Verdict) Status() Status {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.worst
}

// OfSignal is the status of a process that a signal ended.
func OfSignal(s os.Signal) Status {
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

// TimeoutError says which step --timeout was too short for.
type TimeoutError struct{ Step string }

func (e *TimeoutError) Error() string { return e.Step }

// OfError is the status of a command that err ended.
func OfError(err error) Status {
	var (
		usage   *UsageError
		timeout *TimeoutError
		refused *sockets.RefusedError
		unsent  *sockets.UnsentError
	)
	switch {
	case err == nil:
		return StatusDone
	case errors.As(err, &usage):
		return StatusUsage
	case errors.As(err, &timeout):
		return StatusTimeout
	case errors.Is(err, ErrClosedOutput):
		return StatusPipe
	case errors.As(err, &refused):
		if refused.Protocol {
			return StatusFailed
		}
		return StatusRefused
	case errors.As(err, &unsent):
		return StatusUnsent
	}
	return StatusFailed
}

// UsageError is a command line that cannot be run: one sentence, and a hint
// that would have worked.
type UsageError struct {
	Sentence string
	Hint     string
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

// Ends that are no failures.
var (
	ErrHalted = errors.New("told to stop")
	ErrIdle   = errors.New("nothing for --idle long")
)

// ErrClosedOutput says that the reader of stdout is gone.
var ErrClosedOutput = errors.New("stdout is closed")

// Why nothing can be printed or read from the start.
var (
	ErrStdoutClosed = errors.New("stdout is closed: with >/dev/null nobody has to read what is printed")
	ErrStdinClosed  = errors.New("stdin is closed: with </dev/null there is nothing to send")
)
