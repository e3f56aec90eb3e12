package sockets

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// transports lists all transports.
var transports = []string{"tcp", "ipc", "inproc", "ws"}

// freeEndpoint returns an endpoint that can be bound and that nobody listens on.
func freeEndpoint(tb testing.TB, transport string) string {
	tb.Helper()
	endpoint := endpointOn(tb, transport)
	if strings.HasSuffix(endpoint, ":*") {
		s, err := New(Pull)
		try(tb, err)
		endpoint = bind(tb, s, endpoint)
		try(tb, s.Close())
	}
	return Canonical(endpoint)
}

// C80: a message sent before anybody listened arrives once somebody does, and the
// socket survives the end of the listener.
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

// C80, with libzmq's names: the events of a connection's life come in order.
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

// C81: the pauses double from the shortest to the longest, with jitter up to twice
// their length, or for the longest down to half of it, and are kept; after a
// connection they begin anew.
func TestC81RetryGaps(t *testing.T) {
	const least, most = 8 * time.Millisecond, 50 * time.Millisecond
	events, monitored := monitor(t)
	push := newSocket(t, Push, monitored, func(o *Options) { o.ReconnectMin, o.ReconnectMax, o.ReconnectEarly = least, most, false })
	endpoint := freeEndpoint(t, "tcp")
	checkGaps := func(begun time.Time, n int) { // begun is the time when an attempt began
		t.Helper()
		for wait := least; n > 0; n-- {
			retried := events.await(EventConnectRetried)
			gap := time.Duration(retried.Value) * time.Millisecond
			took := retried.Time.Sub(begun) + time.Millisecond // the unit in which pauses are reported
			shortest, longest := max(least, min(wait, most/2)-took), min(2*wait, most)
			if gap < shortest || gap > longest {
				t.Errorf("a pause of %v after %v, want %v to %v", gap, took, shortest, longest)
			}
			e := events.await(EventConnectDelayed)
			if e.Time.Sub(retried.Time) < gap {
				t.Errorf("paused for %v instead of %v", e.Time.Sub(retried.Time), gap)
			}
			begun = e.Time
			wait = min(2*wait, most)
		}
	}
	try(t, push.Connect(endpoint))
	checkGaps(events.await(EventConnectDelayed).Time, 6)
	pull := newSocket(t, Pull)
	bind(t, pull, endpoint)
	events.await(EventHandshakeDone)
	try(t, pull.Close())
	checkGaps(events.await(EventDisconnected).Time, 2)
}

// Pauses stay within their limits and differ from socket to socket; an attempt that
// itself took long makes them short, but never shorter than the shortest.
func TestRetryGap(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct{ min, max, wait, took, least, most time.Duration }{
		{100 * ms, 5000 * ms, 100 * ms, 0, 100 * ms, 200 * ms},
		{100 * ms, 5000 * ms, 400 * ms, 0, 400 * ms, 800 * ms},
		{100 * ms, 5000 * ms, 5000 * ms, 0, 2500 * ms, 5000 * ms},
		{100 * ms, 5000 * ms, 5000 * ms, time.Hour, 100 * ms, 200 * ms},
		{100 * ms, 5000 * ms, 5000 * ms, 1000 * ms, 1500 * ms, 4000 * ms},
		{1000 * ms, 1000 * ms, 1000 * ms, 0, 1000 * ms, 2000 * ms},
		{1000 * ms, 1100 * ms, 1000 * ms, 0, 1000 * ms, 1100 * ms},
		{1000 * ms, 1100 * ms, 1100 * ms, time.Hour, 1000 * ms, 1100 * ms},
	} {
		o := Options{ReconnectMin: c.min, ReconnectMax: c.max}
		low, high := c.most, c.least
		for range 1000 {
			gap := o.gap(c.wait, c.took)
			low, high = min(low, gap), max(high, gap)
		}
		if low < c.least || high > c.most {
			t.Errorf("%v..%v, %v after %v: %v to %v, want %v to %v", c.min, c.max, c.wait, c.took, low, high, c.least, c.most)
		}
		if high-low < (c.most-c.least)*9/10 { // out of a thousand
			t.Errorf("%v..%v, %v after %v: only %v to %v", c.min, c.max, c.wait, c.took, low, high)
		}
	}
}

// Close ends every call that waits; a closed socket does nothing more.
func TestCloseEndsCalls(t *testing.T) {
	for _, kind := range zmtpTypes() {
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
			if waitsForPeers(kind) {
				calls = append(calls, func() error { return s.Send(ctx, frames.Strings("x")) })
			}
			if kind.Traits().Publishes {
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

// Close ends every goroutine, whatever it is doing: newSocket checks that.
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

// A second Connect to an endpoint makes a second connection for some types and none
// for the others, as in libzmq.
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

// troubled is a listener that fails once, has one connection and is then closed.
type troubled struct{ results chan acceptance }

type acceptance struct {
	nc  net.Conn
	err error
}

func (l *troubled) Accept() (net.Conn, error) {
	a := <-l.results
	return a.nc, a.err
}
func (*troubled) Close() error     { return nil }
func (*troubled) Endpoint() string { return "tcp://127.0.0.1:1" }

// A listener that fails, for want of descriptors say, goes on after a pause.
func TestAcceptFailure(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored)
	near, far := net.Pipe()
	l := &troubled{make(chan acceptance, 3)}
	l.results <- acceptance{err: errors.New("too many open files")}
	l.results <- acceptance{nc: near}
	l.results <- acceptance{err: net.ErrClosed}
	s.tasks.Go(func() { s.accept(l, l.Endpoint()) })
	if e := events.await(EventAcceptFailed); e.Endpoint != l.Endpoint() || e.Err == nil {
		t.Errorf("%+v", e)
	}
	events.await(EventAccepted)
	p := newRawPeer(t, far)
	p.greet(1)
	p.ready("PUSH")
	p.send(message("x"))
	expectParts(t, s, "x")
}

// While a listener fails over and over, that is reported ever more rarely, in the
// end once a minute; it accepts the next connection, and a failure after a quiet
// time is reported at once.
func TestAcceptFailuresAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events, monitored := monitor(t)
		s := newSocket(t, Pull, monitored)
		l := &troubled{make(chan acceptance)}
		s.tasks.Go(func() { s.accept(l, l.Endpoint()) })
		failing := func(d time.Duration) (told int) {
			before := events.count(EventAcceptFailed)
			for begun := time.Now(); time.Since(begun) < d; {
				l.results <- acceptance{err: syscall.EMFILE}
			}
			synctest.Wait()
			return events.count(EventAcceptFailed) - before
		}
		if n := failing(time.Second - acceptPause); n != 1 {
			t.Errorf("told %d times at first", n)
		}
		if n := failing(10 * time.Minute); n < 5 || n > 20 {
			t.Errorf("told %d times", n)
		}
		begun := time.Now()
		near, far := net.Pipe()
		l.results <- acceptance{nc: near}
		newRawPeer(t, far).greet(1)
		if d := time.Since(begun); d > acceptPause {
			t.Errorf("it rested for %v", d)
		}
		time.Sleep(time.Hour) //nolint:forbidigo // the bubble's time, not ours
		if n := failing(acceptPause); n != 1 {
			t.Errorf("told %d times after a calm hour", n)
		}
		if e := events.await(EventAcceptFailed); e.Value != int64(syscall.EMFILE) {
			t.Errorf("%+v", e)
		}
		l.results <- acceptance{err: net.ErrClosed}
	})
}

// A socket that connects to an inproc name before it is bound is let in by the
// Bind, however long the pause before its next attempt is, and is not woken when
// other names are bound.
func TestInprocConnectBeforeBind(t *testing.T) {
	for _, immediate := range []bool{false, true} {
		events, monitored := monitor(t)
		push := newSocket(t, Push, monitored, func(o *Options) {
			o.ReconnectMin, o.ReconnectMax, o.Immediate = time.Hour, time.Hour, immediate
		})
		endpoint := endpointOn(t, "inproc")
		try(t, push.Connect(endpoint))
		for range 2 { // it is found again when it is bound anew
			events.await(EventConnectRetried)
			for i := range 3 {
				other := newSocket(t, Pull)
				bind(t, other, endpoint+"/other-"+strconv.Itoa(i))
				try(t, other.Close())
			}
			attempts := events.count(EventConnectDelayed)
			pull := newSocket(t, Pull)
			bind(t, pull, endpoint)
			sendParts(t, push, "hello")
			expectParts(t, pull, "hello")
			if n := events.count(EventConnectDelayed); n != attempts+1 {
				t.Errorf("%d attempts, %d before the bind", n, attempts)
			}
			try(t, pull.Close())
		}
	}
}

// A connect timeout bounds the attempts, not the connection.
func TestConnectTimeout(t *testing.T) {
	l := listenRaw(t, anyPort)
	s := newSocket(t, Push, func(o *Options) { o.ConnectTimeout = watchdog })
	try(t, s.Connect(l.endpoint))
	p := l.meet("PULL")
	sendParts(t, s, "x")
	p.expectMessage("x")
}
