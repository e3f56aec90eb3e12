package transport

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// HungUp reports whether the other side of nc is known to have ended what it says,
// read or not. It costs a system call and takes nothing off what arrived.
func HungUp(nc net.Conn) bool {
	if c, ok := nc.(*memConn); ok {
		return c.in.hasEnded()
	}
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
