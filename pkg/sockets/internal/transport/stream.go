package transport

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

const (
	streamSize  = 256 << 10 // bytes that a stream holds before its writer waits
	streamStart = 4 << 10   // bytes that it allocates at first
)

// stream is one direction of a memConn: a ring of bytes that grows up to
// streamSize. Unlike in net.Pipe, a write needs no reader to finish.
type stream struct {
	writer locks.Mutex[locks.Writer] // held for one write, so that two do not mix their bytes

	mu       locks.Mutex[locks.Stream]
	readable sync.Cond
	writable sync.Cond
	ring     []byte
	head     int // where the oldest byte is
	size     int // how many bytes are held
	ended    bool
	gone     bool // the reader has closed
	readBy   deadline
	writeBy  deadline
	credit   credit
	changes  uint64 // counts changes that a writer may wait for
}

// deadline is a point in time at which waiting goroutines are woken.
type deadline struct {
	wakes *sync.Cond
	timer *time.Timer
	over  bool
	done  bool // nobody will wait again
}

func newStream() *stream {
	s := &stream{}
	s.readable.L, s.writable.L = &s.mu, &s.mu
	s.readBy.wakes, s.writeBy.wakes = &s.readable, &s.writable
	return s
}

// read waits for bytes and takes up to len(p) of them.
func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.awaitBytes(); err != nil {
		return 0, err
	}
	n := s.take(p)
	if !s.credit.spent {
		s.allowMore()
	}
	return n, nil
}

// waitReadable waits until a read would not wait: for bytes, or for its error.
func (s *stream) waitReadable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.awaitBytes()
}

// awaitBytes waits, with mu held, until the ring has bytes.
func (s *stream) awaitBytes() error {
	for {
		switch {
		case s.gone:
			return net.ErrClosed
		case s.readBy.over:
			return os.ErrDeadlineExceeded
		case s.size > 0:
			return nil
		case s.ended:
			return io.EOF
		}
		s.readable.Wait()
	}
}

// write waits until all of p is in the ring.
func (s *stream) write(p []byte) (int, error) {
	s.writer.Lock()
	defer s.writer.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	written := 0
	for {
		n, err := s.append(p[written:])
		written += n
		if err != nil || written == len(p) {
			return written, err
		}
		s.writable.Wait()
	}
}

// tryWrite puts as much of p into the ring as it has room for, perhaps nothing.
func (s *stream) tryWrite(p []byte) (int, error) {
	if !s.writer.TryLock() {
		return 0, nil
	}
	defer s.writer.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.append(p)
}

// writeSteps calls step until it reports that it is done, and waits for room in
// between. step writes with an attempt that does not wait.
func (s *stream) writeSteps(step func(write func([]byte) (int, error)) bool) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	var seen uint64
	attempt := func(p []byte) (int, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		seen = s.changes
		return s.append(p)
	}
	for !step(attempt) {
		s.mu.Lock()
		for s.changes == seen && !s.writeBy.over {
			s.writable.Wait()
		}
		s.mu.Unlock() // the attempt that follows finds out what changed
	}
	return nil
}

// allowMore wakes the writer, with mu held.
func (s *stream) allowMore() {
	s.changes++
	s.writable.Broadcast()
}

// awaitEnd waits until the writer will write no more, whatever there is to read.
func (s *stream) awaitEnd() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.ended {
		switch {
		case s.gone:
			return net.ErrClosed
		case s.readBy.over:
			return os.ErrDeadlineExceeded
		}
		s.readable.Wait()
	}
	return nil
}

// append puts as much of p into the ring as it has room for, with mu held.
func (s *stream) append(p []byte) (int, error) {
	switch {
	case s.ended:
		return 0, net.ErrClosed
	case s.gone:
		return 0, syscall.EPIPE
	case s.writeBy.over:
		return 0, os.ErrDeadlineExceeded
	}
	p = p[:min(len(p), streamSize-s.size)]
	if p = p[:s.credit.allowed(p)]; len(p) == 0 {
		return 0, nil
	}
	s.grow(s.size + len(p))
	tail := s.head + s.size
	if tail >= len(s.ring) {
		tail -= len(s.ring)
	}
	n := copy(s.ring[tail:], p)
	copy(s.ring, p[n:])
	s.size += len(p)
	s.readable.Signal()
	return len(p), nil
}

// take moves bytes from the ring to p.
func (s *stream) take(p []byte) int {
	first := s.ring[s.head:min(s.head+s.size, len(s.ring))]
	n := copy(p, first)
	if n == len(first) {
		n += copy(p[n:], s.ring[:s.size-n])
	}
	s.size -= n
	s.head += n
	if s.head >= len(s.ring) {
		s.head -= len(s.ring)
	}
	if s.size == 0 {
		s.head = 0 // the next bytes then lie in one piece
	}
	return n
}

// grow makes the ring hold at least size bytes.
func (s *stream) grow(size int) {
	if size <= len(s.ring) {
		return
	}
	length := max(len(s.ring), streamStart)
	for length < size {
		length *= 2
	}
	ring := make([]byte, length)
	held := s.size
	s.take(ring)
	s.ring, s.head, s.size = ring, 0, held
}

// closeWrite lets the reader have what is held, then io.EOF.
func (s *stream) closeWrite() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.writeBy.done = true
	s.stopTimer(&s.writeBy)
	s.readable.Broadcast()
	s.allowMore()
}

// closeRead drops what is held and makes the writer fail. It reports whether it is
// the first to do so.
func (s *stream) closeRead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return false
	}
	s.gone = true
	s.readBy.done = true
	s.ring, s.head, s.size = nil, 0, 0
	s.stopTimer(&s.readBy)
	s.readable.Broadcast()
	s.allowMore()
	return true
}

// setDeadline moves d, a deadline of s, to t; the zero time is none.
func (s *stream) setDeadline(d *deadline, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopTimer(d)
	d.over = false
	if t.IsZero() || d.done {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.over = true
		d.wakes.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.timer == timer { // else it fired while it was being replaced
			d.over = true
			d.wakes.Broadcast()
		}
	})
	d.timer = timer
}

// stopTimer stops d's timer, with mu held.
func (s *stream) stopTimer(d *deadline) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// hasEnded reports whether nothing more will be written.
func (s *stream) hasEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended || s.gone
}

// waiting returns the number of bytes that can be read at once.
func (s *stream) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}
