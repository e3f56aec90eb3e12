package transport

import (
	"net"
	"time"
)

// memConn is one end of a connection within the process: a net.Conn over two
// streams of bytes.
type memConn struct {
	addr    inprocAddr
	in, out *stream
}

// newMemConns returns the two ends of a new connection.
func newMemConns(addr inprocAddr) (a, b *memConn) {
	ab, ba := newStream(), newStream()
	return &memConn{addr, ba, ab}, &memConn{addr, ab, ba}
}

// Read returns what has arrived, or io.EOF when the peer has closed and everything
// it wrote is read.
func (c *memConn) Read(p []byte) (int, error) { return c.in.read(p) }

// Write returns when all of p is in the stream, read or not.
func (c *memConn) Write(p []byte) (int, error) { return c.out.write(p) }

// CloseWrite ends the stream that the peer reads; Read still works.
func (c *memConn) CloseWrite() error {
	c.out.closeWrite()
	return nil
}

// Close ends both directions. What was written stays readable for the peer.
func (c *memConn) Close() error {
	c.out.closeWrite()
	if !c.in.closeRead() {
		return net.ErrClosed
	}
	return nil
}

// LocalAddr returns the endpoint: neither end has a name of its own.
func (c *memConn) LocalAddr() net.Addr { return c.addr }

// RemoteAddr returns the endpoint: neither end has a name of its own.
func (c *memConn) RemoteAddr() net.Addr { return c.addr }

// SetDeadline sets both deadlines.
func (c *memConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline makes a Read that still waits at t fail with
// os.ErrDeadlineExceeded.
func (c *memConn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readBy, t)
	return nil
}

// SetWriteDeadline makes a Write that still waits at t fail with
// os.ErrDeadlineExceeded.
func (c *memConn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writeBy, t)
	return nil
}

// memRaw is a connection within the process, without the kernel.
type memRaw struct{ *memConn }

func (memRaw) traits() Traits                        { return Traits{MaxWrite: otherWrite, LongWrite: otherWrite} }
func (r memRaw) tryWrite() func([]byte) (int, error) { return r.out.tryWrite }

func (r memRaw) writeSteps(step func(write func(p []byte) (n int, err error)) (done bool)) error {
	return r.out.writeSteps(step)
}

func (r memRaw) reads() reads {
	return reads{awaitAny: r.in.waitReadable, awaitEnd: r.in.awaitEnd}
}

func (r memRaw) inQueue() (bytes int, ok bool) { return r.in.waiting(), true }
func (memRaw) outQueue() (bytes int, ok bool)  { return 0, false }
func (r memRaw) hungUp() bool                  { return r.in.hasEnded() }
func (memRaw) address() string                 { return "" }
func (memRaw) peer(endpoint string) string     { return endpoint }
func (memRaw) setOptions(TCPOptions) error     { return nil }
