package child

import (
	"errors"

	"golang.org/x/sys/unix"
)

// awaitExit waits for the end of a child without reaping it: until that is done,
// nobody else can have the number of its group. It reports whether it could.
func awaitExit(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}
