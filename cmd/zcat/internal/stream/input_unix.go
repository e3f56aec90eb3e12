//go:build unix

package stream

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"golang.org/x/sys/unix"
)

// fileReader waits with poll(2) before each read, so that the wait can be ended
// through a pipe, while the read itself stays in the goroutine that needs it.
type fileReader struct {
	file *os.File // kept, so that its descriptor stays open
	fd   int
	wake *os.File // readable once the context is done
	woke int      // its descriptor: Fd is a system call each time
}

// FileTap reads from f until ctx is done.
func FileTap(ctx context.Context, f *os.File) tap {
	r, w, err := os.Pipe()
	if err != nil {
		return newPump(ctx, f)
	}
	context.AfterFunc(ctx, func() { _ = w.Close() }) // its end is what poll sees
	return &fileReader{file: f, fd: int(f.Fd()), wake: r, woke: int(r.Fd())}
}

// sizedReader reads a regular file, for which nobody has to wait.
type sizedReader struct {
	fileReader
	ctx context.Context //nolint:containedctx // ends the reading
}

// sizedTap is FileTap for a regular file that is not empty.
func sizedTap(ctx context.Context, f *os.File) tap {
	return &sizedReader{fileReader{file: f, fd: int(f.Fd())}, ctx}
}

func (r *sizedReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, outcome.ErrHalted
	}
	return r.grab(p)
}

func (r *fileReader) Read(p []byte) (int, error) {
	for {
		fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(r.woke), Events: unix.POLLIN}}
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err == nil && fds[1].Revents != 0:
			return 0, outcome.ErrHalted
		}
		// Where poll does not know such a file, the read itself tells.
		n, err := r.grab(p)
		if !errors.Is(err, unix.EAGAIN) {
			return n, err
		}
	}
}

func (r *fileReader) grab(p []byte) (int, error) {
	for {
		n, err := unix.Read(r.fd, p)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

func (r *fileReader) Ready() bool { return r.soon(0) }

func (r *fileReader) soon(within time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(within.Milliseconds()))
	return err == nil && n > 0
}

// pollReader reads a pipe of our own, which the runtime polls for us. A blocking poll(2)
// as above would take a thread each time, and keep the runtime's monitor awake: with the
// filter of a hub that is a sixth of its processor time.
type pollReader struct {
	ctx  context.Context //nolint:containedctx // ends the reading
	file *os.File
}

// PipeTap reads from a pipe that os.Pipe made until ctx is done.
func PipeTap(ctx context.Context, f *os.File) tap {
	context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) }) // a closed one needs none
	return &pollReader{ctx: ctx, file: f}
}

func (r *pollReader) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	if err != nil && r.ctx.Err() != nil && !errors.Is(err, io.EOF) {
		return n, outcome.ErrHalted
	}
	return n, err
}

func (r *pollReader) grab(p []byte) (n int, err error) {
	raw, err := r.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	if broken := raw.Control(func(fd uintptr) { n, err = (&fileReader{fd: int(fd)}).grab(p) }); broken != nil {
		return 0, broken
	}
	return n, err
}

func (r *pollReader) Ready() bool { return r.soon(0) }

func (r *pollReader) soon(within time.Duration) bool {
	raw, err := r.file.SyscallConn()
	if err != nil {
		return false
	}
	ready := false
	return raw.Control(func(fd uintptr) { ready = (&fileReader{fd: int(fd)}).soon(within) }) == nil && ready
}

// AwaitUnread returns true when there is something to read in a pipe or a file, and
// false where there will never be.
func AwaitUnread(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	if info.Mode().IsRegular() {
		return lengthLeft(f) > 0
	}
	if info.Mode()&os.ModeNamedPipe == 0 {
		return false // of others, their end looks like something to read
	}
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); !errors.Is(err, unix.EINTR) {
			return err == nil && fds[0].Revents&unix.POLLIN != 0
		}
	}
}
