//go:build linux && !race

package transport

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls on a descriptor that never waits, without telling the runtime: it would take
// the processor from whoever copies for long, and wake a thread to use it. Messages of 64
// KiB over ipc are a fifth faster, with half of the switches between threads.

// bareMost is the largest of these reads, in bytes: what else the processor has to do
// waits for the copy, here about 30 us.
const bareMost = 256 << 10

// bareRead is read(2) of at most bareMost bytes.
func bareRead(fd int, p []byte) (int, error) {
	return bare(unix.SYS_READ, fd, p[:min(len(p), bareMost)])
}

// bareWrite is write(2).
func bareWrite(fd int, p []byte) (int, error) { return bare(unix.SYS_WRITE, fd, p) }

func bare(call uintptr, fd int, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
