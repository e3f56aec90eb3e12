package transport

import (
	"errors"
	"io"
	"net"
)

// Reader reads from a connection into a buffer that it asks for only when bytes
// are there: a peer that says nothing holds no buffer.
type Reader struct {
	nc net.Conn
	reads
}

// NewReader returns a Reader of nc.
func NewReader(nc net.Conn) *Reader { return &Reader{nc, rawOf(nc).reads()} }

// Read waits for bytes and reads them, once, into a buffer from get: they are
// buf[:n], with n at least 1. get returns a buffer of at least one byte; put takes
// back a buffer that was not needed, and so every one before an error is returned;
// buf is then nil. The end of the stream is io.EOF, a passed read deadline
// os.ErrDeadlineExceeded, a Close of our own net.ErrClosed.
//
// It allocates nothing and is for one goroutine at a time. For a connection that
// cannot be polled (on Windows, or one from elsewhere), get is called at once.
func (r *Reader) Read(get func() []byte, put func([]byte)) (buf []byte, n int, err error) {
	if r.fd != nil {
		return r.fd.read(get, put)
	}
	if r.awaitAny != nil {
		if err := r.awaitAny(); err != nil {
			return nil, 0, err
		}
	}
	buf = get()
	n, err = r.nc.Read(buf)
	if n > 0 {
		return buf, n, nil // an error that came with bytes comes again
	}
	put(buf)
	if err == nil {
		err = io.ErrNoProgress
	}
	return nil, 0, cause(err)
}

// AwaitEnd waits until the peer has hung up, or has ended its writing, however much
// of what it wrote is unread. It returns nil then, os.ErrDeadlineExceeded at the
// connection's read deadline, net.ErrClosed after a Close, and
// errors.ErrUnsupported at once where the system does not tell.
func (r *Reader) AwaitEnd() error {
	if r.awaitEnd != nil {
		return r.awaitEnd()
	}
	return errors.ErrUnsupported
}

// CanTry reports whether TryRead works.
func (r *Reader) CanTry() bool { return r.fd != nil }

// TryRead is Read, but returns at once, with n 0 and no error, where there is
// nothing to read.
func (r *Reader) TryRead(get func() []byte, put func([]byte)) (buf []byte, n int, err error) {
	return r.fd.tryRead(get, put)
}
