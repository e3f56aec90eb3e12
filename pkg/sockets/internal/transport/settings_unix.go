//go:build unix

package transport

import (
	"io/fs"
	"net"
	"os"
	"syscall"
)

// setBacklog changes the length of the queue of a socket that listens.
func setBacklog(c syscall.RawConn, backlog int) error {
	var err error
	if failed := c.Control(func(fd uintptr) { err = syscall.Listen(int(fd), backlog) }); failed != nil {
		return failed
	}
	return err
}

// limitMode takes from a unix socket that is not bound yet what mode does not allow, so
// that its file never has more.
func limitMode(mode fs.FileMode) control {
	return func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			_ = syscall.Fchmod(int(fd), uint32(mode)) // where it does nothing, setMode comes a moment later
		})
	}
}

// setMode sets the mode of a socket's file.
func setMode(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }

// setTOS sets the type of service in the packets of a tcp connection.
func setTOS(tc *net.TCPConn, tos int) error {
	c, err := tc.SyscallConn()
	if err != nil {
		return err
	}
	if a, ok := tc.LocalAddr().(*net.TCPAddr); ok && a.IP.To4() == nil {
		return setOption(c, syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS, tos)
	}
	// A socket for both families has both.
	_ = setOption(c, syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS, tos)
	return setOption(c, syscall.IPPROTO_IP, syscall.IP_TOS, tos)
}
