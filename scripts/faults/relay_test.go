//go:build linux

package faults

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// relay stands between a connecting and a bound side, passes bytes on, and
// breaks connections in the ways that TCP can break.
type relay struct {
	listener net.Listener
	target   string
	tasks    sync.WaitGroup

	mu     sync.Mutex
	change chan struct{} // closed when what follows changes
	frozen bool          // nothing passes and nothing is closed: a half-open connection
	delay  time.Duration // of each piece
	budget func() int    // bytes towards the target until a new connection is cut; 0 is no limit
	cuts   int           // how often that happened
	links  map[net.Conn]struct{}
	closed bool
}

func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, target: target, change: make(chan struct{}), links: map[net.Conn]struct{}{}}
	r.tasks.Go(r.accept)
	t.Cleanup(func() {
		_ = l.Close()
		r.set(func() { r.frozen, r.closed = false, true })
		r.cut()
		r.tasks.Wait()
	})
	return r
}

func (r *relay) endpoint() string { return "tcp://" + r.listener.Addr().String() }

// set changes the relay under its lock.
func (r *relay) set(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.change)
	r.change = make(chan struct{})
}

// cut ends all connections with a reset.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for nc := range r.links {
		reset(nc)
	}
}

func reset(nc net.Conn) {
	_ = nc.(*net.TCPConn).SetLinger(0) // it may be gone
	_ = nc.Close()
}

func (r *relay) accept() {
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", r.target)
		if err != nil {
			reset(near)
			continue
		}
		small(near)
		small(far)
		r.mu.Lock()
		if r.closed {
			reset(near)
			reset(far)
		}
		r.links[near], r.links[far] = struct{}{}, struct{}{}
		budget := 0
		if r.budget != nil {
			budget = r.budget()
		}
		r.mu.Unlock()
		var both sync.WaitGroup
		both.Go(func() { r.pass(near, far, budget) })
		both.Go(func() { r.pass(far, near, 0) })
		r.tasks.Go(func() {
			both.Wait()
			_, _ = near.Close(), far.Close() // they may be closed
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.links, near)
			delete(r.links, far)
		})
	}
}

// relayHolds is the most bytes that are in flight where a relay stands between:
// it holds a piece, and its own sockets two buffers more each way.
const relayHolds = inFlight + piece + 2*2*relayBuffer

const (
	piece       = 16 << 10
	relayBuffer = 32 << 10
)

// small makes the kernel's buffers small.
func small(nc net.Conn) {
	// Where that fails, the test that counts on it fails.
	_ = nc.(*net.TCPConn).SetReadBuffer(relayBuffer)
	_ = nc.(*net.TCPConn).SetWriteBuffer(relayBuffer)
}

// pass copies one direction, up to budget bytes. An end is passed on as an end,
// anything else as a reset.
func (r *relay) pass(from, to net.Conn, budget int) {
	buf := make([]byte, piece)
	for passed := 0; ; {
		n, err := from.Read(buf)
		r.await()
		over := budget > 0 && passed+n >= budget
		if over {
			n = budget - passed
		}
		passed += n
		if n > 0 {
			if _, failed := to.Write(buf[:n]); failed != nil {
				err = failed
			}
		}
		switch {
		case over:
			r.set(func() { r.cuts++ })
			reset(from)
			reset(to)
			return
		case errors.Is(err, io.EOF):
			_ = to.(*net.TCPConn).CloseWrite() // it may be gone
			return
		case err != nil:
			reset(from)
			reset(to)
			return
		}
	}
}

// await waits until the relay lets bytes pass.
func (r *relay) await() {
	r.mu.Lock()
	for r.frozen {
		change := r.change
		r.mu.Unlock()
		<-change
		r.mu.Lock()
	}
	delay := r.delay
	r.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		<-timer.C
	}
}
