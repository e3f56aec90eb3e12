package sockets

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// unsent returns the number of unsent messages in err.
func unsent(tb testing.TB, err error) int {
	tb.Helper()
	var left *UnsentError
	if !errors.As(err, &left) {
		tb.Fatalf("Close: %v", err)
	}
	return left.Messages
}

// queued returns a PUSH with three messages for an endpoint where nobody listens.
func queued(tb testing.TB, linger time.Duration) (push *Socket, endpoint string) {
	tb.Helper()
	endpoint = nowhere(tb)
	push = newSocket(tb, Push, quickly, func(o *Options) { o.Linger = linger })
	try(tb, push.Connect(endpoint))
	for i := range 3 {
		sendParts(tb, push, strconv.Itoa(i))
	}
	return push, endpoint
}

// C82: without a linger, queued messages are lost and counted.
func TestC82NoLinger(t *testing.T) {
	push, _ := queued(t, 0)
	if n := unsent(t, push.Close()); n != 3 {
		t.Errorf("%d unsent", n)
	}
}

// C82: where nobody comes, Close waits for the whole linger.
func TestC82LingerRunsOut(t *testing.T) {
	const linger = 60 * time.Millisecond
	push, _ := queued(t, linger)
	start := time.Now()
	if n := unsent(t, push.Close()); n != 3 {
		t.Errorf("%d unsent", n)
	}
	if took := time.Since(start); took < linger {
		t.Errorf("waited for %v", took)
	}
}

// C82: within the linger, or for ever, messages find a listener that comes late.
func TestC82LateListener(t *testing.T) {
	for _, linger := range []time.Duration{-1, watchdog} {
		push, endpoint := queued(t, linger)
		closed := make(chan error, 1)
		go func() { closed <- push.Close() }()
		if err := push.Send(within(t), frames.Strings("late")); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		eventually(t, func() bool { return errors.Is(push.Subscribe(nil), ErrDirection) && push.open() != nil })
		pull := newSocket(t, Pull)
		bind(t, pull, endpoint)
		for i := range 3 {
			expectParts(t, pull, strconv.Itoa(i))
		}
		try(t, <-closed)
	}
}

// C82: CloseContext cuts the linger short.
func TestC82CloseContext(t *testing.T) {
	push, _ := queued(t, -1)
	ctx, cancel := context.WithCancel(within(t))
	closed := make(chan error, 1)
	go func() { closed <- push.CloseContext(ctx) }()
	eventually(t, func() bool { return push.open() != nil })
	cancel()
	if n := unsent(t, <-closed); n != 3 {
		t.Errorf("%d unsent", n)
	}
}

// Close counts every message that it gives up, also of endpoints that end by
// themselves at the same time, as their dialers do once nothing is left for them.
func TestC82CloseCountsThemAll(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, leaves := range []bool{true, false} {
		for range 10 {
			const endpoints = 30
			push := newSocket(t, Push, quickly, func(o *Options) { o.Linger = -1 })
			var all []string
			for range endpoints {
				all = append(all, nowhere(t))
				try(t, push.Connect(all[len(all)-1]))
			}
			for i := range endpoints { // they are taken in turn
				sendParts(t, push, strconv.Itoa(i))
			}
			if leaves {
				for _, endpoint := range all {
					try(t, push.Disconnect(endpoint))
				}
			}
			if n := unsent(t, push.CloseContext(gone)); n != endpoints {
				t.Fatalf("Disconnect first: %v: %d unsent, %d more lost, want %d", leaves, n, push.Stats().Lost, endpoints)
			}
		}
	}
}

// slowReader connects a socket to a peer that reads when it is told to, and has
// subscribed where that takes one.
func slowReader(t *testing.T, kind Type, transport, peerType string, opts ...Option) (*Socket, *rawPeer) {
	t.Helper()
	l := listenRaw(t, strings.Replace(endpointOn(t, transport), ":*", ":0", 1))
	s := newSocket(t, kind, append([]Option{func(o *Options) { o.Linger, o.SendBuffer = -1, 4096 }}, opts...)...)
	try(t, s.Connect(l.endpoint))
	p := l.meet(peerType)
	if peerType == "SUB" {
		p.send(command("SUBSCRIBE", ""))
		try(t, s.WaitSubscribers(within(t), 1, nil))
	}
	return s, p
}

// C82: Close waits for a slow reader to take everything, to the last byte, also
// where the peer sends bytes that nobody reads any more.
func TestC82SlowReader(t *testing.T) {
	for kind, peerType := range map[Type]string{Dealer: "ROUTER", Push: "PULL", Pub: "SUB", XPub: "SUB"} {
		for _, transport := range []string{"tcp", "ipc"} {
			t.Run(kind.String()+" "+transport, func(t *testing.T) {
				s, p := slowReader(t, kind, transport, peerType)
				unread := message("unread")
				if kind == Push {
					unread = "" // it breaks the protocol
				}
				big := strings.Repeat("x", 512<<10)
				for i := range 4 {
					sendParts(t, s, strconv.Itoa(i), big)
				}
				p.send(unread, unread)
				closed := make(chan error, 1)
				go func() { closed <- s.Close() }()
				eventually(t, func() bool { return s.open() != nil })
				p.send(unread)
				for i := range 4 {
					p.expectMessage(strconv.Itoa(i), big)
				}
				if rest := p.expectClosed(); rest != "" {
					t.Errorf("then %q", cutShort(rest))
				}
				try(t, <-closed)
			})
		}
	}
}

// C82: Close waits for a resting reader to take what this machine's kernel holds:
// on ipc as long as the linger lasts, except that a publisher does not wait for a
// subscriber, and on tcp, where the kernel goes on by itself, for a moment.
func TestC82RestingReader(t *testing.T) {
	const linger = partingTime + 200*time.Millisecond
	big := strings.Repeat("x", 100<<10)
	closing := func(s *Socket) chan time.Duration {
		begun, took := time.Now(), make(chan time.Duration, 1)
		go func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			took <- time.Since(begun)
		}()
		return took
	}
	push, _ := slowReader(t, Push, "ipc", "PULL", func(o *Options) { o.Linger = linger })
	sendParts(t, push, "hello")
	pub, subscriber := slowReader(t, Pub, "ipc", "SUB")
	sendParts(t, pub, "hello")
	onTCP, far := slowReader(t, Push, "tcp", "PULL", func(o *Options) { o.SendBuffer = 4 * len(big) })
	try(t, far.Conn.(*net.TCPConn).SetReadBuffer(4096))
	sendParts(t, onTCP, big)
	eventually(t, func() bool { return onTCP.Stats().Queued == 0 })

	ofPush, ofPub, ofTCP := closing(push), closing(pub), closing(onTCP)
	if took := <-ofPush; took < linger {
		t.Errorf("a PUSH waited %v, want %v", took, linger)
	}
	if took := <-ofTCP; took < partingTime {
		t.Errorf("on tcp it waited %v, want %v", took, partingTime)
	}
	far.expectMessage(big)
	if took := <-ofPub; took < partingTime {
		t.Errorf("a PUB waited %v, want %v", took, partingTime)
	}
	subscriber.expectMessage("hello")
}

// C82: where the peer takes nothing, the linger ends it.
func TestC82StuckReader(t *testing.T) {
	l := listenRaw(t, anyPort)
	s := newSocket(t, Push, func(o *Options) { o.Linger = 50 * time.Millisecond })
	try(t, s.Connect(l.endpoint))
	l.meet("PULL")
	big := strings.Repeat("x", 8<<20)
	for range 4 {
		sendParts(t, s, big)
	}
	if n := unsent(t, s.Close()); n < 1 || n > 4 {
		t.Errorf("%d unsent", n)
	}
}

// Messages that wait for a peer are counted, and no longer once the socket is
// closed.
func TestStatsQueued(t *testing.T) {
	s, err := New(Push, func(o *Options) { o.Linger = 0 })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Connect("inproc://nobody-takes-it"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Send(t.Context(), frames.Strings("x")); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Stats().Queued; n != 3 {
		t.Errorf("%d are queued, want 3", n)
	}
	var unsent *UnsentError
	if err := s.Close(); !errors.As(err, &unsent) || unsent.Messages != 3 {
		t.Errorf("Close: %v", err)
	}
	if n := s.Stats().Queued; n != 0 {
		t.Errorf("%d are queued after Close", n)
	}
}
