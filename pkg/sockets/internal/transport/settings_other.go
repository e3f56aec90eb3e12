//go:build !linux

package transport

import (
	"errors"
	"syscall"
)

// bindToDevice would keep a socket to one network interface, which only Linux can.
func bindToDevice(syscall.RawConn, string) error { return errors.ErrUnsupported }
