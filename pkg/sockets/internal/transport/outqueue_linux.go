package transport

import (
	"net"

	"golang.org/x/sys/unix"
)

// OutQueue returns how many bytes written to nc the peer's kernel has not yet
// acknowledged. ok is false where nobody counts them: other systems, ipc and
// inproc, a closed connection.
func OutQueue(nc net.Conn) (bytes int, ok bool) {
	tc, ok := nc.(*net.TCPConn)
	if !ok {
		return 0, false
	}
	raw := rawConn(tc)
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
