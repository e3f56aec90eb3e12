//go:build unix

package transport

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// takeFD returns a copy of a descriptor that listens. Commands that this process starts
// do not inherit the descriptor itself.
func takeFD(n int) (*os.File, error) {
	listens, err := syscall.GetsockoptInt(n, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	switch {
	case errors.Is(err, syscall.EBADF):
		return nil, errors.New("it is not open")
	case err != nil:
		return nil, errors.New("it is no socket")
	case listens == 0:
		return nil, errors.New("it is a socket that does not listen")
	}
	syscall.CloseOnExec(n)
	// Set at once: a command that another goroutine starts in between would have it.
	copied, err := unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(copied), "fd"), nil
}
