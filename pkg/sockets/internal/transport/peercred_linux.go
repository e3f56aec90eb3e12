package transport

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// credentials returns localhost:UID:GID:PID of the process that opened nc, an ipc
// connection.
func credentials(nc net.Conn) string {
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
