package transport

import (
	"net"

	"golang.org/x/sys/unix"
)

func kernelOutQueue(nc net.Conn) (bytes int, ok bool) {
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
