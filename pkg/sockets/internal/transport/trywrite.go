package transport

import "net"

// TryWrite returns a function that makes one attempt to write p to nc and never
// waits: n is what the kernel, or the peer's stream, took; 0 without an error
// says that it has no room now. Where no such attempt is possible (on Windows, or
// for a net.Conn from elsewhere) it always takes nothing.
//
// The function allocates nothing. It must not run twice at a time, nor beside
// nc.Write, for which it would wait; nc may be closed at any time, which gives
// net.ErrClosed.
func TryWrite(nc net.Conn) func(p []byte) (n int, err error) { return rawOf(nc).tryWrite() }

// WriteSteps calls step until it reports that it is done, and waits before each
// further call until nc may have room again. write is like the function of
// TryWrite, so that step knows at each moment what has left; where no such attempt
// is possible, write waits itself. WriteSteps returns an error only for a
// connection that was closed while nothing was being written. It must not run
// beside other writes.
func WriteSteps(nc net.Conn, step func(write func(p []byte) (n int, err error)) (done bool)) error {
	return rawOf(nc).writeSteps(step)
}
