package sockets

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// nonsense lists what ends a connection for good where it is the only one of a
// socket.
var nonsense = map[string]string{
	"HTTP":      "HTTP/1.1 503 Service Unavailable\r\n\r\n",
	"ZMTP 1.0":  greeting(1)[:10] + "\x00",
	"bad READY": greeting(1) + command("READY", "x"),
	"traffic":   greeting(1) + ready("ROUTER") + "\xf8\x00",
}

// answer accepts a connection and says something that ends it.
func (l *rawListener) answer(said string) {
	l.t.Helper()
	p := l.accept()
	p.send(said)
	p.expectClosed()
}

// A port on which something else answered for a moment is tried again, with growing
// pauses, where it is one of several endpoints, or has spoken ZMTP before.
func TestNonsenseIsTriedAgain(t *testing.T) {
	const times = 3
	for name, said := range nonsense {
		t.Run(name+" at one of several", func(t *testing.T) {
			events, monitored := monitor(t)
			s := newSocket(t, Dealer, monitored, quickly)
			bad, other := listenRaw(t, anyPort), listenRaw(t, anyPort)
			try(t, s.Connect(bad.endpoint))
			try(t, s.Connect(other.endpoint))
			other.meet("ROUTER").send(message("other"))
			expectParts(t, s, "other")
			for range times {
				bad.answer(said)
				e := events.await(EventHandshakeProtocol, EventProtocolError)
				if e.Endpoint != bad.endpoint || e.Err == nil {
					t.Errorf("%+v", e)
				}
			}
			bad.meet("ROUTER").send(message("better"))
			expectParts(t, s, "better")
		})
		t.Run(name+" after ZMTP", func(t *testing.T) {
			events, monitored := monitor(t)
			s := newSocket(t, Dealer, monitored, quickly)
			l := listenRaw(t, anyPort)
			try(t, s.Connect(l.endpoint))
			l.meet("ROUTER").hangUp()
			for range times {
				l.answer(said)
				if e := events.await(EventHandshakeProtocol, EventProtocolError); !e.Again {
					t.Errorf("%+v", e)
				}
			}
			sendParts(t, s, "kept")
			p := l.meet("ROUTER")
			p.expectMessage("kept")
			p.send(message("hello"))
			expectParts(t, s, "hello")
		})
		t.Run(name+" beside a bound one", func(t *testing.T) {
			s := newSocket(t, Dealer, quickly)
			l := listenRaw(t, anyPort)
			bind(t, s, anyPort)
			try(t, s.Connect(l.endpoint))
			for range times {
				l.answer(said)
			}
			l.meet("ROUTER").send(message("hello"))
			expectParts(t, s, "hello")
		})
		t.Run(name+" before there were several", func(t *testing.T) {
			for _, more := range []func(*Socket) error{
				func(s *Socket) error { return s.Connect(listenRaw(t, anyPort).endpoint) },
				func(s *Socket) error {
					_, err := s.Bind(within(t), anyPort)
					return err
				},
			} {
				s := newSocket(t, Dealer, quickly)
				l := listenRaw(t, anyPort)
				try(t, s.Connect(l.endpoint))
				l.answer(said)
				_, err := s.Recv(within(t))
				wantRefusal(t, err, l.endpoint, true, "")
				try(t, more(s))
				l.meet("ROUTER").send(message("hello"))
				expectParts(t, s, "hello")
			}
		})
	}
}

// The pauses grow although each connection is made at once.
func TestPausesGrowBetweenNonsense(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Dealer, monitored, func(o *Options) { o.ReconnectMin, o.ReconnectMax = time.Millisecond, 64*time.Millisecond })
	l := listenRaw(t, anyPort)
	bind(t, s, anyPort)
	try(t, s.Connect(l.endpoint))
	var pauses []int64
	for range 12 {
		l.answer(nonsense["traffic"])
		pauses = append(pauses, events.await(EventConnectRetried).Value)
	}
	if longest := slices.Max(pauses[6:]); longest < 16 {
		t.Errorf("the pauses stay short: %v ms", pauses)
	}
}

// A peer that accepts and says nothing is distinguished from one that has begun to
// talk, and from one that is not there.
func TestPending(t *testing.T) {
	s := newSocket(t, Dealer, quickly)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	p := l.accept()
	awaitPending(t, s, []Pending{{l.endpoint, false}})
	p.send("\xff")
	awaitPending(t, s, []Pending{{l.endpoint, true}})
	p.send(greeting(1)[1:])
	p.readGreeting()
	p.ready("ROUTER")
	try(t, s.WaitPeers(within(t), 1))
	awaitPending(t, s, nil)
	_ = l.Close()
	p.hangUp()
	awaitPending(t, s, nil)
}

func awaitPending(t *testing.T, s *Socket, want []Pending) {
	t.Helper()
	eventually(t, func() bool { return slices.Equal(s.Pending(), want) })
}

// A link that was made once and is not to be made again ends the calls that wait, and
// that is no failure; one that never was is.
func TestLastLinkIsOver(t *testing.T) {
	always := func(o *Options) { o.ReconnectStop = StopAlways }
	s := newSocket(t, Dealer, always)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	l.meet("ROUTER").hangUp()
	_, err := s.Recv(within(t))
	var refused *RefusedError
	if !errors.As(err, &refused) || !refused.Ended || refused.Protocol || !errors.Is(err, ErrNotAgain) {
		t.Errorf("%+v", err)
	}
	never := listenRaw(t, anyPort)
	try(t, never.Close())
	try(t, s.Connect(never.endpoint))
	_, err = s.Recv(within(t))
	if !errors.As(err, &refused) || refused.Ended || refused.Endpoint != never.endpoint || !strings.Contains(err.Error(), "nobody listens there") {
		t.Errorf("%+v", err)
	}
	both := newSocket(t, Dealer, always)
	l = listenRaw(t, anyPort)
	try(t, both.Connect(l.endpoint))
	try(t, both.Connect(never.endpoint))
	p := l.meet("ROUTER")
	eventually(t, func() bool {
		both.mu.Lock()
		defer both.unlock()
		return len(both.dialers) == 1
	})
	p.hangUp()
	if _, err = both.Recv(within(t)); !errors.As(err, &refused) || refused.Ended || refused.Endpoint != never.endpoint {
		t.Errorf("%+v", err)
	}
	stream := newSocket(t, Stream, quickly, func(o *Options) { o.ConnectIDs, o.StreamNotify, o.Linger = [][]byte{[]byte("it")}, false, -1 })
	l = listenRaw(t, anyPort)
	try(t, stream.Connect(l.endpoint))
	sendParts(t, stream, "it", "bytes")
	sendParts(t, stream, "it", "")
	if _, err = stream.Recv(within(t)); !errors.As(err, &refused) || !refused.Ended {
		t.Errorf("%+v", err)
	}
	if got := l.accept().expectClosed(); got != "bytes" {
		t.Errorf("%q", got)
	}
}
