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
func TryWrite(nc net.Conn) func(p []byte) (n int, err error) { return rawOf(nc).tryWrite() }

// WriteSteps calls step until it reports that it is done, and waits before each
// further call until nc may have room again. The function that step is given is
// like TryWrite's, so that step knows at each moment what has left; where there
// is no such attempt it waits itself. An error is that of a connection closed
// while nothing was being written. It must not run beside other writes.
func WriteSteps(nc net.Conn, step func(write func(p []byte) (n int, err error)) (done bool)) error {
	return rawOf(nc).writeSteps(step)
}
