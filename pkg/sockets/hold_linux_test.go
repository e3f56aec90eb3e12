package sockets

import (
	"errors"
	"strconv"
	"syscall"
	"testing"
)

// holdPort returns a port on which nobody listens, and which no other program gets as long
// as the test runs: a socket is bound to it that does not listen. Sockets under test can.
func holdPort(tb testing.TB) string {
	tb.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	try(tb, err)
	tb.Cleanup(func() { _ = syscall.Close(fd) })
	try(tb, errors.Join(
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1),
		syscall.Bind(fd, &syscall.SockaddrInet4{}),
	))
	at, err := syscall.Getsockname(fd)
	try(tb, err)
	in, ok := at.(*syscall.SockaddrInet4)
	if !ok {
		tb.Fatalf("bound to %v", at)
	}
	return strconv.Itoa(in.Port)
}
