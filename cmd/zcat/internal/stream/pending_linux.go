package stream

import (
	"os"

	"golang.org/x/sys/unix"
)

// Pending returns the number of bytes in a pipe that nobody has read yet, 0 where f is
// none.
func Pending(f *os.File) (n int) {
	if f == nil {
		return 0
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	err = raw.Control(func(fd uintptr) {
		var ask error
		if n, ask = unix.IoctlGetInt(int(fd), unix.TIOCINQ); ask != nil {
			n = 0
		}
	})
	if err != nil {
		return 0
	}
	return n
}
