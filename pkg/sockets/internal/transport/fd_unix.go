//go:build unix

package transport

import (
	"errors"
	"os"
	"syscall"
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
	copied, err := syscall.Dup(n)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(copied)
	return os.NewFile(uintptr(copied), "fd"), nil
}
