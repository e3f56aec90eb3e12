package sockets

import (
	"testing"
	"time"
)

// Where nobody listens on this machine the pauses begin at 1 ms, stay below 200 ms for
// a minute, and are those of the options then. Each differs by its jitter.
func TestEarlyPauses(t *testing.T) {
	const ms = time.Millisecond
	var a absence
	begun := time.Now()
	a.begin(begun)
	defer a.end()
	now := begun
	next := func(least, most time.Duration) {
		t.Helper()
		d, early := a.pause(now)
		if !early || d < least || d > most {
			t.Errorf("after %v a pause of %v (%v), want %v to %v", now.Sub(begun), d, early, least, most)
		}
		now = now.Add(d)
	}
	for wait := ms; wait <= 64*ms; wait *= 2 {
		next(wait, wait*5/4)
	}
	for now.Sub(begun) < earlyFresh {
		next(64*ms, 100*ms)
	}
	for now.Sub(begun) < earlyEnd {
		next(100*ms, 200*ms)
	}
	if d, early := a.pause(now); early {
		t.Errorf("a minute later there is a pause of %v", d)
	}
	a.begin(now) // which it has
	if _, early := a.pause(now); early {
		t.Error("an absence begins twice")
	}
}

// A crowd of waiting endpoints shares a number of attempts a second.
func TestEarlyCrowd(t *testing.T) {
	before := earlyWaiting.Load()
	crowd := make([]absence, 200)
	now := time.Now()
	for i := range crowd {
		crowd[i].begin(now)
	}
	if d, early := crowd[0].pause(now); !early || d < 100*time.Millisecond {
		t.Errorf("one of 200 pauses for %v (%v)", d, early)
	}
	more := make([]absence, 800)
	for i := range more {
		more[i].begin(now)
	}
	if d, early := crowd[0].pause(now); early {
		t.Errorf("one of 1000 pauses for %v", d)
	}
	for i := range crowd {
		crowd[i].end()
		crowd[i].end()
	}
	for i := range more {
		more[i].end()
	}
	if n := earlyWaiting.Load(); n != before {
		t.Errorf("%d still wait, %d before", n, before)
	}
}

// A connect that comes before its bind meets it soon, by each transport, and again
// when the listener was away; what has pauses of its own keeps to them.
func TestEarlyConnect(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		t.Run(transport, func(t *testing.T) {
			events, monitored := monitor(t)
			push := newSocket(t, Push, monitored)
			endpoint := endpointOn(t, transport)
			if transport == "tcp" {
				endpoint = freeEndpoint(t, transport)
			}
			try(t, push.Connect(endpoint))
			first := int64(1)
			for range 2 {
				for wait := first; wait <= 64; wait *= 2 {
					if gap := events.await(EventConnectRetried).Value; gap < wait || gap > wait*5/4 {
						t.Errorf("a pause of %d ms, want %d", gap, wait)
					}
				}
				pull := newSocket(t, Pull)
				bind(t, pull, endpoint)
				sendParts(t, push, "hello")
				expectParts(t, pull, "hello")
				try(t, pull.Close())
				events.await(EventDisconnected)
				// The end of a connection is an absence if it lived for a while.
				if gap := events.await(EventConnectRetried).Value; gap < 100 {
					first = 2
				}
			}
		})
	}
	events, monitored := monitor(t)
	exact := newSocket(t, Push, monitored, func(o *Options) { o.ReconnectEarly = false })
	try(t, exact.Connect(freeEndpoint(t, "tcp")))
	if gap := events.await(EventConnectRetried).Value; gap < 100 {
		t.Errorf("a pause of %d ms", gap)
	}
}
