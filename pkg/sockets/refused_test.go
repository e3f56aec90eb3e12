package sockets

import (
	"errors"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// handshakesThatFail lists what a peer may send that ends a handshake for good,
// with the event that reports it and a part of the reason.
var handshakesThatFail = map[string]struct {
	said, text string
	kind       EventKind
	protocol   bool // RefusedError.Protocol
}{
	"mechanism":        {strings.Replace(greeting(1), "NULL\x00", "PLAIN", 1), "PLAIN", EventHandshakeProtocol, false},
	"small letters":    {strings.Replace(greeting(1), "NULL", "null", 1), "null", EventHandshakeProtocol, false},
	"longer name":      {strings.Replace(greeting(1), "NULL\x00", "NULLX", 1), "NULLX", EventHandshakeProtocol, false},
	"ZMTP 1.0, long":   {"\xff\x00\x00\x00\x00\x00\x00\x00\x06\x00hello", "ZMTP 1.0", EventHandshakeProtocol, true},
	"2.0, wrong type":  {greeting(1)[:10] + "\x01\x01", "the peer is PUB, this side is ROUTER", EventHandshakeProtocol, false},
	"ZMTP 1.0":         {"\x01\x00", "ZMTP 1.0", EventHandshakeProtocol, true},
	"1.0, identity":    {"\x04\x00abc", "ZMTP 1.0", EventHandshakeProtocol, true},
	"1.0, revision":    {"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x00", "ZMTP 1.0", EventHandshakeProtocol, true},
	"MySQL":            {"\x4a\x00\x00\x00\x0a8.0.33\x00", "does not speak ZMTP", EventHandshakeProtocol, true},
	"HTTP":             {"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak ZMTP", EventHandshakeProtocol, true},
	"type":             {greeting(1) + ready("PUB"), "PUB", EventHandshakeProtocol, false},
	"unknown type":     {greeting(1) + ready("FOO"), "FOO", EventHandshakeProtocol, false},
	"no type":          {greeting(1) + command("READY", ""), "socket type", EventHandshakeProtocol, true},
	"first a command":  {greeting(1) + command("PING", "\x00\x00"), "PING", EventHandshakeProtocol, true},
	"first a message":  {greeting(1) + message("x"), "READY", EventHandshakeProtocol, true},
	"cut metadata":     {greeting(1) + command("READY", prop("Socket-Type", "DEALER")[:14]), "metadata", EventHandshakeProtocol, true},
	"stray byte":       {greeting(1) + command("READY", prop("Socket-Type", "DEALER")+"x"), "metadata", EventHandshakeProtocol, true},
	"identity of 256":  {greeting(1) + ready("DEALER", prop("Identity", strings.Repeat("x", 256))), "Identity", EventHandshakeProtocol, true},
	"identity of zero": {greeting(1) + ready("DEALER", prop("Identity", "\x00x")), "Identity", EventHandshakeProtocol, true},
	"20 MB of READY":   {greeting(1) + sizeOnly(4, 20<<20), "20971520", EventHandshakeProtocol, true},
	"ERROR":            {greeting(1) + command("ERROR", "\x07go away"), "go away", EventHandshakeAuth, false},
	"ERROR 400":        {greeting(1) + command("ERROR", "\x03400"), "400", EventHandshakeAuth, false},
	"bad ERROR":        {greeting(1) + command("ERROR", "\x04400"), "ERROR", EventHandshakeProtocol, true},
}

// C05, C06, C07, C29, C31, C32, C33, C34, C35: a listener reports it, closes the
// connection and serves the next peer.
func TestC31FailedHandshakeOfAPeer(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Router, monitored)
	endpoint := bind(t, s, anyPort)
	for name, c := range handshakesThatFail {
		p := dialRaw(t, endpoint)
		p.send(c.said)
		if sent := p.expectClosed(); len(sent) < 11 || sent[10] != 3 {
			t.Errorf("%s: sent %q", name, sent)
		}
		e := events.await(EventHandshakeFailed, EventHandshakeProtocol, EventHandshakeAuth)
		if e.Kind != c.kind || e.Endpoint != endpoint || e.Peer != "tcp://"+p.LocalAddr().String() || e.Err == nil || !strings.Contains(e.Err.Error(), c.text) {
			t.Errorf("%s: %+v", name, e)
		}
		if name == "ERROR 400" && e.Value != 400 {
			t.Errorf("%s: status %d", name, e.Value)
		}
	}
	good := meet(t, endpoint, "DEALER", prop("Identity", "good"))
	good.send(message("hello"))
	expectParts(t, s, "good", "hello")
}

// C05, C33: a socket that connected gives up, does not come back, and ends all
// calls that wait.
func TestC33RefusedWhileConnecting(t *testing.T) {
	for name, c := range handshakesThatFail {
		t.Run(name, func(t *testing.T) {
			events, monitored := monitor(t)
			s := newSocket(t, Router, monitored)
			l := listenRaw(t, anyPort)
			try(t, s.Connect(l.endpoint))
			p := l.accept()
			p.send(c.said)
			p.expectClosed()
			e := events.await(EventHandshakeFailed, EventHandshakeProtocol, EventHandshakeAuth)
			if e.Kind != c.kind || !strings.Contains(e.Err.Error(), c.text) {
				t.Errorf("%+v", e)
			}
			err := s.WaitPeers(within(t), 1)
			wantRefusal(t, err, l.endpoint, c.protocol, c.text)
			_, err = s.Recv(within(t))
			wantRefusal(t, err, l.endpoint, c.protocol, c.text)
			if n := events.count(EventConnectRetried); n > 0 {
				t.Errorf("%d attempts more", n)
			}
		})
	}
}

// A SOCKS proxy that wants a password, or is none, is tried once; one that hangs up is tried
// again. All name the proxy and the endpoint behind it.
func TestUselessProxyIsARefusal(t *testing.T) {
	const far = "tcp://far.example:5555"
	for _, c := range []struct{ does, said, text string }{
		{"wants a password", "\x05\x02", "it wants a password"},
		{"offers nothing", "\x05\xff", "it wants a password"},
		{"is a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "it does not speak SOCKS5"},
		{"hangs up", "", "it hangs up"},
	} {
		t.Run(c.does, func(t *testing.T) {
			events, monitored := monitor(t)
			l := listenRaw(t, anyPort)
			proxy := strings.TrimPrefix(l.endpoint, "tcp://")
			through := func(o *Options) { o.Proxy = proxy }
			s := newSocket(t, Push, monitored, through)
			try(t, s.Connect(far))
			answer := func() {
				p := l.accept()
				p.send(c.said)
				_ = p.Close()
			}
			answer()
			want := "the SOCKS proxy " + proxy + ": " + c.text
			if c.said == "" {
				if e := events.await(EventClosed); !strings.Contains(e.Err.Error(), far+": "+want) {
					t.Errorf("%+v", e)
				}
				answer()
				events.await(EventClosed)
				return
			}
			wantRefusal(t, s.WaitPeers(within(t), 1), far, false, want)
			if e := events.await(EventHandshakeAuth); e.Endpoint != far || !strings.Contains(e.Err.Error(), want) {
				t.Errorf("%+v", e)
			}
			if n := events.count(EventConnectRetried); n > 0 {
				t.Errorf("%d attempts more", n)
			}
			go answer()
			_, err := Probe(within(t), far, through)
			wantRefusal(t, err, far, false, want)
		})
	}
}

// wantRefusal demands that err is the refusal of an endpoint.
func wantRefusal(t *testing.T, err error, endpoint string, protocol bool, text string) {
	t.Helper()
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Endpoint != endpoint || refused.Protocol != protocol || !strings.Contains(err.Error(), text) {
		t.Errorf("%v (%+v)\nwant %q of %s, protocol %v", err, refused, text, endpoint, protocol)
	}
}

// What was queued for an endpoint that refuses was never lost with a connection: it is
// counted apart, once.
func TestRefusedMessagesAreUnmet(t *testing.T) {
	for _, kind := range []Type{Push, Dealer, Pair, Client, Channel, Scatter} {
		s, l := newSocket(t, kind), listenRaw(t, anyPort)
		try(t, s.Connect(l.endpoint))
		sendParts(t, s, "one")
		sendParts(t, s, "two")
		p := l.accept()
		p.send(greeting(1), ready("FOO"))
		p.expectClosed()
		wantRefusal(t, s.WaitPeers(within(t), 1), l.endpoint, false, "FOO")
		eventually(t, func() bool { return s.Stats().Unmet == 2 })
		if st := s.Stats(); st.Lost+st.Dropped > 0 || st.Queued > 0 {
			t.Errorf("%s: %+v", kind, st)
		}
	}
}

// C33: every call that waits learns of a refusal, also one that waits already.
func TestC33WhoeverWaitsIsTold(t *testing.T) {
	for _, kind := range zmtpTypes() {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind, func(o *Options) { o.Immediate = true })
			l := listenRaw(t, anyPort)
			try(t, s.Connect(l.endpoint))
			ctx := within(t)
			calls := []func() error{func() error { return s.WaitPeers(ctx, 1) }}
			if waitsForPeers(kind) {
				calls = append(calls, func() error { return s.Send(ctx, frames.Strings("x")) })
			}
			if kind.Receives() && kind != Req {
				calls = append(calls, func() error {
					_, err := s.Recv(ctx)
					return err
				})
			}
			if kind.Traits().Publishes {
				calls = append(calls, func() error { return s.WaitSubscribers(ctx, 1, nil) })
			}
			ended := make(chan error, len(calls))
			for _, call := range calls {
				go func() { ended <- call() }()
			}
			p := l.accept()
			p.greet(1)
			p.send(command("ERROR", "\x03400"))
			for range calls {
				wantRefusal(t, <-ended, l.endpoint, false, "authentication failed (400)")
			}
			for _, call := range calls { // and later calls
				wantRefusal(t, call(), l.endpoint, false, "authentication failed (400)")
			}
		})
	}
}

// C33: after the handshake, too, where the connection ends with it. Messages from
// before are read first.
func TestC33ErrorDuringTraffic(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Dealer, monitored)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	p := l.meet("ROUTER")
	p.send(message("first"), message("second"), command("ERROR", "\x07go away"))
	p.endInput()
	p.expectClosed()
	events.await(EventDisconnected)
	expectParts(t, s, "first")
	expectParts(t, s, "second")
	_, err := s.Recv(within(t))
	wantRefusal(t, err, l.endpoint, false, "go away")
	wantRefusal(t, s.Send(within(t), frames.Strings("x")), l.endpoint, false, "go away")
	if n := events.count(EventConnectRetried); n > 0 {
		t.Errorf("%d attempts more", n)
	}
}

// C33: a peer that goes on after an ERROR is served, and connected to again when it
// ends.
func TestC33ErrorAndTraffic(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Dealer, monitored, quickly)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	p := l.meet("ROUTER")
	p.send(command("ERROR", "\x07go away"))
	p.expectOpen()
	p.send(command("ERROR", "\x07go away"), message("first"))
	expectParts(t, s, "first")
	p.hangUp()
	if e := events.await(EventDisconnected, EventRefused); e.Kind != EventDisconnected || e.Err != nil {
		t.Errorf("%+v", e)
	}
	l.meet("ROUTER").send(message("second"))
	expectParts(t, s, "second")
}

// C14, C16: a peer that breaks the protocol is not connected to again.
func TestC14BrokenProtocolWhereWeConnected(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Dealer, monitored)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	p := l.meet("ROUTER")
	p.send(message("first"), "\xf8\x00")
	p.expectClosed()
	if e := events.await(EventProtocolError); e.Endpoint != l.endpoint || !strings.Contains(e.Err.Error(), "reserved bits") {
		t.Errorf("%+v", e)
	}
	expectParts(t, s, "first")
	_, err := s.Recv(within(t))
	wantRefusal(t, err, l.endpoint, true, "reserved bits")
}

// An endpoint that refused ends nothing as long as there is another, bound or
// connected; a new Connect starts afresh.
func TestC33OtherEndpointsGoOn(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Dealer, monitored, quickly)
	bad, good := listenRaw(t, anyPort), listenRaw(t, anyPort)
	try(t, s.Connect(bad.endpoint))
	try(t, s.Connect(good.endpoint))
	refuse := func(l *rawListener) {
		p := l.accept()
		p.greet(1)
		p.send(command("ERROR", "\x02no"))
		events.await(EventHandshakeAuth)
	}
	refuse(bad)
	p := good.meet("ROUTER")
	p.send(message("hello"))
	expectParts(t, s, "hello")
	p.hangUp()
	refuse(good)
	_, err := s.Recv(within(t))
	wantRefusal(t, err, good.endpoint, false, "no")

	try(t, s.Connect(good.endpoint))
	good.meet("ROUTER").send(message("again"))
	expectParts(t, s, "again")

	bound := newSocket(t, Dealer, monitored, quickly)
	endpoint := bind(t, bound, anyPort)
	try(t, bound.Connect(bad.endpoint))
	refuse(bad)
	meet(t, endpoint, "ROUTER").send(message("bound"))
	expectParts(t, bound, "bound")
}
