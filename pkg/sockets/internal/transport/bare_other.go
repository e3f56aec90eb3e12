//go:build unix && (!linux || race)

package transport

import "syscall"

// bareRead and bareWrite are plain calls: only Linux lets a program make its own, and the
// race detector takes from them what orders the two ends of a connection.

func bareRead(fd int, p []byte) (int, error) { return syscall.Read(fd, p) }

func bareWrite(fd int, p []byte) (int, error) { return syscall.Write(fd, p) }
