package sockets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// TestXPubFrames shows an application the frames that a peer sends and the
// subscriptions among them as libzmq 4.3.4 shows them.
func TestXPubFrames(t *testing.T) {
	sub, cancel := func(s string) string { return subscription(1, false, s) }, func(s string) string { return subscription(1, true, s) }
	onlyFirst := func(o *Options) { o.OnlyFirstSubscribe = true }
	for _, c := range []struct {
		name string
		opt  Option
		said []string
		want [][]string
	}{
		{"a frame that is shown ends a message", nil, []string{message("a", "\x01x", "b")}, [][]string{{"a", "\x01x"}, {"b"}}},
		{"the first", nil, []string{message("\x01x", "b")}, [][]string{{"\x01x"}, {"b"}}},
		{"each", nil, []string{message("\x01x", "\x01y", "\x00x")}, [][]string{{"\x01x"}, {"\x01y"}, {"\x00x"}}},
		{"what is not shown is left out", nil, []string{sub("x"), message("a", "\x01x", "b")}, [][]string{{"\x01x"}, {"a", "b"}}},
		{"also at the end", nil, []string{sub("x"), message("a", "\x01x")}, [][]string{{"\x01x"}, {"a"}}},
		{"and alone", nil, []string{sub("x"), message("\x01x", "\x01x")}, [][]string{{"\x01x"}}},
		{"empty frames are frames", nil, []string{message("", "\x01x", "", "")}, [][]string{{"", "\x01x"}, {"", ""}}},
		{"a command inside a message", nil, []string{frame(1, "a"), sub("x"), frame(0, "b")}, [][]string{{"a", "\x01x"}, {"b"}}},
		{"several", nil, []string{frame(1, "a"), sub("x"), sub("x"), frame(1, "b"), cancel("x"), sub("y"), frame(0, "c")}, [][]string{{"a", "\x01x"}, {"b", "\x00x"}, {"\x01y"}, {"c"}}},
		{"not shown, it changes nothing", nil, []string{sub("x"), frame(1, "a"), sub("x"), frame(0, "b")}, [][]string{{"\x01x"}, {"a", "b"}}},
		{"inside one that ends with a subscription", nil, []string{frame(1, "\x01q"), sub("x"), frame(0, "b")}, [][]string{{"\x01q"}, {"\x01x"}, {"b"}}},
		{"only first: none", onlyFirst, []string{message("a", "\x01x", "b")}, [][]string{{"a", "\x01x", "b"}}},
		{"only first: all", onlyFirst, []string{message("\x01x", "b", "\x01y")}, [][]string{{"\x01x"}, {"b", "\x01y"}}},
		{"only first: a command is a command", onlyFirst, []string{frame(1, "a"), sub("x"), frame(0, "b")}, [][]string{{"a", "\x01x"}, {"b"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			opt := c.opt
			if opt == nil {
				opt = func(*Options) {}
			}
			xpub := newSocket(t, XPub, opt)
			p := meet(t, bind(t, xpub, anyPort), "SUB")
			p.send(append(slices.Clone(c.said), message("\x02marker"))...)
			for _, want := range append(slices.Clone(c.want), []string{"\x02marker"}) {
				expectParts(t, xpub, want...)
			}
		})
	}
}

// TestSubscribedInsideAMessage takes in a subscription before the message that it
// came inside has ended, which it may never do.
func TestSubscribedInsideAMessage(t *testing.T) {
	for _, kind := range []Type{Pub, XPub} {
		t.Run(kind.String(), func(t *testing.T) {
			pub := newSocket(t, kind)
			p := meet(t, bind(t, pub, anyPort), "SUB")
			p.send(frame(1, "a"), subscription(1, false, "x"))
			try(t, pub.WaitSubscribers(within(t), 1, []byte("x")))
			if kind == XPub {
				expectParts(t, pub, "a", "\x01x")
			}
			sendParts(t, pub, "xyz")
			p.expectMessage("xyz")
			p.send(frame(1, "b"), subscription(1, true, "x"))
			awaitNoSubscribers(t, pub, "x")
			p.send(frame(1, "c"), frame(1, "\x01later"), frame(0, "d"))
			try(t, pub.WaitSubscribers(within(t), 1, []byte("later")))
		})
	}
}

// TestPubOnlyFirst looks for subscriptions in messages that begin with one.
func TestPubOnlyFirst(t *testing.T) {
	pub := newSocket(t, Pub, func(o *Options) { o.OnlyFirstSubscribe = true })
	p := meet(t, bind(t, pub, anyPort), "SUB")
	p.send(message("a", "\x01A"), message("\x01B", "", "\x01C"))
	try(t, pub.WaitSubscribers(within(t), 1, []byte("C")))
	try(t, pub.WaitSubscribers(within(t), 1, []byte("B")))
	awaitNoSubscribers(t, pub, "A")
}

// TestInsideMessagesIsBounded: subscriptions that come inside messages fill no
// queue beyond its mark, and each is shown.
func TestInsideMessagesIsBounded(t *testing.T) {
	const count = 2000
	xpub := newSocket(t, XPub, func(o *Options) { o.RecvHWM = 10 })
	p := meet(t, bind(t, xpub, anyPort), "SUB")
	go func() {
		for i := range count {
			p.send(frame(1, "a"), subscription(1, i%2 == 1, "x"))
		}
	}()
	eventually(t, func() bool { return waiting(xpub) >= 10 })
	for i := range count {
		if n := waiting(xpub); n > 10 {
			t.Fatalf("%d messages wait", n)
		}
		expectParts(t, xpub, "a", []string{"\x01x", "\x00x"}[i%2])
	}
}

// TestXPubInteropFrames sends the same to an XPUB of libzmq and to ours, frames and
// subscriptions in any order, and expects the same of both. It avoids the
// differences (xpub.arrive): a message of several frames ends with one that is no
// subscription, and commands come inside messages of other frames only, or, with
// ZMQ_ONLY_FIRST_SUBSCRIBE, not at all.
func TestXPubInteropFrames(t *testing.T) {
	for _, c := range []struct {
		flag      string
		opt       Option
		onlyFirst bool
	}{
		{"xpub_verbose=0", func(*Options) {}, false},
		{"xpub_verbose=1", func(o *Options) { o.Verbose = true }, false},
		{"xpub_verboser=1", func(o *Options) { o.Verboser = true }, false},
		{"only_first_subscribe=1", func(o *Options) { o.OnlyFirstSubscribe = true }, true},
	} {
		t.Run(c.flag, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "endpoints")
			z := startLibzmq(t, XPub, "--timeout", "60", "-o", c.flag, "--bind", anyPort, "--endpoint-file", file)
			xpub := newSocket(t, XPub, c.opt)
			theirs, ours := meet(t, awaitEndpoint(within(t), t, file), "SUB"), meet(t, bind(t, xpub, anyPort), "SUB")
			r := rand.New(rand.NewPCG(7, 7))
			for round := range 40 {
				said := randomTalk(r, !c.onlyFirst) + message(fmt.Sprintf("\x02round %d", round))
				theirs.send(said)
				ours.send(said)
				for {
					m, err := xpub.Recv(within(t))
					try(t, err)
					z.prints(m)
					if strings.HasPrefix(string(m[0]), "\x02round") {
						break
					}
				}
			}
		})
	}
}

// randomTalk returns a few messages of a peer with subscriptions among and between
// their frames.
func randomTalk(r *rand.Rand, inside bool) string {
	var b strings.Builder
	prefix := func() string { return []string{"", "x", "y", "xy"}[r.IntN(4)] }
	commands := func() {
		for r.IntN(3) == 0 {
			b.WriteString(subscription(1, r.IntN(2) == 0, prefix()))
		}
	}
	for range r.IntN(8) {
		commands()
		mixed := inside && r.IntN(2) == 0
		for range r.IntN(4) {
			if !mixed && r.IntN(2) == 0 {
				b.WriteString(frame(framing.FlagMore, string([]byte{byte(r.IntN(2))})+prefix()))
			} else {
				b.WriteString(frame(framing.FlagMore, "\x02"+prefix()))
			}
			if mixed {
				commands()
			}
		}
		b.WriteString(frame(0, []string{"", "end"}[r.IntN(2)]))
		b.WriteString(subscription(0, r.IntN(2) == 0, prefix()))
	}
	return b.String()
}

// TestForwarderVerbose: subscriptions that a verbose XPUB shows go upstream through
// an XSUB as often as they come, and their end once nobody is left. By default, as
// with zmq_proxy, only the first of a prefix does.
func TestForwarderVerbose(t *testing.T) {
	for _, verboser := range []bool{false, true} {
		t.Run(fmt.Sprintf("verboser %t", verboser), func(t *testing.T) {
			front, back := newSocket(t, XSub), newSocket(t, XPub, func(o *Options) { o.Verboser = verboser })
			up := meet(t, bind(t, front, anyPort), "XPUB")
			endpoint := bind(t, back, anyPort)
			try(t, front.WaitPeers(within(t), 1))
			proxy := proxyOf(t, front, back)
			ended := make(chan error, 1)
			go func() { ended <- proxy.Run(context.Background(), context.Background()) }()
			var peers []*rawPeer
			for i := range 3 {
				p := meet(t, endpoint, "SUB")
				peers = append(peers, p)
				p.send(subscription(1, false, "A"), subscription(1, false, fmt.Sprint(i)))
				if i == 0 || verboser {
					expectSubscriptions(up, "A")
				}
				expectSubscriptions(up, fmt.Sprint(i))
			}
			for i, p := range peers {
				p.send(subscription(1, true, "A"), subscription(1, true, fmt.Sprint(i)))
				if i == len(peers)-1 {
					expectCancel(up, "A")
				}
				expectCancel(up, fmt.Sprint(i))
			}
			proxy.Terminate()
			try(t, <-ended)
		})
	}
}
