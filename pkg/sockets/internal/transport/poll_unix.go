//go:build unix

package transport

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// rawConn returns access to the descriptor of nc, or nil if it has none.
func rawConn(nc net.Conn) syscall.RawConn {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// tryWriteFD is TryWrite for a connection of the kernel, nil for another one.
func tryWriteFD(nc net.Conn) func(p []byte) (int, error) {
	raw := rawConn(nc)
	if raw == nil {
		return nil
	}
	// One closure for all calls: one made for each would be an allocation.
	var rest []byte
	var n int
	var failed error
	attempt := func(fd uintptr) bool {
		for {
			n, failed = bareWrite(int(fd), rest)
			if !errors.Is(failed, syscall.EINTR) {
				return true // whatever the result: do not wait
			}
		}
	}
	return func(p []byte) (int, error) {
		rest = p
		err := raw.Write(attempt)
		rest = nil
		if err != nil {
			return 0, cause(err)
		}
		if errors.Is(failed, syscall.EAGAIN) {
			return 0, nil
		}
		return max(n, 0), failed
	}
}

// writeStepsFD is WriteSteps for a connection of the kernel, nil for another one.
func writeStepsFD(nc net.Conn) func(step func(write func([]byte) (int, error)) bool) error {
	raw := rawConn(nc)
	if raw == nil {
		return nil
	}
	return func(step func(write func([]byte) (int, error)) bool) error {
		var at int
		write := func(p []byte) (int, error) {
			for {
				n, err := bareWrite(at, p)
				switch {
				case errors.Is(err, syscall.EINTR):
				case errors.Is(err, syscall.EAGAIN):
					return 0, nil
				default:
					return max(n, 0), err
				}
			}
		}
		// The attempt is made after the runtime's poller has begun to watch: an
		// edge between an attempt and the wait for it would be lost.
		return cause(raw.Write(func(fd uintptr) bool {
			at = int(fd)
			return step(write)
		}))
	}
}

// fdReader is a Reader's way to read a connection of the kernel.
type fdReader struct {
	raw          syscall.RawConn
	attempt, try func(fd uintptr) bool // r.once, waiting or not, made once: new ones for each call would be allocations

	// For the current call.
	get func() []byte
	put func([]byte)
	buf []byte
	n   int
	err error
}

// newFDReader returns nil if nc has no descriptor.
func newFDReader(nc net.Conn) *fdReader {
	raw := rawConn(nc)
	if raw == nil {
		return nil
	}
	r := &fdReader{raw: raw}
	r.attempt = r.once
	r.try = func(fd uintptr) bool {
		r.once(fd)
		return true
	}
	return r
}

// read waits for bytes; tryRead returns at once where there are none.
func (r *fdReader) read(get func() []byte, put func([]byte)) ([]byte, int, error) {
	return r.do(r.attempt, get, put)
}

func (r *fdReader) tryRead(get func() []byte, put func([]byte)) ([]byte, int, error) {
	return r.do(r.try, get, put)
}

func (r *fdReader) do(attempt func(fd uintptr) bool, get func() []byte, put func([]byte)) ([]byte, int, error) {
	r.get, r.put = get, put
	r.buf, r.n, r.err = nil, 0, nil
	err := r.raw.Read(attempt)
	buf, n := r.buf, r.n
	r.get, r.put, r.buf = nil, nil, nil
	if err == nil {
		err = r.err
	}
	if err != nil {
		return nil, 0, cause(err)
	}
	return buf, n, nil
}

// once makes one read; a false result makes the runtime wait until there is
// something to read, and call once again.
func (r *fdReader) once(fd uintptr) bool {
	buf := r.get()
	for {
		n, err := bareRead(int(fd), buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case n > 0:
			r.buf, r.n = buf, n
			return true
		case err == nil:
			err = io.EOF
		}
		r.put(buf)
		if errors.Is(err, syscall.EAGAIN) {
			return false
		}
		r.err = err
		return true
	}
}
