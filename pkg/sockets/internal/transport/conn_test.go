package transport

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// fill writes to nc until a deadline that is over ends it; it returns the sum.
// The peer does not read.
func fill(tb testing.TB, nc net.Conn) int {
	tb.Helper()
	try(tb, nc.SetWriteDeadline(time.Now().Add(10*time.Millisecond)))
	sum := 0
	for {
		n, err := nc.Write(make([]byte, 64<<10))
		sum += n
		if err != nil {
			wantTimeout(tb, err)
			return sum
		}
	}
}

func TestConnBothWays(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		for _, side := range [][2]halfCloser{{a, b}, {b, a}} {
			if n, err := side[0].Write([]byte("hello")); n != 5 || err != nil {
				t.Fatal(n, err)
			}
			got := make([]byte, 5)
			if _, err := io.ReadFull(side[1], got); err != nil || string(got) != "hello" {
				t.Fatalf("%q, %v", got, err)
			}
		}
	})
}

// A megabyte in odd pieces arrives in order, though no stream holds it whole.
func TestConnLarge(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		sent := make([]byte, 1<<20)
		for i := range sent {
			sent[i] = byte(i * i >> 7)
		}
		done := make(chan error, 1)
		go func() {
			for rest := sent; len(rest) > 0; {
				n, err := a.Write(rest[:min(len(rest), 77_777)])
				if err != nil {
					done <- err
					return
				}
				rest = rest[n:]
			}
			done <- a.CloseWrite()
		}()
		got, err := io.ReadAll(b)
		if err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes of %d, %v", len(got), len(sent), err)
		}
		try(t, <-done)
	})
}

// A write needs no reader, and its bytes outlive the writer's close.
func TestConnReadAfterClose(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		_, err := a.Write([]byte("last words"))
		try(t, err)
		try(t, a.Close())
		got, err := io.ReadAll(b)
		if err != nil || string(got) != "last words" {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestConnCloseWrite(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		try(t, a.CloseWrite())
		if n, err := b.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Fatal(n, err)
		}
		if _, err := a.Write([]byte("x")); err == nil {
			t.Fatal("a write after CloseWrite")
		}
		_, err := b.Write([]byte("y"))
		try(t, err)
		got := make([]byte, 1)
		if _, err := a.Read(got); err != nil || got[0] != 'y' {
			t.Fatal(got, err)
		}
	})
}

func TestConnWriteAfterPeerClosed(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		try(t, b.Close())
		// The first may still go out, before a kernel knows.
		var err error
		for err == nil {
			_, err = a.Write([]byte("x"))
		}
		var ne net.Error
		if errors.As(err, &ne) && ne.Timeout() || errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
	})
}

func TestConnReadDeadline(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		for _, at := range []time.Time{time.Now().Add(-time.Hour), time.Now().Add(time.Millisecond)} {
			try(t, a.SetReadDeadline(at))
			_, err := a.Read(make([]byte, 1))
			wantTimeout(t, err)
		}
		_, err := b.Write([]byte("x"))
		try(t, err)
		_, err = a.Read(make([]byte, 1)) // a deadline that is over holds, whether there are bytes or not
		wantTimeout(t, err)
		try(t, a.SetReadDeadline(time.Time{}))
		_, err = a.Read(make([]byte, 1))
		try(t, err)
	})
}

// A deadline set while a Read waits ends it.
func TestConnDeadlineWakes(t *testing.T) {
	each(t, func(t over) {
		a, _ := pair(t, t.endpoint)
		failed := make(chan error, 1)
		go func() {
			_, err := a.Read(make([]byte, 1))
			failed <- err
		}()
		try(t, a.SetDeadline(time.Now().Add(-time.Second)))
		wantTimeout(t, <-failed)
	})
}

// A writer without a reader is held back; all that it wrote is there.
func TestConnBackpressure(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		written := fill(t, a)
		try(t, a.SetWriteDeadline(time.Time{}))
		try(t, a.CloseWrite())
		read, err := io.Copy(io.Discard, b)
		if err != nil || int(read) != written {
			t.Fatalf("wrote %d, read %d, %v", written, read, err)
		}
	})
}

// Close ends our own Read and Write, whether they wait or come later.
func TestConnCloseWakes(t *testing.T) {
	each(t, func(t over) {
		a, _ := pair(t, t.endpoint)
		failed := make(chan error, 2)
		go func() {
			_, err := a.Read(make([]byte, 1))
			failed <- err
		}()
		go func() {
			var err error
			for err == nil {
				_, err = a.Write(make([]byte, 64<<10))
			}
			failed <- err
		}()
		try(t, a.Close())
		for range 2 {
			if err := <-failed; !errors.Is(err, net.ErrClosed) {
				t.Fatal(err)
			}
		}
		if err := a.Close(); !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
	})
}

// Writes at the same time do not mix, though each is larger than a stream.
func TestConnWritesDoNotMix(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		const size = 300 << 10
		failed := make(chan error, 2)
		for _, c := range []byte{'x', 'y'} {
			go func() {
				_, err := a.Write(bytes.Repeat([]byte{c}, size))
				failed <- err
			}()
		}
		got := make([]byte, 2*size)
		_, err := io.ReadFull(b, got)
		try(t, err)
		try(t, <-failed)
		try(t, <-failed)
		for _, half := range [][]byte{got[:size], got[size:]} {
			if bytes.Count(half, half[:1]) != size {
				t.Fatal("two writes are mixed")
			}
		}
	})
}
