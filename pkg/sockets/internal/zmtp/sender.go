package zmtp

import "net"

// sender writes what it is given, in order, in a goroutine of its own. On a pipe
// without a buffer, two sides that wrote their greetings at the same time would
// wait for each other for ever.
type sender struct {
	conn  net.Conn
	queue chan []byte
	done  chan struct{}
	err   error // the first failed write; settled once done is closed
}

func newSender(nc net.Conn) *sender {
	s := &sender{conn: nc, queue: make(chan []byte, 4), done: make(chan struct{})}
	go s.run()
	return s
}

func (s *sender) run() {
	defer close(s.done)
	for b := range s.queue {
		if s.err == nil {
			_, s.err = s.conn.Write(b)
		}
	}
}

// send queues b, which belongs to the sender from then on.
func (s *sender) send(b []byte) { s.queue <- b }

// finish waits until all is written, and returns the first error.
func (s *sender) finish() error {
	close(s.queue)
	<-s.done
	return s.err
}
