//go:build !unix

package transport

import "net"

// fdReader is for systems with descriptors that can be polled.
type fdReader struct{}

func newFDReader(net.Conn) *fdReader { return nil }

func (*fdReader) read(func() []byte, func([]byte)) ([]byte, int, error) { return nil, 0, net.ErrClosed }

func (*fdReader) awaitEnd() error { return net.ErrClosed }

func (*fdReader) tryRead(func() []byte, func([]byte)) ([]byte, int, error) {
	return nil, 0, net.ErrClosed
}

// writeStepsFD returns nil, as tryWriteFD.
func writeStepsFD(net.Conn) func(step func(write func([]byte) (int, error)) bool) error { return nil }

// tryWriteFD returns nil: there is no write here that never waits.
func tryWriteFD(net.Conn) func(p []byte) (int, error) { return nil }
