package sockets

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// transports are all there are.
var transports = []string{"tcp", "ipc", "inproc"}

// freeEndpoint is an endpoint that can be bound and that nobody listens on.
func freeEndpoint(t testing.TB, transport string) string {
	t.Helper()
	s, err := New(Pull)
	try(t, err)
	endpoint := bind(t, s, endpointOn(t, transport))
	try(t, s.Close())
	return endpoint
}

// C80: what was sent before anybody listened arrives once somebody does, and the
// end of the listener is survived.
func TestC80ConnectBeforeBind(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			endpoint := freeEndpoint(t, transport)
			events, monitored := monitor(t)
			push := newSocket(t, Push, quickly, monitored)
			try(t, push.Connect(endpoint))
			events.await(EventConnectRetried)
			for i := range 3 {
				sendParts(t, push, "early", strconv.Itoa(i))
			}
			pull := newSocket(t, Pull)
			bind(t, pull, endpoint)
			for i := range 3 {
				expectParts(t, pull, "early", strconv.Itoa(i))
			}
			for life := range 3 {
				try(t, pull.Close())
				events.await(EventDisconnected)
				sendParts(t, push, "life", strconv.Itoa(life))
				pull = newSocket(t, Pull)
				bind(t, pull, endpoint)
				expectParts(t, pull, "life", strconv.Itoa(life))
			}
		})
	}
}

// C80, in libzmq's words: the events of a connection's life come in order.
func TestC80Events(t *testing.T) {
	endpoint := freeEndpoint(t, "tcp")
	dialer, dialing := monitor(t)
	listener, listening := monitor(t)
	push := newSocket(t, Push, quickly, dialing)
	try(t, push.Connect(endpoint))
	for _, kind := range []EventKind{EventConnectDelayed, EventClosed, EventConnectRetried} {
		if e := dialer.await(EventConnectDelayed, EventClosed, EventConnectRetried, EventConnected); e.Kind != kind || e.Endpoint != endpoint {
			t.Fatalf("%+v, want %s", e, kind)
		}
	}
	pull := newSocket(t, Pull, listening)
	bind(t, pull, endpoint)
	for _, kind := range []EventKind{EventConnected, EventHandshakeDone} {
		if e := dialer.await(EventConnected, EventHandshakeDone); e.Kind != kind || e.Endpoint != endpoint || e.Time.IsZero() {
			t.Errorf("%+v, want %s", e, kind)
		}
	}
	try(t, push.Close())
	for _, kind := range []EventKind{EventListening, EventAccepted, EventHandshakeDone, EventDisconnected} {
		e := listener.await(EventListening, EventAccepted, EventHandshakeDone, EventDisconnected)
		if e.Kind != kind || e.Endpoint != endpoint || (e.Peer == "") != (kind == EventListening) {
			t.Errorf("%+v, want %s", e, kind)
		}
		if kind == EventHandshakeDone && e.Detail != "PUSH" {
			t.Errorf("the peer is a %q", e.Detail)
		}
	}
	try(t, pull.Close())
	listener.await(EventClosed)
	listener.await(EventMonitorStopped)
	dialer.await(EventMonitorStopped)
}

// C81: the pauses double from the least to the most, with jitter below twice
// their length, and are kept; a connection that was made begins anew.
func TestC81RetryGaps(t *testing.T) {
	const least, most = 8 * time.Millisecond, 50 * time.Millisecond
	events, monitored := monitor(t)
	push := newSocket(t, Push, monitored, func(o *Options) { o.ReconnectMin, o.ReconnectMax = least, most })
	endpoint := freeEndpoint(t, "tcp")
	checkGaps := func(n int) {
		t.Helper()
		for wait := least; n > 0; n-- {
			retried := events.await(EventConnectRetried)
			gap := time.Duration(retried.Value) * time.Millisecond
			if gap < wait || gap > min(2*wait, most) {
				t.Errorf("a pause of %v, want %v to %v", gap, wait, min(2*wait, most))
			}
			if e := events.await(EventConnectDelayed); e.Time.Sub(retried.Time) < gap {
				t.Errorf("paused for %v instead of %v", e.Time.Sub(retried.Time), gap)
			}
			wait = min(2*wait, most)
		}
	}
	try(t, push.Connect(endpoint))
	events.await(EventConnectDelayed)
	checkGaps(6)
	pull := newSocket(t, Pull)
	bind(t, pull, endpoint)
	events.await(EventHandshakeDone)
	try(t, pull.Close())
	events.await(EventDisconnected)
	checkGaps(2)
}

// unsent is how many messages err says were left.
func unsent(t testing.TB, err error) int {
	t.Helper()
	var left *UnsentError
	if !errors.As(err, &left) {
		t.Fatalf("Close: %v", err)
	}
	return left.Messages
}

// queued returns a PUSH with three messages for nobody.
func queued(t testing.TB, linger time.Duration) (push *Socket, endpoint string) {
	t.Helper()
	endpoint = nowhere(t)
	push = newSocket(t, Push, quickly, func(o *Options) { o.Linger = linger })
	try(t, push.Connect(endpoint))
	for i := range 3 {
		sendParts(t, push, strconv.Itoa(i))
	}
	return push, endpoint
}

// C82: no linger loses what is queued and says so.
func TestC82NoLinger(t *testing.T) {
	push, _ := queued(t, 0)
	if n := unsent(t, push.Close()); n != 3 {
		t.Errorf("%d unsent", n)
	}
}

// C82: a linger is waited for, no less, where nobody comes.
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

// C82: what a slow reader has not taken yet is waited for, to the last byte, also
// where the peer sends things that nobody reads any more.
func TestC82SlowReader(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		t.Run(transport, func(t *testing.T) {
			l := listenRaw(t, strings.Replace(endpointOn(t, transport), ":*", ":0", 1))
			s := newSocket(t, Dealer, func(o *Options) { o.Linger, o.SendBuffer = -1, 4096 })
			try(t, s.Connect(l.endpoint))
			p := l.meet("ROUTER")
			big := strings.Repeat("x", 1<<20)
			for i := range 8 {
				sendParts(t, s, strconv.Itoa(i), big)
			}
			p.send(message("unread"), message("unread"))
			closed := make(chan error, 1)
			go func() { closed <- s.Close() }()
			eventually(t, func() bool { return s.open() != nil })
			p.send(message("unread"))
			for i := range 8 {
				p.expectMessage(strconv.Itoa(i), big)
			}
			if rest := p.expectClosed(); rest != "" {
				t.Errorf("then %q", cutShort(rest))
			}
			try(t, <-closed)
		})
	}
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

// Close ends every call that waits; a closed socket does nothing more.
func TestCloseEndsCalls(t *testing.T) {
	for _, kind := range Types() {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind)
			bind(t, s, anyPort)
			ctx := within(t)
			calls := []func() error{func() error { return s.WaitPeers(ctx, 1) }}
			if kind.Receives() && kind != Req {
				calls = append(calls, func() error {
					_, err := s.Recv(ctx)
					return err
				})
			}
			if kind == Push || kind == Dealer || kind == Req || kind == Pair { // they wait for a peer
				calls = append(calls, func() error { return s.Send(ctx, frames.Strings("x")) })
			}
			if kind == Pub || kind == XPub {
				calls = append(calls, func() error { return s.WaitSubscribers(ctx, 1, nil) })
			}
			ended := make(chan error, len(calls))
			for _, call := range calls {
				go func() { ended <- call() }()
			}
			try(t, s.Close())
			for range calls {
				if err := <-ended; !errors.Is(err, ErrClosed) {
					t.Error(err)
				}
			}
			_, bindErr := s.Bind(ctx, anyPort)
			for i, err := range []error{
				s.Close(), s.Connect("tcp://127.0.0.1:1"), bindErr, s.Send(ctx, frames.Strings("x")),
				s.WaitPeers(ctx, 1), func() error { _, err := s.Recv(ctx); return err }(),
			} {
				if !errors.Is(err, ErrClosed) {
					t.Errorf("call %d after Close: %v", i, err)
				}
			}
		})
	}
}

// Close ends every goroutine, whatever it is at: newSocket checks that.
func TestCloseEndsGoroutines(t *testing.T) {
	s := newSocket(t, Dealer, func(o *Options) { o.RecvHWM, o.SendBuffer = 1, 4096 })
	endpoint := bind(t, s, anyPort)
	try(t, s.Connect(freeEndpoint(t, "tcp"))) // pauses between attempts
	for _, said := range silences {           // in their handshake
		dialRaw(t, endpoint).send(said)
		l := listenRaw(t, anyPort)
		try(t, s.Connect(l.endpoint))
		l.accept().send(said)
	}
	full := meet(t, endpoint, "ROUTER") // its reader waits for room, its writer for the peer
	full.send(strings.Repeat(message("x"), 10000))
	ctx := within(t)
	sent := make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			err = s.Send(ctx, frames.Strings(strings.Repeat("y", 1<<20)))
		}
		sent <- err
	}()
	expectParts(t, s, "x")
	meet(t, endpoint, "ROUTER").send("\x05\x00") // dropped
	meet(t, endpoint, "ROUTER").hangUp()
	if err := s.Close(); err != nil {
		unsent(t, err)
	}
	if err := <-sent; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// C83: a wildcard's endpoint is the real one, and can be connected to.
func TestC83Wildcards(t *testing.T) {
	for _, wildcard := range []string{"tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://*:*", ":0", "ipc://*"} {
		pull, push := newSocket(t, Pull), newSocket(t, Push)
		resolved := bind(t, pull, wildcard)
		if strings.Contains(resolved, "*") || strings.HasSuffix(resolved, ":0") {
			t.Errorf("%s is %s", wildcard, resolved)
		}
		try(t, push.Connect(resolved))
		sendParts(t, push, wildcard)
		expectParts(t, pull, wildcard)
		try(t, pull.Close())
		if path, ok := strings.CutPrefix(resolved, "ipc://"); ok {
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is left: %v", path, err)
			}
		}
	}
}

// C83: an endpoint that cannot work is refused at the call, with a way out.
func TestC83BadEndpoints(t *testing.T) {
	s := newSocket(t, Pull)
	for _, endpoint := range []string{
		"", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:70000", "tcp://127.0.0.1:5x", "tcp://1.2.3:5", "udp://127.0.0.1:5",
		"ipc://", "ipc://@", "ipc://" + strings.Repeat("p", 108), "inproc://", "hello",
	} {
		_, err := s.Bind(within(t), endpoint)
		for _, err := range []error{err, s.Connect(endpoint), CheckBind(endpoint), CheckConnect(endpoint)} {
			if err == nil || !strings.Contains(err.Error(), "; try ") {
				t.Errorf("%q: %v", endpoint, err)
			}
		}
	}
	for _, endpoint := range []string{"tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://*:5555", "ipc://*"} {
		if err := s.Connect(endpoint); err == nil || !strings.Contains(err.Error(), "; try ") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	if _, err := s.Bind(within(t), "tcp://127.0.0.1:1;127.0.0.1:2"); err == nil || !strings.Contains(err.Error(), "source address") {
		t.Error(err)
	}
}

// C83: an endpoint in use is an error, and whoever uses it goes on.
func TestC83EndpointInUse(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			first, push := newSocket(t, Pull), newSocket(t, Push)
			endpoint := bind(t, first, endpointOn(t, transport))
			events, monitored := monitor(t)
			second := newSocket(t, Pull, monitored)
			if _, err := second.Bind(within(t), endpoint); err == nil || !strings.Contains(err.Error(), "in use") {
				t.Error(err)
			}
			if e := events.await(EventBindFailed); e.Endpoint != endpoint || e.Err == nil {
				t.Errorf("%+v", e)
			}
			try(t, push.Connect(endpoint))
			sendParts(t, push, "x")
			expectParts(t, first, "x")
			try(t, first.Close())
			bind(t, second, endpoint)
		})
	}
}

// C84: a stale socket's file is replaced and ours is removed at the end; a file
// that is no socket stays as it is.
func TestC84SocketFiles(t *testing.T) {
	endpoint := endpointOn(t, "ipc")
	path := strings.TrimPrefix(endpoint, "ipc://")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	try(t, err)
	stale.SetUnlinkOnClose(false)
	try(t, stale.Close())

	pull, push := newSocket(t, Pull), newSocket(t, Push)
	if resolved := bind(t, pull, endpoint); resolved != endpoint {
		t.Errorf("bound %s", resolved)
	}
	try(t, push.Connect(endpoint))
	sendParts(t, push, "x")
	expectParts(t, pull, "x")
	try(t, pull.Close())
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left: %v", path, err)
	}

	try(t, os.WriteFile(path, []byte("precious"), 0o600))
	if _, err := newSocket(t, Pull).Bind(within(t), endpoint); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Error(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "precious" {
		t.Errorf("%q, %v", content, err)
	}
	missing := "ipc://" + filepath.Join(filepath.Dir(path), "missing", "socket")
	if _, err := newSocket(t, Pull).Bind(within(t), missing); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// C85: a connection comes from the source that was asked for.
func TestC85SourceAddress(t *testing.T) {
	l := listenRaw(t, anyPort)
	source := strings.TrimPrefix(freeEndpoint(t, "tcp"), "tcp://")
	for _, from := range []string{"127.0.0.1:0", "127.0.0.1:*", source} {
		s := newSocket(t, Push)
		try(t, s.Connect("tcp://"+from+";"+strings.TrimPrefix(l.endpoint, "tcp://")))
		p := l.meet("PULL")
		if got := p.RemoteAddr().String(); from == source && got != source || !strings.HasPrefix(got, "127.0.0.1:") {
			t.Errorf("came from %s, want %s", got, from)
		}
		sendParts(t, s, "x")
		p.expectMessage("x")
	}
	if runtime.GOOS == "linux" { // the only one where all of 127/8 is there
		s := newSocket(t, Push)
		try(t, s.Connect("tcp://127.0.0.2:0;"+strings.TrimPrefix(l.endpoint, "tcp://")))
		if got := l.meet("PULL").RemoteAddr().String(); !strings.HasPrefix(got, "127.0.0.2:") {
			t.Errorf("came from %s", got)
		}
	}
}

// A second Connect to an endpoint is a second link for some types and none for
// the others, as in libzmq.
func TestSecondConnect(t *testing.T) {
	for kind, links := range map[Type]int{Dealer: 1, Req: 1, Sub: 1, Pub: 1, Push: 2, Pull: 2, Router: 2, XSub: 2} {
		s := newSocket(t, kind)
		l := listenRaw(t, anyPort)
		try(t, s.Connect(l.endpoint))
		try(t, s.Connect(l.endpoint))
		other := listenRaw(t, anyPort)
		try(t, s.Connect(other.endpoint)) // the marker: it comes after the others were begun
		peer := kind.Peers()[0].String()
		for range links {
			l.meet(peer)
		}
		other.meet(peer)
		try(t, s.WaitPeers(within(t), links+1))
		if n := s.Stats().Peers; n != links+1 {
			t.Errorf("%s: %d peers", kind, n)
		}
		s.mu.Lock()
		dialers := len(s.dialers)
		s.mu.Unlock()
		if dialers != links+1 {
			t.Errorf("%s: %d endpoints are being connected", kind, dialers)
		}
	}
}

// C84: an abstract name leaves no file, and is in use like any other.
func TestC84AbstractName(t *testing.T) {
	const endpoint = "ipc://@zcat-life-test"
	if runtime.GOOS != "linux" {
		if err := CheckBind(endpoint); err == nil || !strings.Contains(err.Error(), "only Linux") {
			t.Error(err)
		}
		return
	}
	t.Chdir(t.TempDir())
	pull, push := newSocket(t, Pull), newSocket(t, Push)
	bind(t, pull, endpoint)
	try(t, push.Connect(endpoint))
	sendParts(t, push, "x")
	expectParts(t, pull, "x")
	if _, err := newSocket(t, Pull).Bind(within(t), endpoint); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Error(err)
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
}
