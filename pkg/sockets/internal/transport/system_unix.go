//go:build unix

package transport

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// isRefused reports whether err is that of a connect to where nobody listens.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// isInUse reports whether err is that of a bind to an address that is bound
// already.
func isInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// inWords returns errno as an error for people: here its own text will do.
func inWords(errno syscall.Errno) error { return errno }

// bothFamilies lets a listener on the IPv6 wildcard take IPv4 connections too.
func bothFamilies(_, _ string, c syscall.RawConn) error {
	return setOption(c, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, 0)
}

// reuseAddress lets a connection leave from a source port that an earlier one,
// closed not long ago, still holds.
func reuseAddress(_, _ string, c syscall.RawConn) error {
	return setOption(c, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
}

func setOption(c syscall.RawConn, level, option, value int) error {
	var err error
	if failed := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), level, option, value)
	}); failed != nil {
		return failed
	}
	return err
}

// lockPath keeps other processes from binding path until unlock. It never waits:
// if another one is binding it now, the path is in use.
//
// The lock is a file beside the path, which exists only during the bind. A lock on
// the directory would need no file, but people lock directories themselves and
// start zcat meanwhile.
func lockPath(path string) (unlock func(), err error) {
	dir, base := filepath.Split(path)
	name := dir + "." + base + ".zcat-lock"
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			_ = f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				err = syscall.EADDRINUSE
			}
			return nil, err
		}
		// Another process that held the lock until now has removed its file: then
		// nobody else will see our lock.
		locked, err := f.Stat()
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		if there, err := os.Lstat(name); err == nil && os.SameFile(locked, there) {
			return func() { _, _ = os.Remove(name), f.Close() }, nil
		}
		_ = f.Close()
	}
}
