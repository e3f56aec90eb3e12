package sockets

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

// Where the largest number of connections is in the handshake, the oldest makes
// room: no number of silent ones keeps an honest peer out.
func TestOldestHandshakeMakesRoom(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.MaxPeers, o.HandshakeTimeout = 1, 0 })
	endpoint := bind(t, s, anyPort)
	var silent []*rawPeer
	for range minGreeters {
		silent = append(silent, dialRaw(t, endpoint))
		events.await(EventAccepted)
	}
	meet(t, endpoint, "PUSH").send(message("good"))
	expectParts(t, s, "good")
	if e := events.await(EventHandshakeFailed); !errors.Is(e.Err, errEvicted) || e.Peer != "tcp://"+silent[0].LocalAddr().String() {
		t.Errorf("%+v", e)
	}
	silent[0].expectClosed()
	silent[1].greet(1)
	if n := s.Stats().Refused; n != 1 {
		t.Errorf("%d refused", n)
	}
}

// Messages that gone peers left unread are bounded: above the mark no new peer is
// let in until the application has read.
func TestUnreadOfGonePeersIsBounded(t *testing.T) {
	const mark = 64 << 10
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.RecvHWMBytes = mark })
	endpoint := bind(t, s, anyPort)
	body := string(make([]byte, mark*2/3))
	before := heapInUse()
	turnedAway := 0
	for range 100 {
		p := dialRaw(t, endpoint)
		p.send(greeting(1), ready("PUSH"), message(body))
		if tcp, ok := p.Conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite() // it may have been turned away by now
		}
		p.expectClosed()
		if e := events.await(EventPeerRefused, EventDisconnected); e.Kind == EventPeerRefused {
			if turnedAway++; !errors.Is(e.Err, errUnread) {
				t.Errorf("%+v", e)
			}
		}
	}
	if turnedAway != 98 {
		t.Errorf("%d turned away", turnedAway)
	}
	wantHeap(t, before, 2*mark+accountSlack)
	expectParts(t, s, body)
	expectParts(t, s, body)
	meet(t, endpoint, "PUSH").send(message("welcome"))
	expectParts(t, s, "welcome")
}

// Peers that come, send a byte and leave hold no more than is counted, whether that
// is little or much each: it is memory that is bounded, not bytes on the wire.
func TestWhatGonePeersLeave(t *testing.T) {
	for _, presence := range []bool{false, true} {
		for _, size := range []int{1, 3000, 100_000} {
			t.Run(fmt.Sprintf("%d bytes, presence %v", size, presence), func(t *testing.T) {
				s := newSocket(t, Router, func(o *Options) { o.RecvHWMBytes, o.Presence = 64<<20, presence })
				endpoint := bind(t, s, anyPort)
				body := message(string(make([]byte, size)))
				count := min(1500, 32<<20/size)
				for range 3 {
					footprint()
				}
				before := footprint()
				for range count {
					p := dialRaw(t, endpoint)
					p.send(greeting(1), ready("DEALER"), body)
					p.endInput()
					p.expectClosed()
				}
				eventually(t, func() bool { return s.Stats().Peers == 0 })
				var grown, counted int64
				defer func() { t.Logf("%d peers left %d KiB, %d KiB are counted", count, grown>>10, counted>>10) }()
				eventually(t, func() bool {
					s.mu.Lock()
					counted = int64(s.unread)
					s.unlock()
					grown = footprint() - before
					return grown <= counted+accountSlack && counted <= 2*int64(count*(size+remains))
				})
			})
		}
	}
}

// The same where we connect: a listener that sends and hangs up, over and over.
func TestUnreadOfListenersIsBounded(t *testing.T) {
	const mark = 64 << 10
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, quickly, func(o *Options) { o.RecvHWMBytes, o.Immediate = mark, true })
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	body := string(make([]byte, mark*2/3))
	for range 2 {
		p := l.meet("PUSH")
		p.send(message(body))
		p.endInput()
		p.expectClosed()
	}
	for e := events.await(EventClosed); !errors.Is(e.Err, errUnread); {
		e = events.await(EventClosed)
	}
	expectParts(t, s, body)
	l.meet("PUSH").send(message("welcome"))
	expectParts(t, s, body)
	expectParts(t, s, "welcome")
}

// A peer that leaves a thousand subscriptions behind fills no queue beyond its
// mark: they are shown as the application reads, each once, and it gets nothing
// meanwhile.
func TestPartingNotificationsAreBounded(t *testing.T) {
	const count = 20 * shedding
	xpub := newSocket(t, XPub, func(o *Options) { o.RecvHWM = 10 })
	endpoint := bind(t, xpub, anyPort)
	p := meet(t, endpoint, "SUB")
	go func() {
		for i := range count {
			p.send(subscription(1, false, fmt.Sprintf("%05d", i)))
		}
	}()
	for i := range count {
		expectParts(t, xpub, fmt.Sprintf("\x01%05d", i))
	}
	p.hangUp()
	eventually(t, func() bool { return waiting(xpub) >= 10 })
	eventually(t, func() bool { return xpub.Stats().Peers == 0 })
	if n := waiting(xpub); n > 10+shedding {
		t.Errorf("%d notifications wait", n)
	}
	awaitNoSubscribers(t, xpub, "00000")
	sendParts(t, xpub, "00000")
	other := meet(t, endpoint, "SUB")
	other.send(subscription(1, false, "other"))
	try(t, xpub.WaitSubscribers(within(t), 1, []byte("other")))
	seen := map[string]bool{}
	for len(seen) <= count {
		m, err := xpub.Recv(within(t))
		try(t, err)
		if seen[string(m[0])] {
			t.Fatalf("%q twice", m[0])
		}
		seen[string(m[0])] = true
	}
	if !seen["\x01other"] || !seen["\x0000000"] {
		t.Error("not all was shown")
	}
	if n := xpub.Stats().Dropped; n > 0 {
		t.Errorf("%d dropped", n)
	}
}

// A publisher that does not read its subscriptions holds no memory: the connection
// is made anew, and it gets those that hold by then.
func TestSubscriptionStormIsBounded(t *testing.T) {
	const mark = 256 << 10
	s := newSocket(t, Sub, quickly, func(o *Options) { o.SendHWMBytes, o.SendBuffer = mark, 4096 })
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	p := l.meet("PUB")
	try(t, s.WaitPeers(within(t), 1))
	before := heapInUse()
	prefix := make([]byte, 1000)
	for s.Stats().Peers == 1 {
		try(t, s.Subscribe(prefix))
		try(t, s.Unsubscribe(prefix))
		wantHeap(t, before, mark+accountSlack)
	}
	p.hangUp()
	try(t, s.Subscribe([]byte("A")))
	if got := l.meet("PUB").expectCommand("SUBSCRIBE"); got != "A" {
		t.Errorf("subscribed to %s", cutShort(got))
	}
}

// The prefix of a subscription has a largest length, and all of a peer's together
// have a largest size.
func TestPrefixLimits(t *testing.T) {
	for _, c := range []struct {
		said []string
		text string
	}{
		{[]string{subscription(1, false, strings.Repeat("x", 5001))}, "5001 bytes, the limit is 5000"},
		{[]string{subscription(0, false, strings.Repeat("x", 5001))}, "5001 bytes, the limit is 5000"},
		{[]string{sizeOnly(4, 1<<20) + "\x09SUBSCRIBE"}, "1048566 bytes, the limit is 5000"},
		{[]string{
			subscription(1, false, "a"+strings.Repeat("x", 4999)), subscription(1, true, "a"+strings.Repeat("x", 4999)),
			subscription(1, false, "b"+strings.Repeat("x", 4999)), subscription(1, false, "c"+strings.Repeat("x", 4999)), subscription(1, false, "d"),
		}, "10000 bytes in all"},
	} {
		events, monitored := monitor(t)
		s := newSocket(t, Pub, monitored, func(o *Options) { o.MaxPrefix, o.RecvHWMBytes = 5000, 10000 })
		p := meet(t, bind(t, s, anyPort), "SUB")
		p.send(c.said...)
		if e := events.await(EventProtocolError); !strings.Contains(e.Err.Error(), c.text) {
			t.Errorf("%v, want %q", e.Err, c.text)
		}
		p.expectClosed()
		if n := s.Stats().Broken; n != 1 {
			t.Errorf("%d broken", n)
		}
	}
}
