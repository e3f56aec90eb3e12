package sockets

import (
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Where nobody listens on this machine the pauses are 1, 2 and 4 ms, then a sixteenth of
// the absence so far with up to a quarter of jitter, never more than 200 ms; after a
// minute they are those of the options.
func TestEarlyPauses(t *testing.T) {
	const ms = time.Millisecond
	lasted := time.Duration(0)
	for attempts := 0; lasted < earlyEnd; attempts++ {
		least := max([]time.Duration{ms, 2 * ms, 4 * ms}[min(attempts, 2)], min(lasted/16, 160*ms))
		d, early := earlyPause(lasted, attempts, 1, 5*time.Second)
		if !early || d < least || d > least*5/4 || d > 200*ms {
			t.Fatalf("after %v a pause of %v (%v), want %v and a little", lasted, d, early, least)
		}
		lasted += d
		if attempts > 500 {
			t.Fatalf("%d attempts in %v", attempts, lasted)
		}
	}
	if d, early := earlyPause(earlyEnd, 3, 1, 5*time.Second); early {
		t.Errorf("a minute later there is a pause of %v", d)
	}
}

// Beyond the first 16, endpoints that are waited for make at most 2000 attempts a second,
// and each is tried within the longest pause of its options, or 200 ms.
func TestEarlyPausesOfManyEndpoints(t *testing.T) {
	for _, endpoints := range []int{1, 10, 300, 1000, 10_000, 1_000_000} {
		for _, longest := range []time.Duration{50 * time.Millisecond, 5 * time.Second, time.Hour} {
			for _, attempts := range []int{0, 1, 2, 1000} {
				d, early := earlyPause(0, attempts, endpoints, longest)
				most := max(longest, 200*time.Millisecond)
				if !early || d > most || d < min(time.Duration(endpoints-16)*time.Second/2000, most*4/5) {
					t.Errorf("%d endpoints, at most %v: a pause of %v (%v)", endpoints, longest, d, early)
				}
			}
		}
	}
}

// checkEarly wants the pauses of an absence that begins with the next attempt, or began
// with the end of a connection, until listen has been called.
func checkEarly(t *testing.T, events *eventLog, listen func()) {
	t.Helper()
	var begun time.Time
	for i := range 12 {
		e := events.await(EventConnectRetried)
		if i == 0 {
			begun = e.Time
		}
		least := []int64{1, 2, 4}[min(i, 2)]
		// The event is later than the look at the clock, and in whole milliseconds.
		most := max(least, e.Time.Sub(begun).Milliseconds()/16+1) * 5 / 4
		if e.Value < least || e.Value > min(most, 200) {
			t.Errorf("pause %d, %v after the first, is %d ms, want %d to %d", i, e.Time.Sub(begun), e.Value, least, most)
		}
	}
	listen()
}

// A connect that comes before its bind tries again after 1, 2, 4 ms and so on: by each
// transport, under each name of this machine, whatever is missing.
func TestEarlyConnect(t *testing.T) {
	dir := t.TempDir()
	endpoints := map[string]string{
		"tcp":           freeEndpoint(t, "tcp"),
		"tcp wildcard":  strings.Replace(freeEndpoint(t, "tcp"), "127.0.0.1", "0.0.0.0", 1),
		"tcp localhost": strings.Replace(freeEndpoint(t, "tcp"), "127.0.0.1", "LocalHost", 1),
		"ws":            strings.Replace(freeEndpoint(t, "tcp"), "tcp:", "ws:", 1) + "/path",
		"ws localhost":  strings.NewReplacer("tcp:", "ws:", "127.0.0.1", "localhost").Replace(freeEndpoint(t, "tcp")),
		"ipc":           freeEndpoint(t, "ipc"),
		"ipc stale":     "ipc://" + staleSocket(t, filepath.Join(dir, "s")),
	}
	if runtime.GOOS == "linux" {
		endpoints["ipc abstract"] = "ipc://@" + filepath.Base(dir) + "-early"
	}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		endpoints["tcp ipv6"] = "tcp://" + l.Addr().String()
		try(t, l.Close())
	}
	for name, endpoint := range endpoints {
		t.Run(name, func(t *testing.T) {
			events, monitored := monitor(t)
			push := newSocket(t, Push, monitored)
			try(t, push.Connect(endpoint))
			checkEarly(t, events, func() {
				pull := newSocket(t, Pull)
				bind(t, pull, strings.Replace(endpoint, "LocalHost", "127.0.0.1", 1))
				sendParts(t, push, "hello")
				expectParts(t, pull, "hello")
			})
		})
	}
}

// staleSocket leaves a socket at a path on which nobody listens.
func staleSocket(t *testing.T, path string) string {
	t.Helper()
	l, err := net.Listen("unix", path)
	try(t, err)
	l.(*net.UnixListener).SetUnlinkOnClose(false) //nolint:forcetypeassert // it is
	try(t, l.Close())
	return path
}

// The same holds where the directory of an ipc socket is still to be made.
func TestEarlyConnectWithoutDirectory(t *testing.T) {
	events, monitored := monitor(t)
	try(t, newSocket(t, Push, monitored).Connect("ipc://"+filepath.Join(t.TempDir(), "none", "s")))
	checkEarly(t, events, func() {})
}

// The end of a connection that lived for a while is the beginning of an absence; that of
// a shorter one is not, since a listener that closes each at once is not rushed.
func TestEarlyReconnect(t *testing.T) {
	s := newSocket(t, Push)
	for _, endpoint := range []string{"tcp://127.0.0.1:1", "ws://[::1]:1", "ipc:///none", "tcp://192.0.2.1:1"} {
		for _, lived := range []time.Duration{0, earlyLife - 1, earlyLife, time.Hour} {
			e, err := parse("connect", endpoint)
			try(t, err)
			d := dialer{socket: s, endpoint: e, text: endpoint}
			d.absent.key = d.vigilKey()
			wait := s.opts.ReconnectMin
			gap := d.gap(&wait, lived, true)
			d.absent.end()
			least, most := s.opts.ReconnectMin, 2*s.opts.ReconnectMin
			if lived >= earlyLife && e.Near() {
				least, most = time.Millisecond, 5*time.Millisecond/4
			}
			if gap < least || gap > most {
				t.Errorf("%s: a pause of %v after a connection of %v, want %v to %v", endpoint, gap, lived, least, most)
			}
		}
	}
}

// Who asks for pauses gets those, wherever the endpoint is.
func TestEarlyIsAnOption(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		events, monitored := monitor(t)
		exact := newSocket(t, Push, monitored, func(o *Options) { o.ReconnectEarly = false })
		try(t, exact.Connect(freeEndpoint(t, transport)))
		if gap := events.await(EventConnectRetried).Value; gap < 100 {
			t.Errorf("%s: a pause of %d ms", transport, gap)
		}
	}
}
