package transport

import (
	"net"
	"testing"
)

// TestHush: what comes while a reader is hushed can be read, and wakes the next Read once
// it no longer is.
func TestHush(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	to, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = to.Close() }()
	from, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	r := NewReader(from)
	get, put := func() []byte { return make([]byte, 100) }, func([]byte) {}
	r.Hush(true)
	write := func() {
		if _, err := to.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	write()
	for n := 0; n == 0; {
		if _, n, err = r.TryRead(get, put); err != nil {
			t.Fatal(err)
		}
	}
	write()
	r.Hush(false)
	if _, n, err := r.Read(get, put); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	done := make(chan error, 1)
	go func() {
		_, _, err := r.Read(get, put)
		done <- err
	}()
	write()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
