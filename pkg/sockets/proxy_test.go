package sockets

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// runProxy runs a proxy of two bound sockets of the given types until the test
// ends, and returns it and its endpoints.
func runProxy(t *testing.T, front, back Type, capture ...func(Side, *frames.Batch)) (p *Proxy, frontEP, backEP string, ended chan error) {
	t.Helper()
	f, b := newSocket(t, front), newSocket(t, back)
	frontEP, backEP = mustBind(t, f), mustBind(t, b)
	p = proxyOf(t, f, b, capture...)
	ended = make(chan error, 1)
	drain, cancel := context.WithTimeout(context.Background(), time.Minute)
	go func() {
		defer cancel()
		ended <- p.Run(t.Context(), drain)
	}()
	return p, frontEP, backEP, ended
}

func proxyOf(tb testing.TB, front, back *Socket, capture ...func(Side, *frames.Batch)) *Proxy {
	tb.Helper()
	p, err := NewProxy(front, back, ProxyOptions{Capture: capture})
	try(tb, err)
	return p
}

func mustBind(t *testing.T, s *Socket) string {
	t.Helper()
	ep, err := s.Bind(t.Context(), "tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	return ep
}

func dialed(t *testing.T, kind Type, endpoint string, opts ...Option) *Socket {
	t.Helper()
	s := newSocket(t, kind, opts...)
	if err := s.Connect(endpoint); err != nil {
		t.Fatal(err)
	}
	return s
}

func mustSend(t *testing.T, s *Socket, m ...string) {
	t.Helper()
	if err := s.Send(within(t), frames.Strings(m...)); err != nil {
		t.Fatal(err)
	}
}

func mustRecv(t *testing.T, s *Socket, want ...string) {
	t.Helper()
	m, err := s.Recv(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%q", m) != fmt.Sprintf("%q", want) {
		t.Fatalf("got %q, want %q", m, want)
	}
}

// TestC95Queue: ten clients, two workers, every reply to its own client.
func TestC95Queue(t *testing.T) {
	_, front, back, _ := runProxy(t, Router, Dealer)
	for range 2 {
		worker := dialed(t, Rep, back)
		go func() {
			for {
				m, err := worker.Recv(t.Context())
				if err != nil || worker.Send(t.Context(), m) != nil {
					return
				}
			}
		}()
	}
	var clients sync.WaitGroup
	for i := range 10 {
		client := dialed(t, Req, front)
		clients.Go(func() {
			for j := range 20 {
				text := fmt.Sprint(i, " ", j)
				if err := client.Send(t.Context(), frames.Strings("hello", "", text)); err != nil {
					t.Error(err)
					return
				}
				m, err := client.Recv(t.Context())
				if err != nil || len(m) != 3 || string(m[2]) != text {
					t.Errorf("%v: got %q, want %q", err, m, text)
					return
				}
			}
		})
	}
	clients.Wait()
}

// TestC97Forwarder: subscriptions appear upstream once and vanish with the last
// subscriber, also when it is killed.
func TestC97Forwarder(t *testing.T) {
	p, front, back, _ := runProxy(t, XSub, XPub)
	publisher := dialed(t, XPub, front)
	first, second := dialed(t, Sub, back), dialed(t, Sub, back)
	for _, s := range []*Socket{first, second} {
		if err := s.Subscribe([]byte("A")); err != nil {
			t.Fatal(err)
		}
	}
	mustRecv(t, publisher, "\x01A")
	try(t, p.sides[Back].WaitSubscribers(within(t), 2, []byte("A")))
	// B comes after the second subscription to A, which must not have come.
	if err := second.Subscribe([]byte("B")); err != nil {
		t.Fatal(err)
	}
	mustRecv(t, publisher, "\x01B")
	mustSend(t, publisher, "C", "nobody")
	mustSend(t, publisher, "A", "both")
	mustSend(t, publisher, "B", "", "second")
	mustRecv(t, first, "A", "both")
	mustRecv(t, second, "A", "both")
	mustRecv(t, second, "B", "", "second")
	_ = first.Close()
	if err := second.Unsubscribe([]byte("B")); err != nil {
		t.Fatal(err)
	}
	mustRecv(t, publisher, "\x00B")
	_ = second.Close()
	mustRecv(t, publisher, "\x00A")
}

// TestC96Capture: each message of both directions once, whole, as received.
func TestC96Capture(t *testing.T) {
	seen := newSocket(t, Pub)
	capture := mustBind(t, seen)
	_, front, back, _ := runProxy(t, Router, Dealer, CaptureTo(seen))
	monitor := dialed(t, Sub, capture)
	if err := monitor.Subscribe(nil); err != nil {
		t.Fatal(err)
	}
	if err := seen.WaitSubscribers(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	client := dialed(t, Req, front, func(o *Options) { o.Identity = []byte("me") })
	worker := dialed(t, Rep, back)
	for range 3 {
		mustSend(t, client, "hello")
		mustRecv(t, worker, "hello")
		mustSend(t, worker, "world", "")
		mustRecv(t, client, "world", "")
		mustRecv(t, monitor, "me", "", "hello")
		mustRecv(t, monitor, "me", "", "world", "")
	}
}

// TestC98PauseResumeTerminate: nothing is lost over 10,000 messages, and
// TERMINATE ends the proxy without an error. C99: the totals are exact.
func TestC98PauseResumeTerminate(t *testing.T) {
	p, front, back, ended := runProxy(t, Pull, Push)
	control := newSocket(t, Rep)
	endpoint := mustBind(t, control)
	steered := make(chan error, 1)
	go func() { steered <- p.Steer(t.Context(), control) }()
	steer := dialed(t, Req, endpoint)

	const count = 10000
	push, pull := dialed(t, Push, front), dialed(t, Pull, back)
	sent := make(chan error, 1)
	go func() {
		for i := range count {
			if err := push.Send(t.Context(), frames.Strings("message", "", fmt.Sprint(i))); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for i := range count {
		if i%2500 == 10 {
			mustSend(t, steer, "PAUSE")
			mustRecv(t, steer, "")
			mustSend(t, steer, "no such word")
			mustRecv(t, steer, "")
			mustSend(t, steer, "RESUME")
			mustRecv(t, steer, "")
		}
		mustRecv(t, pull, "message", "", fmt.Sprint(i))
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	mustSend(t, steer, "STATISTICS")
	m, err := steer.Recv(t.Context())
	if err != nil || len(m) != 8 {
		t.Fatalf("%v: %d frames", err, len(m))
	}
	total := uint64(len("message") * count)
	for i := range count {
		total += uint64(len(fmt.Sprint(i)))
	}
	for i, want := range []uint64{count, total, 0, 0, 0, 0, count, total} {
		if got := binary.NativeEndian.Uint64(m[i]); len(m[i]) != 8 || got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
	mustSend(t, steer, "TERMINATE")
	mustRecv(t, steer, "")
	for _, end := range []chan error{ended, steered} {
		if err := <-end; err != nil {
			t.Error(err)
		}
	}
}

// TestC98PausedReadsNothing: while paused, messages stay where they are.
func TestC98PausedReadsNothing(t *testing.T) {
	p, front, back, _ := runProxy(t, Pull, Push)
	push, pull := dialed(t, Push, front), dialed(t, Pull, back)
	mustSend(t, push, "before")
	mustRecv(t, pull, "before")
	p.Pause()
	mustSend(t, push, "meanwhile")
	eventually(t, func() bool { return p.sides[Front].waiting() == 1 })
	if stats, _ := p.Stats(); stats.Received != 1 {
		t.Errorf("a paused proxy received %d messages", stats.Received-1)
	}
	p.Resume()
	mustRecv(t, pull, "meanwhile")
}

// TestProxyDrains: messages received before the proxy ends are still forwarded.
func TestProxyDrains(t *testing.T) {
	p, front, back, ended := runProxy(t, Pull, Push)
	push, pull := dialed(t, Push, front), dialed(t, Pull, back)
	mustSend(t, push, "before")
	mustRecv(t, pull, "before")
	p.Pause()
	for range 100 {
		mustSend(t, push, "late")
	}
	eventually(t, func() bool { return p.sides[Front].waiting() == 100 })
	p.Terminate()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for range 100 {
		mustRecv(t, pull, "late")
	}
}

// TestProxyBackPressure: a front is not read while the back has no peer.
func TestProxyBackPressure(t *testing.T) {
	p, front, back, _ := runProxy(t, Router, Dealer)
	client := dialed(t, Dealer, front)
	for range 10 {
		mustSend(t, client, "", "wait")
	}
	eventually(t, func() bool { return p.sides[Front].waiting() == 10 })
	worker := dialed(t, Rep, back)
	for range 10 {
		mustRecv(t, worker, "wait")
		mustSend(t, worker, "done")
		mustRecv(t, client, "", "done")
	}
}

// TestProxyOutlivesBadReply: a reply without an envelope has no way back. It is
// dropped and counted, and the others go on.
func TestProxyOutlivesBadReply(t *testing.T) {
	p, front, back, _ := runProxy(t, Router, Dealer)
	worker, client := dialed(t, Dealer, back), dialed(t, Req, front)
	mustSend(t, worker, "alone")
	mustSend(t, worker, "nobody", "", "there")
	mustSend(t, client, "hello")
	m, err := worker.Recv(t.Context())
	if err != nil || len(m) != 3 {
		t.Fatalf("%v: %q", err, m)
	}
	if err := worker.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	mustRecv(t, client, "hello")
	// The client may have the reply before the proxy has counted it.
	eventually(t, func() bool {
		stats, _ := p.Stats()
		return stats.Dropped == 2 && stats.Peers == 1 && stats.Sent == 1 && stats.SentBytes == uint64(len("hello")+5)
	})
}

// A side that was refused for good has no peers any more: the proxy ends, though nobody is
// at the other side yet.
func TestProxyEndsWhereASideIsRefused(t *testing.T) {
	other := newSocket(t, Pub)
	endpoint := bind(t, other, anyPort)
	for _, early := range []bool{false, true} {
		front, back := newSocket(t, Pull), newSocket(t, Push)
		bind(t, back, anyPort)
		if early {
			try(t, front.Connect(endpoint))
			eventually(t, func() bool { return front.finally() != nil })
		}
		p, err := NewProxy(front, back, ProxyOptions{})
		try(t, err)
		if !early {
			try(t, front.Connect(endpoint))
		}
		var refused *RefusedError
		if err := p.Run(within(t), within(t)); !errors.As(err, &refused) || refused.Endpoint != endpoint {
			t.Errorf("connected before the proxy was made: %v; it ended with %v", early, err)
		}
	}
}
