//go:build linux && (amd64 || arm64)

package main

import (
	"os"
	"syscall"
)

// closedAtStart has a bit for each of the descriptors 0, 1 and 2 that the process
// was started without (`>&-`). By the time main runs it is too late to tell: Go's
// runtime has opened /dev/null in their place, for reading and writing, and so do
// Python's subprocess.DEVNULL, node's "ignore" and daemon(3), which mean it. Hence
// this look, before the runtime's. Where the linker was not told of entry it stays
// 0.
var closedAtStart uint8 //nolint:gochecknoglobals // there is no other place before main

// entry is where the process begins, by the linker's flag -E main.entry: it looks at
// the three descriptors and goes on to the runtime.
func entry() //nolint:unused // the linker's

// barClosed turns a stdin or stdout that was closed at the start into one that
// refuses reads or writes, as a closed one does. Its number stays taken: otherwise
// the next file to be opened would get it, and with it what is meant for stdout.
func barClosed() {
	for fd, flag := range []int{os.O_WRONLY, os.O_RDONLY} {
		if closedAtStart&(1<<fd) == 0 {
			continue
		}
		n, err := syscall.Open(os.DevNull, flag|syscall.O_CLOEXEC, 0)
		if err != nil {
			continue // what is there is /dev/null too
		}
		_ = syscall.Dup3(n, fd, 0) // the same
		_ = syscall.Close(n)
	}
}

// wasClosed reports whether the process was started without a descriptor.
func wasClosed(fd int) bool { return closedAtStart&(1<<fd) != 0 }
