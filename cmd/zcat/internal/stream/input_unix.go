//go:build unix

package stream

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"golang.org/x/sys/unix"
)

// fileReader waits with poll(2) before each read, so that the wait can be ended
// through a pipe, while the read itself stays in the goroutine that needs it.
type fileReader struct {
	file *os.File // kept, so that its descriptor stays open
	fd   int
	wake *os.File // readable once the context is done
}

// FileTap reads from f until ctx is done.
func FileTap(ctx context.Context, f *os.File) tap {
	r, w, err := os.Pipe()
	if err != nil {
		return newPump(ctx, f)
	}
	context.AfterFunc(ctx, func() { _ = w.Close() }) // its end is what poll sees
	return &fileReader{file: f, fd: int(f.Fd()), wake: r}
}

func (r *fileReader) Read(p []byte) (int, error) {
	for {
		fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(r.wake.Fd()), Events: unix.POLLIN}}
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

func (r *fileReader) Ready() bool {
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0
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
