package transport

import "golang.org/x/sys/unix"

// hushSize is the size of what wakes the runtime's poller all the same: no more than the
// kernel takes without making its buffer larger.
const hushSize = 32 << 10

// Hush keeps what comes from waking the runtime's poller, or no longer does, for who only
// calls TryRead: that woke a thread for nothing for each message. Without it, a round trip
// takes 1.7 times as long (req and rep over tcp, scripts/bench). On other systems a read
// would wait for as much, too.
func (r *Reader) Hush(on bool) {
	if r.fd == nil {
		return
	}
	size := 1
	if on {
		size = hushSize
	}
	// It may be closed already; and else everything is as it would be without it.
	_ = r.fd.raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, size)
	})
}
