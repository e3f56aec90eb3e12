package zmtp

import (
	"net"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// handshakeWriter writes the pieces of a handshake in order; what the kernel does not
// take at once is written by a goroutine of its own. On a pipe without a buffer, two sides that wrote their
// greetings at the same time would otherwise wait for each other for ever. A kernel
// takes a handshake whole, so a silent peer costs one goroutine.
type handshakeWriter struct {
	conn  net.Conn
	try   func([]byte) (int, error)
	queue chan []byte // nil while everything was taken at once
	done  chan struct{}
	err   error // the first failed write; settled once done is closed
}

func newHandshakeWriter(nc net.Conn) *handshakeWriter {
	return &handshakeWriter{conn: nc, try: transport.TryWrite(nc)}
}

func (s *handshakeWriter) run() {
	defer close(s.done)
	for b := range s.queue {
		if s.err == nil {
			_, s.err = s.conn.Write(b)
		}
	}
}

// send queues b, which belongs to the writer from then on.
func (s *handshakeWriter) send(b []byte) {
	if s.queue == nil {
		n, err := s.try(b)
		if err != nil && s.err == nil {
			s.err = err
		}
		if n == len(b) || s.err != nil {
			return
		}
		b = b[n:]
		s.queue, s.done = make(chan []byte, 4), make(chan struct{})
		go s.run()
	}
	s.queue <- b
}

// finish waits until everything is written, and returns the first error.
func (s *handshakeWriter) finish() error {
	if s.queue != nil {
		close(s.queue)
		<-s.done
	}
	return s.err
}
