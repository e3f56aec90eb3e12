package transport

import "net"

// TryWrite returns a function that makes one attempt to write p to nc and never
// waits: n is what the kernel, or the peer's stream, took; 0 without an error
// says that it has no room now. Where there is no such attempt (Windows, a
// net.Conn from elsewhere) it always takes nothing.
//
// The function allocates nothing. It must not run twice at a time, nor beside
// nc.Write, for which it would wait; Close may come at any time and is
// net.ErrClosed.
func TryWrite(nc net.Conn) func(p []byte) (n int, err error) {
	if c, ok := nc.(*memConn); ok {
		return c.out.tryWrite
	}
	if write := tryWriteFD(nc); write != nil {
		return write
	}
	return func([]byte) (int, error) { return 0, nil }
}
