package sockets

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// C07: garbage ends its own connection only.
func TestC07Garbage(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored)
	endpoint := bind(t, s, anyPort)
	good := meet(t, endpoint, "PUSH")
	for name, said := range map[string]string{
		"HTTP": "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("r", 200),
		"zeros": strings.Repeat("\x00", 64), "SSH": "SSH-2.0-OpenSSH_9.6\r\n", "much": strings.Repeat("garbage ", 100000),
	} {
		p := dialRaw(t, endpoint)
		p.send(said)
		p.expectClosed()
		if e := events.await(EventHandshakeProtocol); !strings.Contains(e.Err.Error(), "does not speak ZMTP") {
			t.Errorf("%s: %v", name, e.Err)
		}
		good.send(message(name))
		expectParts(t, s, name)
	}
	if n := s.Stats().Peers; n != 1 {
		t.Errorf("%d peers", n)
	}
}

// silences lists what a peer may have sent when it falls silent in its handshake.
var silences = []string{
	"", "\xff", greeting(1)[:11], greeting(1)[:40], greeting(1), greeting(1) + ready("PUSH")[:10],
	greeting(1)[:10], greeting(1)[:10] + "\x01", greeting(1)[:10] + "\x01\x08", greeting(1)[:10] + "\x01\x08\x00\x05abc", // of ZMTP 2.0
}

// C08: such a peer is closed when its time is over.
func TestC08SilentPeers(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.HandshakeTimeout = 50 * time.Millisecond })
	endpoint := bind(t, s, anyPort)
	for _, said := range silences {
		p := dialRaw(t, endpoint)
		p.send(said)
		p.expectClosed()
		if e := events.await(EventHandshakeFailed); !strings.Contains(e.Err.Error(), "timed out") {
			t.Error(e.Err)
		}
	}
}

// C08: such a peer holds no place meanwhile.
func TestC08SilentPeersHoldNoPlace(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.MaxPeers = 1 })
	endpoint := bind(t, s, anyPort)
	for _, said := range silences {
		dialRaw(t, endpoint).send(said)
	}
	meet(t, endpoint, "PUSH").send(message("good"))
	expectParts(t, s, "good")
}

// C08: where we connected, we close it and come back.
func TestC08SilentListener(t *testing.T) {
	s := newSocket(t, Push, quickly, func(o *Options) { o.HandshakeTimeout = 50 * time.Millisecond })
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	for _, said := range silences {
		p := l.accept()
		p.send(strings.Replace(said, "\x01\x08", "\x01\x07", 1)) // of a PULL
		p.expectClosed()
	}
	l.accept()
}

// C09: a peer may leave at any byte of its handshake; a listener serves the next
// one, a client comes back.
func TestC09PeerLeavesInTheHandshake(t *testing.T) {
	s := newSocket(t, Pull)
	endpoint := bind(t, s, anyPort)
	client := newSocket(t, Push, quickly)
	l := listenRaw(t, anyPort)
	try(t, client.Connect(l.endpoint))
	said := greeting(1) + ready("PUSH")
	old := greeting(1)[:10] + "\x01\x08\x00\x05"
	for n := 10; n <= len(old); n++ {
		p := dialRaw(t, endpoint)
		p.send(old[:n])
		p.hangUp()
		p = l.accept()
		p.send(strings.Replace(old, "\x08", "\x07", 1)[:n])
		p.hangUp()
	}
	for _, n := range []int{0, 1, 10, 11, 63, 64, 65, len(said) - 1} {
		p := dialRaw(t, endpoint)
		p.send(said[:n])
		p.hangUp()
		p = l.accept()
		p.send((greeting(1) + ready("PULL"))[:n])
		p.hangUp()
	}
	meet(t, endpoint, "PUSH").send(message("still here"))
	expectParts(t, s, "still here")
	sendParts(t, client, "still here")
	l.meet("PULL").expectMessage("still here")
}

// C10: two hundred silent connections keep nobody out.
func TestC10ManySilentConnections(t *testing.T) {
	s := newSocket(t, Rep)
	endpoint := bind(t, s, anyPort)
	for i := range 200 {
		dialRaw(t, endpoint).send(silences[i%len(silences)])
	}
	good := meet(t, endpoint, "REQ")
	good.send(message("", "hello"))
	expectParts(t, s, "hello")
	sendParts(t, s, "world")
	good.expectMessage("", "world")
}

// No more peers than MaxPeers are served, also when all come at once; there is room
// again when one leaves, and those turned away get neither READY nor ERROR.
func TestMaxPeers(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.MaxPeers = 3 })
	endpoint := bind(t, s, anyPort)
	var all []*rawPeer
	for range 10 {
		p := dialRaw(t, endpoint)
		p.greet(1)
		all = append(all, p)
	}
	for _, p := range all {
		p.send(ready("PUSH"))
	}
	for range 7 {
		if e := events.await(EventPeerRefused); !errors.Is(e.Err, errCrowded) {
			t.Errorf("%+v", e)
		}
	}
	served := map[*rawPeer]bool{}
	for _, p := range all {
		if _, _, err := p.tryReadFrame(); err != nil {
			continue
		}
		p.expectOpen() // what it got was READY
		served[p] = true
	}
	if len(served) != 3 || s.Stats().Peers != 3 {
		t.Fatalf("%d served, %d peers", len(served), s.Stats().Peers)
	}
	if sent := dialRaw(t, endpoint).expectClosed(); sent != "" {
		t.Errorf("one too many was sent %q", sent)
	}
	for p := range served {
		p.hangUp()
		break
	}
	eventually(t, func() bool { return s.Stats().Peers == 2 })
	meet(t, endpoint, "PUSH").send(message("welcome"))
	expectParts(t, s, "welcome")
}

// breaches lists breaches of the protocol after a handshake with limits of 1000
// bytes and 3 frames, with a part of the reason.
var breaches = []struct{ said, text string }{
	{"\x08\x00", "reserved bits"},
	{"\xf8\x00", "reserved bits"},
	{"\x0c\x05\x04PONG", "reserved bits"},
	{"\x05\x05\x04PONG", "a command with the MORE flag"},
	{sizeOnly(0, 1<<63), "9223372036854775808 bytes"},
	{sizeOnly(0, math.MaxUint64), "18446744073709551615 bytes"},
	{sizeOnly(1, 1<<40) + "abc", "1099511627776 bytes"},
	{sizeOnly(4, 1<<40) + "abc", "1099511627776 bytes"},
	{sizeOnly(0, 1001), "1001 bytes, the limit is 1000"},
	{frame(1, strings.Repeat("x", 600)) + sizeOnly(0, 401), "1001 bytes, the limit is 1000"},
	{strings.Repeat(frame(1, ""), 3) + frame(0, ""), "more than 3 frames"},
}

// C14, C15, C16, C17, C18: messages from before are delivered, the rest is not; the
// connection ends at once, which is reported, and no other one notices.
func TestC14BrokenProtocol(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.MaxSize, o.MaxFrames = 1000, 3 })
	endpoint := bind(t, s, anyPort)
	other := meet(t, endpoint, "PUSH")
	for _, b := range breaches {
		p := meet(t, endpoint, "PUSH")
		p.send(message("before"), b.said, message("after"))
		if sent := p.expectClosed(); sent != "" {
			t.Errorf("%q: sent %q", b.said, sent)
		}
		e := events.await(EventProtocolError)
		if e.Endpoint != endpoint || e.Peer != "tcp://"+p.LocalAddr().String() || !strings.Contains(e.Err.Error(), b.text) {
			t.Errorf("%q: %+v, want %q", b.said, e, b.text)
		}
		if e := events.await(EventDisconnected); e.Err == nil {
			t.Errorf("%q: disconnected without a reason", b.said)
		}
		expectParts(t, s, "before")
		other.send(message("marker"))
		expectParts(t, s, "marker")
	}
	// A message at the limits is accepted.
	most := []string{strings.Repeat("x", 400), "", strings.Repeat("y", 600)}
	other.send(message(most...))
	expectParts(t, s, most...)
}

// heapInUse is the live heap in bytes.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// wantHeap demands that no more than most bytes of the heap are in use beyond those
// before: at once or soon, since garbage, and buffers kept for reuse, go with the
// next collections, and memory that is held does not.
func wantHeap(tb testing.TB, before uint64, most int64) {
	tb.Helper()
	var grown int64
	defer func() {
		if tb.Failed() {
			tb.Logf("the heap grew by %d bytes, no more than %d may be", grown, most)
		}
	}()
	eventually(tb, func() bool {
		grown = int64(heapInUse()) - int64(before)
		return grown <= most
	})
}

// C17: without a limit, a frame of 2^40 bytes costs only the bytes that arrived.
func TestC17FlatMemory(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.MaxSize = 0 })
	endpoint := bind(t, s, anyPort)
	before := heapInUse()
	var liars []*rawPeer
	for i := range 50 {
		p := meet(t, endpoint, "PUSH")
		p.send(sizeOnly(byte(i%2), 1<<(40+i%20)), "abc")
		liars = append(liars, p)
	}
	good := meet(t, endpoint, "PUSH")
	good.send(message("marker"))
	expectParts(t, s, "marker")
	wantHeap(t, before, int64(len(liars)*peerCost+accountSlack))
	for _, p := range liars {
		p.hangUp()
	}
}

// A peer that sends PINGs for ever and never reads costs a bounded queue of
// PONGs, and its messages still get through.
func TestPingFloodIsBounded(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.SendBuffer = 4096 })
	endpoint := bind(t, s, anyPort)
	p := meet(t, endpoint, "PUSH")
	before := heapInUse()
	flood := strings.Repeat(command("PING", "\x00\x000123456789abcdef"), 10000)
	for i := range 40 {
		p.send(flood, message(fmt.Sprint(i)))
		expectParts(t, s, fmt.Sprint(i))
	}
	wantHeap(t, before, accountSlack)
	// Whole PONGs only, however many were left out.
	for range 1000 {
		if got := p.expectCommand("PONG"); got != "0123456789abcdef" {
			t.Fatalf("PONG with %q", got)
		}
	}
}

// A message without an end has the same limits as any other.
func TestC18EndlessMessage(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.MaxSize = 1 << 20 })
	p := meet(t, bind(t, s, anyPort), "PUSH")
	part := frame(1, strings.Repeat("x", 64<<10))
	for range 20 {
		p.send(part)
	}
	p.expectClosed()
	if e := events.await(EventProtocolError); !strings.Contains(e.Err.Error(), "the limit is 1048576") {
		t.Error(e.Err)
	}
}

// C18: the limit is of what the sender wrote. What brokers put in front of it does not
// count, unless that is long or the type knows no envelopes.
func TestC18LimitWithoutEnvelope(t *testing.T) {
	const limit = 10000
	body, id := strings.Repeat("x", limit), strings.Repeat("i", 255)
	envelope := slices.Repeat([]string{id}, 15)
	for _, c := range []struct {
		kind, peer Type
		message    []string
		fits       bool
	}{
		{Rep, Req, []string{"", body}, true},
		{Rep, Dealer, append(slices.Clone(envelope), "", body), true},
		{Rep, Dealer, append(slices.Clone(envelope), id, id, "", body), false},
		{Dealer, Router, []string{id, "", body[1:], "x"}, true},
		{Dealer, Router, []string{id, "", body[1:], "", "xx"}, false},
		{Dealer, Router, []string{id, body}, false},
		{Router, Dealer, []string{"", body + "x"}, false},
		{Pull, Push, []string{"", body}, true},
		{Pull, Push, []string{"i", "", body}, false},
		{Pull, Push, []string{body[1:], "x"}, true},
	} {
		s := newSocket(t, c.kind, func(o *Options) { o.MaxSize = limit })
		p := meet(t, bind(t, s, anyPort), c.peer.String())
		p.send(message(c.message...))
		if !c.fits {
			p.expectClosed()
			continue
		}
		m, err := s.Recv(within(t))
		try(t, err)
		if last := m[len(m)-1]; string(last) != c.message[len(c.message)-1] {
			t.Errorf("%s got %d bytes", c.kind, len(last))
		}
		// The next message has all of the limit again.
		p.send(message(c.message...))
		p.expectOpen()
	}
}
