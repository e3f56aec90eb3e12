package transport

import (
	"net"

	"golang.org/x/sys/unix"
)

// OutQueue returns how much of what was written to nc is still on its way: on
// tcp the bytes that the peer's kernel has not acknowledged, on ipc the memory
// that holds what the peer has not read. ok is false where nobody counts that:
// other systems, inproc, a closed connection.
func OutQueue(nc net.Conn) (bytes int, ok bool) {
	raw := rawConn(nc)
	if raw == nil {
		return 0, false
	}
	var failed error
	err := raw.Control(func(fd uintptr) {
		bytes, failed = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
	})
	if err != nil || failed != nil {
		return 0, false
	}
	return bytes, true
}
