package transport

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// kernelHungUp is HungUp for a connection of the kernel.
func kernelHungUp(nc net.Conn) bool {
	raw := rawConn(nc)
	if raw == nil {
		return false
	}
	left := false
	err := raw.Control(func(fd uintptr) {
		polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		for {
			n, err := unix.Poll(polled, 0)
			if !errors.Is(err, unix.EINTR) {
				left = n > 0 && err == nil
				return
			}
		}
	})
	return left || err != nil
}
