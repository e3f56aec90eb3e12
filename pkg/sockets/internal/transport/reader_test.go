package transport

import (
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// buffers counts the buffers that a Reader holds.
type buffers struct {
	held    int
	put     chan struct{} // gets a token at each put, if there is room
	recycle []byte
}

func newBuffers() *buffers {
	return &buffers{put: make(chan struct{}, 1), recycle: make([]byte, 4096)}
}

func (b *buffers) get() []byte {
	b.held++
	return b.recycle
}

func (b *buffers) giveBack([]byte) {
	b.held--
	select {
	case b.put <- struct{}{}:
	default:
	}
}

func TestReader(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		for name, nc := range map[string]net.Conn{"known": b, "foreign": foreign{b}} {
			r, held := NewReader(nc), newBuffers()
			_, err := a.Write([]byte("hello"))
			try(t, err)
			buf, n, err := r.Read(held.get, held.giveBack)
			if err != nil || string(buf[:n]) != "hello" || held.held != 1 {
				t.Fatalf("%s: %q, %v, %d held", name, buf[:n], err, held.held)
			}
			held.held = 0

			try(t, b.SetReadDeadline(time.Now().Add(time.Millisecond)))
			buf, n, err = r.Read(held.get, held.giveBack)
			wantTimeout(t, err)
			if buf != nil || n != 0 || held.held != 0 {
				t.Fatalf("%s: %d bytes, %d held", name, n, held.held)
			}
			try(t, b.SetReadDeadline(time.Time{}))
		}
		try(t, a.Close())
		for name, nc := range map[string]net.Conn{"known": b, "foreign": foreign{b}} {
			r, held := NewReader(nc), newBuffers()
			for range 2 {
				buf, n, err := r.Read(held.get, held.giveBack)
				if buf != nil || n != 0 || !errors.Is(err, io.EOF) || held.held != 0 {
					t.Fatalf("%s: %d bytes, %v, %d held", name, n, err, held.held)
				}
			}
		}
	})
}

// A Reader that waits holds no buffer, and Close ends the wait.
func TestReaderIdle(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // there it must hold one
	}
	for _, scheme := range []string{schemeTCP, schemeIPC} {
		a, b := pair(t, freeEndpoint(t, scheme))
		r, held := NewReader(b), newBuffers()
		type result struct {
			n, held int
			err     error
		}
		got := make(chan result)
		go func() {
			for {
				_, n, err := r.Read(held.get, held.giveBack)
				got <- result{n, held.held, err}
				held.held = 0
				if err != nil {
					return
				}
			}
		}()
		<-held.put // it found nothing and gave the buffer back
		_, err := a.Write([]byte("x"))
		try(t, err)
		if g := <-got; g != (result{1, 1, nil}) {
			t.Error(g)
		}
		<-held.put
		try(t, b.Close())
		if g := <-got; !errors.Is(g.err, net.ErrClosed) || g.held != 0 {
			t.Error(g)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, "inproc://idle")
		r, held := NewReader(b), newBuffers()
		done := make(chan error, 1)
		go func() {
			_, _, err := r.Read(held.get, held.giveBack)
			done <- err
		}()
		synctest.Wait()
		if held.held != 0 {
			t.Error("a buffer is held without bytes")
		}
		_, err := a.Write([]byte("x"))
		try(t, err)
		try(t, <-done)
		if held.held != 1 {
			t.Error("the bytes are in no buffer")
		}
	})
}

// The hot path allocates nothing.
func TestNoAllocations(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // there is no hot path
	}
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		write, r, held := TryWrite(a), NewReader(b), newBuffers()
		get, put := held.get, held.giveBack
		message := make([]byte, 1000)
		step := func() {
			if n, err := write(message); n != len(message) || err != nil {
				t.Fatal(n, err)
			}
			for got := 0; got < len(message); {
				_, n, err := r.Read(get, put)
				if err != nil {
					t.Fatal(err)
				}
				got += n
			}
		}
		if n := testing.AllocsPerRun(200, step); n != 0 {
			t.Errorf("%v allocations for a message", n)
		}
	})
}
