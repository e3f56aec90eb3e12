package transport

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// Address is what is known of the far end of nc: on tcp its IP address, on ipc
// localhost:UID:GID:PID of the process that opened it.
func Address(nc net.Conn) string {
	if text := ipAddress(nc); text != "" {
		return text
	}
	if _, ok := nc.(*net.UnixConn); !ok {
		return ""
	}
	raw := rawConn(nc)
	if raw == nil {
		return ""
	}
	var (
		cred   *unix.Ucred
		failed error
	)
	err := raw.Control(func(fd uintptr) {
		cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil || failed != nil {
		return ""
	}
	return fmt.Sprintf("localhost:%d:%d:%d", cred.Uid, cred.Gid, cred.Pid)
}
