package sockets

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// C01, C24, C26: a client sends its greeting soon, and a listener once it knows the
// peer's version; both send READY without waiting for the peer's.
func TestC01GreetingAndReady(t *testing.T) {
	for _, kind := range zmtpTypes() {
		t.Run(kind.String(), func(t *testing.T) {
			l := listenRaw(t, anyPort)
			s := newSocket(t, kind, func(o *Options) {
				if kind.row().Announces {
					o.Identity = []byte("me")
				}
			})
			try(t, s.Connect(l.endpoint))
			endpoint := bind(t, newSocket(t, kind), anyPort)
			for _, c := range []struct {
				p        *rawPeer
				identity string
			}{{l.accept(), "me"}, {dialRaw(t, endpoint), ""}} {
				want := greeting(1)
				if c.identity == "" {
					c.p.send(want[:11])
				}
				if got := c.p.readGreeting(); got[:1]+got[9:] != want[:1]+want[9:] {
					t.Errorf("greeting %q", got)
				}
				if c.identity == "" {
					want = want[11:]
				}
				c.p.send(want)
				metadata := prop("Socket-Type", kind.String())
				if kind.row().Announces {
					metadata += prop("Identity", c.identity)
				}
				if got := c.p.expectCommand("READY"); got != metadata {
					t.Errorf("metadata %q, want %q", got, metadata)
				}
			}
		})
	}
}

// C02, C03: padding and filler are ignored, and it does not matter how the bytes
// are cut.
func TestC03AnyCutOfTheHandshake(t *testing.T) {
	s := newSocket(t, Pull)
	endpoint := bind(t, s, anyPort)
	odd := []byte(greeting(1))
	copy(odd[1:9], "paddings")
	copy(odd[33:], strings.Repeat("f", 31))
	odd[32] = 1 // as-server
	said := string(odd) + ready("PUSH") + message("hello", "", "world")
	for _, size := range []int{1, 7, 64, len(said)} {
		p := dialRaw(t, endpoint)
		for piece := range slices.Chunk([]byte(said), size) {
			p.send(string(piece))
		}
		expectParts(t, s, "hello", "", "world")
		p.expectOpenAfterHandshake()
	}
}

// expectOpenAfterHandshake reads greeting and READY, then proves that the
// connection is served.
func (p *rawPeer) expectOpenAfterHandshake() {
	p.t.Helper()
	p.readGreeting()
	p.expectCommand("READY")
	p.expectOpen()
}

// C04: other versions from 3.0 on are talked to in our own framing.
func TestC04Versions(t *testing.T) {
	s := newSocket(t, Pair)
	endpoint := bind(t, s, anyPort)
	for _, version := range [][2]byte{{3, 0}, {3, 1}, {3, 7}, {4, 0}} {
		p := dialRaw(t, endpoint)
		g := []byte(greeting(0))
		g[10], g[11] = version[0], version[1]
		p.send(string(g))
		if ours := p.readGreeting(); ours[10:12] != "\x03\x01" {
			t.Errorf("our version is %q", ours[10:12])
		}
		p.ready("PAIR")
		p.send(message("there", strings.Repeat("x", 300)))
		expectParts(t, s, "there", strings.Repeat("x", 300))
		sendParts(t, s, "back", strings.Repeat("y", 300))
		p.expectFrame(1, "back")
		p.expectFrame(2, strings.Repeat("y", 300))
		p.expectOpen()
		p.hangUp()
		eventually(t, func() bool { return s.Stats().Peers == 0 })
	}
}

// C11: at most 255 bytes go out in the short form; all sizes come through in both
// directions.
func TestC11FrameSizes(t *testing.T) {
	s := newSocket(t, Pair)
	p := meet(t, bind(t, s, anyPort), "PAIR")
	for _, size := range []int{0, 1, 254, 255, 256, 257, 65535, 65536, 1 << 20} {
		body := strings.Repeat("z", size)
		flags := byte(0)
		if size > 255 {
			flags = framing.FlagLong
		}
		sendParts(t, s, body, body)
		p.expectFrame(flags|framing.FlagMore, body)
		p.expectFrame(flags, body)
		p.send(message(body, body))
		expectParts(t, s, body, body)
	}
}

// C12, C13: the long form of any size, and empty frames anywhere.
func TestC12C13LongFormAndEmptyFrames(t *testing.T) {
	s := newSocket(t, Pull)
	p := meet(t, bind(t, s, anyPort), "PUSH")
	p.send(longFrame(0, "abc"), longFrame(1, ""), longFrame(1, "a"), longFrame(0, ""), message("", "", "b", "", ""), message(""))
	for _, parts := range [][]string{{"abc"}, {"", "a", ""}, {"", "", "b", "", ""}, {""}} {
		expectParts(t, s, parts...)
	}
	// A frame that came in the long form goes on in the short one.
	out := newSocket(t, Push)
	l := listenRaw(t, anyPort)
	try(t, out.Connect(l.endpoint))
	far := l.meet("PULL")
	p.send(longFrame(1, "x"), longFrame(0, ""))
	m, err := s.Recv(within(t))
	try(t, err)
	try(t, out.Send(within(t), m))
	far.expectFrame(1, "x")
	far.expectFrame(0, "")
}

// C19: fifty thousand empty parts are one message.
func TestC19FiftyThousandParts(t *testing.T) {
	s := newSocket(t, Pull)
	p := meet(t, bind(t, s, anyPort), "PUSH")
	const parts = 50000
	p.send(strings.Repeat(frame(1, ""), parts-1), frame(0, ""), message("next"))
	m, err := s.Recv(within(t))
	if err != nil || len(m) != parts || m.Size() != 0 {
		t.Fatalf("%d parts, %d bytes, %v", len(m), m.Size(), err)
	}
	expectParts(t, s, "next")
}

// C20: nothing of a message cut off in the middle is delivered, messages before it
// are, and the next connection starts clean.
func TestC20PeerLeavesInsideAMessage(t *testing.T) {
	for _, cut := range []string{frame(1, "half"), frame(1, "half") + "\x01\x05ha", "\x00", sizeOnly(0, 300) + "x"} {
		s := newSocket(t, Pull)
		endpoint := bind(t, s, anyPort)
		p := meet(t, endpoint, "PUSH")
		p.send(message("first"), message("second", "part"), cut)
		p.hangUp()
		eventually(t, func() bool { return s.Stats().Peers == 0 })
		expectParts(t, s, "first")
		expectParts(t, s, "second", "part")
		meet(t, endpoint, "PUSH").send(message("third"))
		expectParts(t, s, "third")

		// The same where we connected and come back.
		l := listenRaw(t, anyPort)
		s = newSocket(t, Pull, quickly)
		try(t, s.Connect(l.endpoint))
		p = l.meet("PUSH")
		p.send(message("first"), cut)
		p.hangUp()
		l.meet("PUSH").send(message("second"))
		expectParts(t, s, "first")
		expectParts(t, s, "second")
	}
}

// sizeOnly returns the header of a frame in the long form, without its body.
func sizeOnly(flags byte, size uint64) string { return header(flags, size) }

// quickly lets a socket reconnect without the usual pause.
func quickly(o *Options) {
	o.ReconnectMin, o.ReconnectMax = time.Millisecond, time.Millisecond
}

// C21, C37: unknown commands of any length up to the largest message are skipped,
// also inside a message, and a long PING is answered.
func TestC21LongCommands(t *testing.T) {
	for _, kind := range []Type{Pull, XPub} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind, func(o *Options) { o.MaxMemory = 1 << 20 })
			p := meet(t, bind(t, s, anyPort), map[Type]string{Pull: "PUSH", XPub: "SUB"}[kind])
			before := heapInUse()
			for _, size := range []int{4 << 10, 10 << 10, 1 << 20, 16 << 20} {
				body := strings.Repeat("x", size)
				p.send(command("WHAT", body), frame(1, "a"), command("PONG", body), command("PING", "\x00\x00"+body), frame(0, "b"), command("READY", body))
				if got := p.expectCommand("PONG"); got != body[:16] {
					t.Errorf("PONG %q", got)
				}
				expectParts(t, s, "a", "b")
			}
			p.expectOpen()
			if grown := int64(heapInUse()) - int64(before); grown > 64<<20 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
		})
	}
}

// C21, C22, C23, C36, C37, C42: commands, known or not, between the parts of a
// message leave it intact.
func TestC23CommandsInsideAMessage(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored)
	p := meet(t, bind(t, s, anyPort), "PUSH")
	p.send(
		frame(1, "a"), command("PING", "\x00\x00"), command("WHAT", "ever"), "\x04\x00", frame(1, ""), command("PONG", "unasked"),
		command("PING", "\x00\x00x"), "\x04\x03\x09PI", frame(0, "b"), command("READY", prop("Socket-Type", "PUSH")),
		command("SUBSCRIBE", "b"), command("PING", "\x00\x000123456789abcdef"), message("c"),
	)
	for _, context := range []string{"", "x", "0123456789abcdef"} {
		if got := p.expectCommand("PONG"); got != context {
			t.Errorf("PONG %q, want %q", got, context)
		}
	}
	expectParts(t, s, "a", "", "b")
	expectParts(t, s, "c")
	for _, name := range []string{"PING", "WHAT", "PONG", "PING", "READY", "SUBSCRIBE", "PING"} {
		if e := events.await(EventCommand); e.Detail != name {
			t.Errorf("command %q reported, want %q", e.Detail, name)
		}
	}
}

// C38: of a longer context the first 16 bytes come back. C42: five PINGs, five PONGs.
func TestC42FivePings(t *testing.T) {
	for _, kind := range zmtpTypes() {
		s := newSocket(t, kind)
		p := meet(t, bind(t, s, anyPort), kind.Peers()[0].String())
		var said strings.Builder
		for i := range 5 {
			said.WriteString(command("PING", "\x00\x00"+fmt.Sprintf("%d-0123456789abcdefgh", i)))
		}
		p.send(said.String())
		for i := range 5 {
			if got, want := p.expectCommand("PONG"), fmt.Sprintf("%d-0123456789abcd", i); got != want {
				t.Errorf("%s: PONG %q, want %q", kind, got, want)
			}
		}
	}
}

// C25: nothing goes out before the peer's READY, not even a PING, though a
// message waits. Everything that was sent until the end is checked.
func TestC25NothingBeforeReady(t *testing.T) {
	l := listenRaw(t, anyPort)
	s := newSocket(t, Push, quickly, func(o *Options) { o.HeartbeatInterval, o.HeartbeatTimeout = time.Millisecond, watchdog })
	try(t, s.Connect(l.endpoint))
	sendParts(t, s, "early")
	p := l.accept()
	p.greet(1)
	p.expectCommand("READY")
	p.endInput()
	if sent := p.expectClosed(); sent != "" {
		t.Errorf("sent %q before READY", sent)
	}
	// The message is still there for a peer that sends READY.
	p = l.meet("PULL")
	for {
		flags, body := p.readFrame()
		if flags == 0 && body == "early" {
			return
		}
		if flags != framing.FlagCommand || !strings.HasPrefix(body, "\x04PING") {
			t.Fatalf("frame %02x %q", flags, body)
		}
	}
}

// C27, C30: names of properties in any case, others ignored.
func TestC27PropertyNames(t *testing.T) {
	s := newSocket(t, Router)
	p := dialRaw(t, bind(t, s, anyPort))
	p.greet(1)
	p.send(command("READY", prop("X-Colour", "red")+prop("socket-type", "DEALER")+prop("IDENTITY", "it")+prop("Resource", "x")))
	p.send(message("hello"))
	expectParts(t, s, "it", "hello")
}

// C28, C29: each type talks to its legal peers; the others get the reason of the
// refusal, and nothing of them is delivered.
func TestC28EveryPair(t *testing.T) {
	for _, kind := range zmtpTypes() {
		s := newSocket(t, kind)
		endpoint := bind(t, s, anyPort)
		names := []string{"FOO", "", strings.ToLower(kind.Peers()[0].String())}
		for _, peer := range zmtpTypes() {
			names = append(names, peer.String())
		}
		stray := message("stray")
		if kind.Traits().Grouped {
			stray = message("group", "stray")
		}
		for _, name := range names {
			p := dialRaw(t, endpoint)
			p.greet(1)
			p.send(ready(name), stray)
			if peer, err := ParseType(name); err == nil && peer.String() == name && kind.Accepts(peer) {
				p.expectCommand("READY")
				p.expectOpen()
				p.hangUp() // a PAIR then has room for the next
				eventually(t, func() bool { return s.Stats().Peers == 0 })
				continue
			}
			sent := p.expectClosed()
			if !strings.Contains(sent, "\x05READY") || !strings.Contains(sent, "\x05ERROR") {
				t.Errorf("%s to %q: sent %q", kind, name, sent)
			}
		}
	}
}

// C28: nothing of an illegal peer is delivered, a legal one is served after it.
func TestC28NothingDelivered(t *testing.T) {
	s := newSocket(t, Pull)
	endpoint := bind(t, s, anyPort)
	for _, name := range []string{"PULL", "PUB", "DEALER", "push", "FOO"} {
		p := dialRaw(t, endpoint)
		p.greet(1)
		p.send(ready(name), message("stray"))
		p.expectClosed()
	}
	meet(t, endpoint, "PUSH").send(message("legal"))
	expectParts(t, s, "legal")
}

// C24, C35, C57: an identity goes out in READY, of up to 255 bytes.
func TestC24LongestIdentity(t *testing.T) {
	id := strings.Repeat("i", 255)
	l := listenRaw(t, anyPort)
	s := newSocket(t, Dealer, func(o *Options) { o.Identity = []byte(id) })
	try(t, s.Connect(l.endpoint))
	p := l.accept()
	p.greet(1)
	if got, want := p.ready("ROUTER"), prop("Socket-Type", "DEALER")+prop("Identity", id); got != want {
		t.Errorf("metadata %q", got)
	}
	// A socket of ours on the other side takes it.
	router := newSocket(t, Router)
	try(t, s.Connect(bind(t, router, anyPort)))
	try(t, s.WaitPeers(within(t), 2))
	sendParts(t, s, "x")
	sendParts(t, s, "x")
	m, err := router.Recv(within(t))
	if err != nil || len(m) != 2 || !bytes.Equal(m[0], []byte(id)) {
		t.Errorf("%s, %v", spell(m), err)
	}
}
