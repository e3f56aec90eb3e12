package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Deadlines and waits of inproc, under a clock that does not run by itself.
func TestInprocClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, "inproc://clock")
		start := time.Now()
		try(t, a.SetReadDeadline(start.Add(time.Hour)))
		_, err := a.Read(make([]byte, 1))
		wantTimeout(t, err)
		if waited := time.Since(start); waited != time.Hour {
			t.Error("waited", waited)
		}
		_, err = a.Write(make([]byte, streamSize))
		try(t, err)
		try(t, a.SetWriteDeadline(time.Now().Add(time.Minute)))
		n, err := a.Write([]byte("xyz"))
		if n != 0 {
			t.Error(n)
		}
		wantTimeout(t, err)

		// A deadline that is taken back does not fire.
		try(t, a.SetDeadline(time.Now().Add(time.Minute)))
		try(t, a.SetDeadline(time.Time{}))
		got := make(chan error, 1)
		go func() {
			_, err := a.Read(make([]byte, 1))
			got <- err
		}()
		synctest.Wait()
		time.AfterFunc(time.Hour, func() { _, _ = b.Write([]byte("x")) })
		try(t, <-got)

		// The deadlines of a closed end do not fire either.
		try(t, a.Close())
		try(t, a.SetDeadline(time.Now().Add(time.Hour)))
		_, err = a.Read(make([]byte, 1))
		if !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

// The ring keeps order where its bytes wrap around and where it grows.
func TestStreamWraps(t *testing.T) {
	s := newStream()
	next, want := byte(0), byte(0)
	for round := range 2000 {
		p := make([]byte, round*37%5000)
		for i := range p {
			p[i] = next
			next++
		}
		n, err := s.write(p)
		if n != len(p) || err != nil {
			t.Fatal(n, err)
		}
		for keep := round * 11 % 3000; s.size > keep; {
			q := make([]byte, min(s.size-keep, 1+round%1999))
			if n, err := s.read(q); n != len(q) || err != nil {
				t.Fatal(n, err)
			}
			for _, c := range q {
				if c != want {
					t.Fatalf("round %d: byte %d, want %d", round, c, want)
				}
				want++
			}
		}
	}
}

func TestInprocErrors(t *testing.T) {
	a, b := pair(t, "inproc://errors")
	try(t, b.Close())
	if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
	if n, err := a.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Error(n, err)
	}
	if a.LocalAddr().Network() != "inproc" || a.RemoteAddr().String() != "inproc://errors" {
		t.Error(a.LocalAddr().Network(), a.RemoteAddr())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := parse(t, "inproc://errors").Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A connection that is not accepted yet when the listener closes is ended; too many
// of them are refused.
func TestInprocPending(t *testing.T) {
	l := listen(t, "inproc://pending")
	var waiting []net.Conn
	for range maxPending {
		waiting = append(waiting, dial(t, "inproc://pending"))
	}
	if _, err := parse(t, "inproc://pending").Dial(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
	if _, err := l.Accept(); err != nil {
		t.Error(err)
	}
	try(t, l.Close())
	for _, nc := range waiting[1:] {
		if _, err := nc.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	try(t, waiting[0].SetReadDeadline(time.Now().Add(-time.Second)))
	if _, err := waiting[0].Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

// Dials at the same time as binds and closes end in a connection or in a refusal.
func TestInprocConcurrent(t *testing.T) {
	e := parse(t, "inproc://concurrent")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				l, err := e.Listen(t.Context())
				if err != nil {
					if !isInUse(err) {
						t.Error(err)
					}
					continue
				}
				all.Go(func() {
					for nc, err := l.Accept(); err == nil; nc, err = l.Accept() {
						_ = nc.Close()
					}
				})
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 200 {
				nc, err := e.Dial(t.Context())
				if err != nil {
					if !isRefused(err) {
						t.Error(err)
					}
					continue
				}
				if _, err := nc.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
					t.Error(err)
				}
				_ = nc.Close()
			}
		})
	}
	all.Wait()
}

// A bind wakes the waiters for its name, each once, and no others; a waiter that
// has given up is forgotten.
func TestAwaitBind(t *testing.T) {
	await := func(endpoint string) (<-chan struct{}, func()) {
		e, err := Parse(endpoint)
		try(t, err)
		return e.AwaitBind()
	}
	told := func(bind <-chan struct{}) bool {
		select {
		case <-bind:
			return true
		default:
			return false
		}
	}
	first, forgetFirst := await("inproc://awaited")
	second, forgetSecond := await("inproc://awaited")
	third, forgetThird := await("inproc://awaited")
	other, forgetOther := await("inproc://other")
	tcp, forgetTCP := await("tcp://127.0.0.1:1")
	forgetSecond()
	l := listen(t, "inproc://awaited")
	if !told(first) || told(second) || !told(third) || told(other) || told(tcp) {
		t.Error("others were told")
	}
	try(t, l.Close())
	again, forgetAgain := await("inproc://awaited")
	listen(t, "inproc://awaited")
	if !told(again) {
		t.Error("the second bind is not told")
	}
	for _, forget := range []func(){forgetFirst, forgetSecond, forgetThird, forgetOther, forgetTCP, forgetAgain} {
		forget()
	}
	bound.mu.Lock()
	defer bound.mu.Unlock()
	if n := len(bound.waiting["other"]) + len(bound.waiting["awaited"]); n > 0 {
		t.Errorf("%d are remembered", n)
	}
}
