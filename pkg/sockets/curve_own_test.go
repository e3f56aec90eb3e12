package sockets

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// curvePair returns options for a server and a client that know each other.
func curvePair(tb testing.TB) (server, client Option) {
	tb.Helper()
	s, c := newKeys(tb), newKeys(tb)
	return with(CurveServer(s)), with(CurveClient(s.Public, c))
}

// TestCurveTransports: two of ours, over every transport and whichever side is
// the server; a REQ and a REP read their connections themselves.
func TestCurveTransports(t *testing.T) {
	for _, transport := range transports {
		for _, role := range []string{"server", "client"} {
			t.Run(transport+"/"+role+" binds", func(t *testing.T) {
				binds, connects := curvePair(t)
				if role == "client" {
					binds, connects = connects, binds
				}
				rep, req := newSocket(t, Rep, binds), newSocket(t, Req, connects)
				try(t, req.Connect(bind(t, rep, endpointOn(t, transport))))
				for i := range 150 {
					parts := []string{fmt.Sprint(i), "", strings.Repeat("x", i*i)}
					sendParts(t, req, parts...)
					expectParts(t, rep, parts...)
					sendParts(t, rep, parts...)
					expectParts(t, req, parts...)
				}
				huge := frames.Message{bytes.Repeat([]byte("huge"), 1<<20), []byte("end")}
				try(t, req.Send(within(t), huge))
				expectParts(t, rep, string(huge[0]), "end")
			})
		}
	}
}

// TestCurveForwarder: a proxy with clients and servers of its own; subscriptions
// go one way, messages the other, and cancelled ones are gone.
func TestCurveForwarder(t *testing.T) {
	server, client := curvePair(t)
	front, back := newSocket(t, XSub, server), newSocket(t, XPub, server)
	in, out := bind(t, front, anyPort), bind(t, back, anyPort)
	pub, sub := newSocket(t, Pub, client), newSocket(t, Sub, client)
	try(t, pub.Connect(in))
	long := strings.Repeat("topic", 80)
	try(t, sub.Subscribe([]byte("news")))
	try(t, sub.Subscribe([]byte(long)))
	try(t, sub.Connect(out))
	ctx, cancel := context.WithCancel(within(t))
	done := make(chan error, 1)
	go func() { done <- proxyOf(t, front, back).Run(ctx, within(t)) }()
	try(t, pub.WaitSubscribers(within(t), 1, []byte("news")))
	try(t, pub.WaitSubscribers(within(t), 1, []byte(long)))
	sendParts(t, pub, "weather", "rain")
	sendParts(t, pub, "news", "flash")
	sendParts(t, pub, long, "x")
	expectParts(t, sub, "news", "flash")
	expectParts(t, sub, long, "x")
	try(t, sub.Unsubscribe([]byte(long)))
	eventually(t, func() bool { return !pub.matches(long) })
	cancel()
	try(t, <-done)
}

// matches reports whether a message of one frame would be sent to anybody.
func (s *Socket) matches(topic string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pattern.(publisher).subscribers([]byte(topic)) > 0
}

// TestCurveReconnects: a connection that breaks is made again under new keys, and
// queued messages arrive whole, in order and once after the break.
func TestCurveReconnects(t *testing.T) {
	keys := newKeys(t)
	l := listenRaw(t, anyPort)
	push := newSocket(t, Push, with(CurveClient(keys.Public, newKeys(t))), func(o *Options) { o.SendHWM, o.SendBuffer = 0, 4096 })
	try(t, push.Connect(l.endpoint))
	s := newRawServer(t, l, keys)
	s.welcome(nil)
	s.admit(nil, "PULL")
	const count = 400 // each takes this side a multiplication on the curve
	for i := range count {
		sendParts(t, push, fmt.Sprint(i), strings.Repeat("x", 10000))
	}
	first := newRawServerKeys(s)
	s.hangUp() // with most of it unread
	s = newRawServer(t, l, keys)
	s.welcome(nil)
	s.admit(nil, "PULL")
	if second := newRawServerKeys(s); second == first {
		t.Error("the same keys again")
	}
	from := -1
	for n := uint64(3); from < count-1; {
		at, body := s.openNext(&n)
		more, _ := s.openNext(&n)
		if body == "" || at == more {
			t.Fatalf("%d %d", at, more)
		}
		var i int
		if _, err := fmt.Sscan(body, &i); err != nil || from >= 0 && i != from+1 {
			t.Fatalf("%q behind %d: %v", body, from, err)
		}
		from = i
	}
}

func newRawServerKeys(s *rawCurve) [32]byte { return *s.far }

// openNext reads a MESSAGE with a nonce of at least *n, and moves *n past it.
func (c *rawCurve) openNext(n *uint64) (nonce uint64, text string) {
	c.t.Helper()
	_, body := c.readFrame()
	for _, b := range []byte(body[8:16]) {
		nonce = nonce<<8 | uint64(b)
	}
	if nonce < *n {
		c.t.Fatalf("the nonce %d behind %d", nonce, *n)
	}
	*n = nonce + 1
	return nonce, c.open(body[16:], "CurveZMQMESSAGEC", body[8:16], c.far, c.secret)[1:]
}
