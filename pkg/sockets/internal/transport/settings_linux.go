package transport

import "syscall"

// bindToDevice keeps a socket to the traffic of one network interface.
func bindToDevice(c syscall.RawConn, device string) error {
	var err error
	if failed := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptString(int(fd), syscall.SOL_SOCKET, syscall.SO_BINDTODEVICE, device)
	}); failed != nil {
		return failed
	}
	return err
}
