package transport

import (
	"errors"
	"path/filepath"
	"syscall"
)

// The errors of Winsock for unix's ECONNREFUSED and EADDRINUSE.
const (
	wsaConnRefused syscall.Errno = 10061
	wsaAddrInUse   syscall.Errno = 10048
)

// isRefused reports whether err is that of a connect to where nobody listens.
func isRefused(err error) bool {
	return errors.Is(err, wsaConnRefused) || errors.Is(err, syscall.ECONNREFUSED)
}

// isInUse reports whether err is that of a bind to an address that is bound
// already.
func isInUse(err error) bool {
	return errors.Is(err, wsaAddrInUse) || errors.Is(err, syscall.EADDRINUSE)
}

// inWords returns errno as an error for people; Windows' own texts are whole
// sentences.
func inWords(errno syscall.Errno) error {
	switch {
	case isRefused(errno):
		return &reason{"connection refused", errno}
	case isInUse(errno):
		return &reason{"address already in use", errno}
	}
	return errno
}

// bothFamilies lets a listener on the IPv6 wildcard take IPv4 connections too.
func bothFamilies(_, _ string, c syscall.RawConn) error {
	const v6Only = 27
	var err error
	if failed := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(syscall.Handle(fd), syscall.IPPROTO_IPV6, v6Only, 0)
	}); failed != nil {
		return failed
	}
	return err
}

// reuseAddress does nothing: here SO_REUSEADDR would let two sockets share a
// port, and a closed one holds none.
func reuseAddress(_, _ string, _ syscall.RawConn) error { return nil }

// lockPath keeps other processes from binding path until unlock. It never waits:
// if another one is binding it now, the path is in use. The lock is a file beside
// the path that only one can open, and that goes when it is closed.
func lockPath(path string) (unlock func(), err error) {
	const deleteOnClose = 0x04000000
	dir, base := filepath.Split(path)
	name, err := syscall.UTF16PtrFromString(dir + "." + base + ".zcat-lock")
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, deleteOnClose, 0)
	if err != nil {
		const sharingViolation syscall.Errno = 32
		if errors.Is(err, sharingViolation) {
			err = wsaAddrInUse
		}
		return nil, err
	}
	return func() { _ = syscall.CloseHandle(h) }, nil
}
