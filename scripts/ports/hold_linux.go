// Package ports gives tests and measurements ports that nobody else gets.
package ports

import (
	"errors"
	"os"
	"syscall"
)

// Hold returns a port of tcp on which nobody listens, and keeps it from the other
// programs of the machine until release: none that asks for any port gets it. A socket
// is bound to it that does not listen, so who connects is refused, and who sets
// SO_REUSEADDR, as zcat, Go and libzmq do, can listen there.
func Hold() (port int, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, os.NewSyscallError("socket", err)
	}
	release = func() { _ = syscall.Close(fd) } // nothing was written to it
	err = errors.Join(
		os.NewSyscallError("setsockopt", syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)),
		os.NewSyscallError("bind", syscall.Bind(fd, &syscall.SockaddrInet4{})),
	)
	if err == nil {
		var at syscall.Sockaddr
		if at, err = syscall.Getsockname(fd); err == nil {
			if in, ok := at.(*syscall.SockaddrInet4); ok {
				return in.Port, release, nil
			}
			err = errors.ErrUnsupported
		}
	}
	release()
	return 0, nil, err
}
