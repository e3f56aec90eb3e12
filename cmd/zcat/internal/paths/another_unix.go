//go:build unix

package paths

import (
	"os"

	"golang.org/x/sys/unix"
)

// another returns an open descriptor under another number, which the caller has to
// close.
func another(fd int, name string) (*os.File, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(n), name), nil
}
