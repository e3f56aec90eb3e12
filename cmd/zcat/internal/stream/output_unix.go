//go:build unix

package stream

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// watchAfter is when a command is no short one any more, and its reader worth a thread.
const watchAfter = 50 * time.Millisecond

// WatchClosed calls gone once the reader of w is gone, even while nothing is
// written: poll(2) tells of that unasked. It begins in a moment: a short command ends
// before that.
func WatchClosed(w io.Writer, gone func()) {
	f, ok := w.(*os.File)
	if !ok {
		return
	}
	time.AfterFunc(watchAfter, func() {
		fd := int32(f.Fd())
		for fd >= 0 {
			fds := []unix.PollFd{{Fd: fd}}
			n, err := unix.Poll(fds, -1)
			switch {
			case errors.Is(err, unix.EINTR):
			case err != nil || n == 0 || fds[0].Revents&unix.POLLNVAL != 0:
				return // it cannot be watched, and the next write will tell
			case fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0:
				gone()
				return
			}
		}
	})
}

// Deserted reports whether the reader of a pipe is gone now.
func Deserted(f *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(f.Fd())}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0 && fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
}

// isBrokenPipe reports whether err is that of a write to a pipe without a reader.
func isBrokenPipe(err error) bool { return errors.Is(err, unix.EPIPE) }

// DieOfPipe ends the process by SIGPIPE, as a closed stdout ends any filter. Go
// raises that signal only where a write to stdout fails, so that one is made to
// fail. It returns where the process was started with SIGPIPE ignored.
func DieOfPipe() {
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE) // what is ignored cannot be reset
	signal.Reset(unix.SIGPIPE)
	r, w, err := os.Pipe()
	if err != nil {
		return
	}
	if err := errors.Join(r.Close(), dup(int(w.Fd()), int(os.Stdout.Fd()))); err != nil {
		return
	}
	// It kills the process; if it does not, the exit status says the same.
	_, _ = os.Stdout.Write([]byte{'\n'})
}
