package transport

import "golang.org/x/sys/unix"

// awaitEnd is Reader.AwaitEnd for a connection of the kernel.
func (r *fdReader) awaitEnd() error {
	return cause(r.raw.Read(func(fd uintptr) bool {
		// An end that is known now is reported at once. One that comes later wakes
		// the runtime's poller, which then calls this again; so does everything
		// that arrives.
		ends := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		n, err := unix.Poll(ends, 0)
		return err == nil && n > 0 || err != nil && err != unix.EINTR
	}))
}
