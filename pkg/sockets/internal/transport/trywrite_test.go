package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// foreign is a net.Conn that this package knows nothing of.
type foreign struct{ net.Conn }

// TryWrite takes as much as there is room for and never waits.
func TestTryWrite(t *testing.T) {
	each(t, func(t over) {
		a, b := pair(t, t.endpoint)
		write := TryWrite(a)
		if runtime.GOOS == "windows" && parse(t, t.endpoint).Scheme() != schemeInproc {
			if n, err := write([]byte("x")); n != 0 || err != nil {
				t.Fatal(n, err)
			}
			return
		}
		written := 0
		chunk := make([]byte, 100_000)
		for {
			n, err := write(chunk)
			try(t, err)
			if n == 0 {
				break
			}
			written += n
		}
		if written == 0 {
			t.Fatal("nothing was taken")
		}
		try(t, a.CloseWrite())
		if n, err := io.Copy(io.Discard, b); err != nil || int(n) != written {
			t.Fatalf("took %d, read %d, %v", written, n, err)
		}
		try(t, b.Close())
		var err error
		for err == nil {
			_, err = write(chunk)
		}
		try(t, a.Close())
		if n, err := write(chunk); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Fatal(n, err)
		}
	})
}

func TestTryWriteForeign(t *testing.T) {
	a, _ := pair(t, "inproc://foreign")
	if n, err := TryWrite(foreign{a})([]byte("x")); n != 0 || err != nil {
		t.Error(n, err)
	}
}

// TryWrite at the same time as Close ends in an error, and in no race.
func TestTryWriteClose(t *testing.T) {
	each(t, func(t over) {
		if runtime.GOOS == "windows" && parse(t, t.endpoint).Scheme() != schemeInproc {
			return // nothing is ever tried
		}
		a, b := pair(t, t.endpoint)
		go func() { _, _ = io.Copy(io.Discard, b) }()
		write := TryWrite(a)
		started := make(chan struct{})
		failed := make(chan error, 1)
		go func() {
			_, err := write([]byte("x"))
			close(started)
			for err == nil {
				_, err = write([]byte("x"))
			}
			failed <- err
		}()
		<-started
		try(t, a.Close())
		if err := <-failed; !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
	})
}

// A write deadline that is over holds for TryWrite too.
func TestTryWriteDeadline(t *testing.T) {
	each(t, func(t over) {
		if runtime.GOOS == "windows" && parse(t, t.endpoint).Scheme() != schemeInproc {
			return // nothing is ever tried
		}
		a, _ := pair(t, t.endpoint)
		try(t, a.SetWriteDeadline(time.Now().Add(-time.Second)))
		if n, err := TryWrite(a)([]byte("x")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(n, err)
		}
	})
}
