package sockets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// subscription returns one in the form that a peer of ZMTP 3.minor uses.
func subscription(minor int, cancel bool, prefix string) string {
	switch {
	case minor == 0 && cancel:
		return message("\x00" + prefix)
	case minor == 0:
		return message("\x01" + prefix)
	case cancel:
		return command("CANCEL", prefix)
	}
	return command("SUBSCRIBE", prefix)
}

// meetMinor is meet as a 3.minor peer.
func meetMinor(t testing.TB, endpoint string, minor int, peerType string) *rawPeer {
	t.Helper()
	p := dialRaw(t, endpoint)
	p.greet(minor)
	p.ready(peerType)
	return p
}

// awaitNoSubscribers waits until nobody would get a message with this topic.
func awaitNoSubscribers(t testing.TB, pub *Socket, topic string) {
	t.Helper()
	eventually(t, func() bool {
		p, ok := pub.pattern.(publisher)
		return ok && p.subscribers([]byte(topic)) == 0
	})
}

// TestC64PrefixMatch sends messages whose first frame begins with a subscription.
func TestC64PrefixMatch(t *testing.T) {
	pub := newSocket(t, Pub)
	endpoint := bind(t, pub, anyPort)
	none := meet(t, endpoint, "SUB")
	some := meet(t, endpoint, "SUB")
	some.send(subscription(1, false, "AB"))
	all := meet(t, endpoint, "SUB")
	all.send(subscription(1, false, ""))
	try(t, pub.WaitSubscribers(within(t), 2, []byte("ABC")))
	for _, m := range [][]string{{"A"}, {"AB"}, {"ABC", "x"}, {"B", "AB"}, {""}, {"", "AB"}, {"AB", ""}} {
		sendParts(t, pub, m...)
		all.expectMessage(m...)
	}
	for _, m := range [][]string{{"AB"}, {"ABC", "x"}, {"AB", ""}} {
		some.expectMessage(m...)
	}
	some.settle()
	none.settle() // nothing but PONGs
}

// TestC65BothForms takes subscriptions as commands and as messages from peers of
// either version.
func TestC65BothForms(t *testing.T) {
	for _, kind := range []Type{Pub, XPub} {
		for _, peer := range []int{0, 1} {
			for _, form := range []int{0, 1} {
				t.Run(fmt.Sprintf("%s/3.%d/form of 3.%d", kind, peer, form), func(t *testing.T) {
					pub := newSocket(t, kind)
					p := meetMinor(t, bind(t, pub, anyPort), peer, "SUB")
					p.send(subscription(form, false, "A"), subscription(form, false, "B"))
					try(t, pub.WaitSubscribers(within(t), 1, []byte("A")))
					try(t, pub.WaitSubscribers(within(t), 1, []byte("B")))
					p.send(subscription(form, true, "A"))
					awaitNoSubscribers(t, pub, "A")
					sendParts(t, pub, "A")
					sendParts(t, pub, "B")
					p.expectMessage("B")
				})
			}
		}
	}
}

// TestC66WireForms subscribes with commands at a 3.1 peer and with messages at a
// 3.0 peer.
func TestC66WireForms(t *testing.T) {
	for _, kind := range []Type{Sub, XSub} {
		for _, minor := range []int{0, 1, 7} {
			t.Run(fmt.Sprintf("%s/3.%d", kind, minor), func(t *testing.T) {
				s := newSocket(t, kind)
				try(t, s.Subscribe([]byte("before")))
				p := meetMinor(t, bind(t, s, anyPort), minor, "PUB")
				try(t, s.WaitPeers(within(t), 1))
				try(t, s.Subscribe([]byte("after")))
				try(t, s.Unsubscribe([]byte("before")))
				want := subscription(minor, false, "before") + subscription(minor, false, "after") + subscription(minor, true, "before")
				got := make([]byte, len(want))
				for i := range got {
					b, err := p.in.ReadByte()
					try(t, err)
					got[i] = b
				}
				if string(got) != want {
					t.Errorf("sent %q, want %q", got, want)
				}
			})
		}
	}
}

// TestC66XSubMessages takes subscriptions in the form of messages; everything else
// that is sent goes upstream.
func TestC66XSubMessages(t *testing.T) {
	xsub := newSocket(t, XSub)
	endpoint := bind(t, xsub, anyPort)
	old, young := meetMinor(t, endpoint, 0, "XPUB"), meetMinor(t, endpoint, 1, "XPUB")
	try(t, xsub.WaitPeers(within(t), 2))
	sendParts(t, xsub, "\x01A")
	sendParts(t, xsub, "\x01A") // sent a second time: the publishers filter it
	sendParts(t, xsub, "upstream", "")
	sendParts(t, xsub, "a", "\x01A", "\x01B", "b") // four frames, two of them subscriptions
	sendParts(t, xsub, "")
	sendParts(t, xsub, "\x00unknown")
	sendParts(t, xsub, "\x00unknown", "\x00unknown either")
	sendParts(t, xsub, "\x00A")
	sendParts(t, xsub, "a", "\x00unknown", "\x00B", "\x00A") // the last but one of A
	sendParts(t, xsub, "\x00A")
	old.expectMessage("\x01A")
	old.expectMessage("\x01A")
	expectSubscriptions(young, "A", "A")
	for _, p := range []*rawPeer{old, young} {
		p.expectMessage("upstream", "")
		p.expectMessage("a", "\x01A", "\x01B", "b")
		p.expectMessage("")
		p.expectMessage("a", "\x00B")
	}
	old.expectMessage("\x00A")
	expectCancel(young, "A")
	old.send(message("unasked"))
	expectParts(t, xsub, "unasked") // an XSUB does not filter
}

// TestXSubOnlyFirst takes subscriptions out of a message whose first frame is one,
// and of no other.
func TestXSubOnlyFirst(t *testing.T) {
	xsub := newSocket(t, XSub, func(o *Options) { o.OnlyFirstSubscribe = true })
	p := meet(t, bind(t, xsub, anyPort), "XPUB")
	try(t, xsub.WaitPeers(within(t), 1))
	sendParts(t, xsub, "a", "\x00not counted")
	p.expectMessage("a", "\x00not counted")
	sendParts(t, xsub, "\x01A", "\x01B", "\x00not held")
	p.expectMessage("\x01A", "\x01B")
	sendParts(t, xsub, "\x00B")
	expectCancel(p, "B")
}

// TestSubTellsEach sends publishers every subscription, and only the end of the
// last one. One that was connected to and is not there yet gets them all when it
// comes, one that comes back gets each prefix once.
func TestSubTellsEach(t *testing.T) {
	for _, kind := range []Type{Sub, XSub} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind, quickly)
			l := listenRaw(t, anyPort)
			for range 2 {
				try(t, s.Subscribe([]byte("A"))) // before Connect: once
			}
			try(t, s.Connect(l.endpoint))
			for range 2 {
				try(t, s.Subscribe([]byte("A"))) // since then: each
				try(t, s.Subscribe([]byte("gone")))
			}
			try(t, s.Unsubscribe([]byte("gone")))
			try(t, s.Unsubscribe([]byte("gone")))
			p := l.meet("PUB")
			expectSubscriptions(p, "A", "A", "A")
			try(t, s.WaitPeers(within(t), 1))
			try(t, s.Subscribe([]byte("A")))
			try(t, s.Subscribe([]byte("B")))
			for range 4 {
				try(t, s.Unsubscribe([]byte("A")))
			}
			try(t, s.Subscribe([]byte("B")))
			expectSubscriptions(p, "A", "B", "B")
			p.hangUp()
			p = l.meet("PUB")
			try(t, s.WaitPeers(within(t), 1))
			eventually(t, func() bool { return s.Stats().Peers == 1 })
			expectSubscriptions(p, "A", "B")
			try(t, s.Unsubscribe([]byte("A")))
			expectCancel(p, "A")
			s.mu.Lock()
			defer s.mu.Unlock()
			var in interest
			switch u := s.pattern.(type) {
			case *sub:
				in = u.interest
			case *xsub:
				in = u.interest
			}
			for _, u := range in.peers {
				if !u.met || len(u.again) > 0 {
					t.Errorf("%d prefixes are kept for a publisher that was met: %t", len(u.again), u.met)
				}
			}
		})
	}
}

// TestC67Overlap sends one copy whatever the overlap, and after one of two
// matching subscriptions is cancelled the other still counts. Subscriptions are
// a set: subscribing twice and cancelling once leaves nothing.
func TestC67Overlap(t *testing.T) {
	pub := newSocket(t, Pub)
	p := meet(t, bind(t, pub, anyPort), "SUB")
	p.send(subscription(1, false, "A"), subscription(1, false, "AB"), subscription(1, false, ""), subscription(1, false, "AB"))
	p.settle()
	sendParts(t, pub, "ABC")
	sendParts(t, pub, "marker")
	p.expectMessage("ABC")
	p.expectMessage("marker")
	p.send(subscription(1, true, "A"), subscription(1, true, ""))
	awaitNoSubscribers(t, pub, "A")
	sendParts(t, pub, "A")
	sendParts(t, pub, "ABD")
	p.expectMessage("ABD")
	p.send(subscription(1, true, "AB"))
	awaitNoSubscribers(t, pub, "AB")
}

// TestC68TopicLengths subscribes with prefixes around the boundaries of the
// framing.
func TestC68TopicLengths(t *testing.T) {
	for _, n := range []int{0, 1, 244, 245, 246, 247, 248, 249, 253, 254, 255, 256, 1000, 70000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			prefix := strings.Repeat("t", n)
			for _, kind := range []Type{Pub, XPub} {
				pub, sub := newSocket(t, kind), newSocket(t, Sub)
				try(t, sub.Subscribe([]byte(prefix)))
				join(t, pub, sub, anyPort, prefix)
				if n > 0 {
					sendParts(t, pub, prefix[1:])
				}
				sendParts(t, pub, prefix+"!", "x")
				expectParts(t, sub, prefix+"!", "x")
				try(t, sub.Unsubscribe([]byte(prefix)))
				awaitNoSubscribers(t, pub, prefix)
				if kind == XPub {
					expectParts(t, pub, "\x00"+prefix)
				}
			}
		})
	}
}

// TestC69Junk ignores the cancellation of an unknown prefix, and data.
func TestC69Junk(t *testing.T) {
	pub := newSocket(t, Pub)
	p := meet(t, bind(t, pub, anyPort), "SUB")
	p.send(subscription(1, true, "unknown"), subscription(0, true, "unknown"), message("junk"), message(""), message("\x02A", "two frames"), message("\x02A"))
	p.send(subscription(1, false, "B"))
	try(t, pub.WaitSubscribers(within(t), 1, []byte("B")))
	sendParts(t, pub, "A")
	sendParts(t, pub, "B")
	p.expectMessage("B")
	if n := waiting(pub); n != 0 {
		t.Errorf("%d messages wait in a PUB", n)
	}
}

// TestC70Replay sends a publisher that comes back every current prefix once, and no
// other.
func TestC70Replay(t *testing.T) {
	for _, kind := range []Type{Sub, XSub} {
		t.Run(kind.String(), func(t *testing.T) {
			l := listenRaw(t, anyPort)
			s := newSocket(t, kind, func(o *Options) { o.ReconnectMin = time.Millisecond })
			subscribe := func(prefix string) { try(t, s.Subscribe([]byte(prefix))) }
			cancel := func(prefix string) { try(t, s.Unsubscribe([]byte(prefix))) }
			for _, prefix := range []string{"B", "", "A", "A", "C", "gone"} {
				subscribe(prefix)
			}
			cancel("gone")
			try(t, s.Connect(l.endpoint))
			p := l.meet("PUB")
			expectSubscriptions(p, "", "A", "B", "C")
			cancel("A") // one of two
			cancel("C")
			expectCancel(p, "C")
			p.hangUp()
			eventually(t, func() bool { return s.Stats().Peers == 0 })
			subscribe("D")
			cancel("B")
			p = l.meet("PUB")
			expectSubscriptions(p, "", "A", "D")
			try(t, s.WaitPeers(within(t), 1))
			subscribe("marker")
			expectSubscriptions(p, "marker")
		})
	}
}

func expectSubscriptions(p *rawPeer, prefixes ...string) {
	p.t.Helper()
	for _, want := range prefixes {
		if got := p.expectCommand("SUBSCRIBE"); got != want {
			p.t.Fatalf("subscribed to %q, want %q", got, want)
		}
	}
}

func expectCancel(p *rawPeer, prefix string) {
	p.t.Helper()
	if got := p.expectCommand("CANCEL"); got != prefix {
		p.t.Fatalf("cancelled %q, want %q", got, prefix)
	}
}

// TestC71Notifications shows an XPUB the first subscription to a prefix and the
// last cancellation, or, if it is verbose, every one.
func TestC71Notifications(t *testing.T) {
	const add, end = "\x01A", "\x00A"
	for _, c := range []struct {
		name string
		mode Option
		want []string
	}{
		{"default", func(*Options) {}, []string{add, end}},
		{"verbose", func(o *Options) { o.Verbose = true }, []string{add, add, add, end}},
		{"verboser", func(o *Options) { o.Verboser = true }, []string{add, add, add, end, end}},
	} {
		t.Run(c.name, func(t *testing.T) {
			xpub := newSocket(t, XPub, c.mode)
			endpoint := bind(t, xpub, anyPort)
			p, q := meet(t, endpoint, "SUB"), meet(t, endpoint, "SUB")
			p.send(subscription(1, false, "A"), subscription(0, false, "A"))
			p.settle()
			q.send(subscription(1, false, "A"))
			q.settle()
			p.send(subscription(1, true, "A"))
			p.settle()
			q.send(subscription(1, true, "A"), subscription(1, false, "marker"))
			for _, want := range append(slices.Clone(c.want), "\x01marker") {
				expectParts(t, xpub, want)
			}
		})
	}
}

// TestC71UnknownCancel shows the cancellation of a prefix that nobody holds, as
// libzmq does.
func TestC71UnknownCancel(t *testing.T) {
	xpub := newSocket(t, XPub)
	p := meet(t, bind(t, xpub, anyPort), "SUB")
	p.send(subscription(1, true, "nobody's"))
	expectParts(t, xpub, "\x00nobody's")
}

// TestC71Disconnect shows one 00 for each prefix that the leaver alone held, and
// in the verboser mode for each of its prefixes.
func TestC71Disconnect(t *testing.T) {
	for _, verboser := range []bool{false, true} {
		t.Run(fmt.Sprintf("verboser %t", verboser), func(t *testing.T) {
			xpub := newSocket(t, XPub, func(o *Options) { o.Verboser = verboser })
			endpoint := bind(t, xpub, anyPort)
			p, q := meet(t, endpoint, "SUB"), meet(t, endpoint, "SUB")
			p.send(subscription(1, false, "A"), subscription(1, false, "B"), subscription(1, false, "C"))
			for _, prefix := range []string{"A", "B", "C"} {
				expectParts(t, xpub, "\x01"+prefix)
			}
			q.send(subscription(1, false, "B"), subscription(1, false, "D"))
			if verboser {
				expectParts(t, xpub, "\x01B")
			}
			expectParts(t, xpub, "\x01D")
			p.hangUp()
			want := []string{"\x00A", "\x00C"}
			if verboser {
				want = []string{"\x00A", "\x00B", "\x00C"}
			}
			var got []string
			for range want {
				m, err := xpub.Recv(within(t))
				try(t, err)
				got = append(got, string(m[0]))
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			q.hangUp()
			eventually(t, func() bool {
				st := xpub.Stats()
				return st == Stats{Received: st.Received, Waiting: st.Waiting}
			})
			if n := waiting(xpub); n != 0 {
				t.Errorf("%d notifications of a peer that is still there", n)
			}
		})
	}
}

// TestXPubUpstream delivers messages that a peer sends besides its subscriptions.
func TestXPubUpstream(t *testing.T) {
	xpub, xsub := newSocket(t, XPub), newSocket(t, XSub)
	join(t, xpub, xsub, anyPort)
	for _, m := range [][]string{{"up"}, {"\x02A", "two frames"}, {"", ""}, {"\x02"}} {
		sendParts(t, xsub, m...)
		expectParts(t, xpub, m...)
	}
}

// TestXPubWelcome greets each new peer, whatever it subscribed to.
func TestXPubWelcome(t *testing.T) {
	xpub := newSocket(t, XPub, func(o *Options) { o.Welcome = []byte("hello") })
	endpoint := bind(t, xpub, anyPort)
	for range 2 {
		meet(t, endpoint, "SUB").expectMessage("hello")
	}
	for i, prefix := range []string{"h", "other"} {
		sub := newSocket(t, Sub)
		try(t, sub.Subscribe([]byte(prefix)))
		try(t, sub.Subscribe([]byte("marker")))
		try(t, sub.Connect(endpoint))
		expectParts(t, xpub, "\x01"+prefix)
		try(t, xpub.WaitSubscribers(within(t), i+1, []byte("marker")))
		sendParts(t, xpub, "marker")
		if prefix == "h" {
			expectParts(t, sub, "hello")
			expectParts(t, xpub, "\x01marker")
		}
		expectParts(t, sub, "marker") // a SUB filters the welcome too
	}
}

// TestInvertMatching sends to the peers without a matching subscription, and
// delivers messages that match none.
func TestInvertMatching(t *testing.T) {
	invert := func(o *Options) { o.InvertMatching = true }
	pub := newSocket(t, Pub, invert)
	endpoint := bind(t, pub, anyPort)
	p, q := meet(t, endpoint, "SUB"), meet(t, endpoint, "SUB")
	p.send(subscription(1, false, "A"))
	p.settle()
	q.settle()
	sendParts(t, pub, "AB")
	sendParts(t, pub, "B")
	p.expectMessage("B")
	q.expectMessage("AB")
	q.expectMessage("B")

	sub := newSocket(t, Sub, invert)
	try(t, sub.Subscribe([]byte("A")))
	r := meet(t, bind(t, sub, anyPort), "PUB")
	r.send(message("AB"), message("B"))
	expectParts(t, sub, "B")
}

// TestC75LocalFilter delivers only messages that match a subscription of its own,
// whatever the publisher sends.
func TestC75LocalFilter(t *testing.T) {
	sub := newSocket(t, Sub)
	try(t, sub.Subscribe([]byte("A")))
	p := meet(t, bind(t, sub, anyPort), "PUB")
	expectSubscriptions(p, "A")
	p.send(message("B"), message("AB", "1"), message("", "A"), message("A"), message("C"))
	expectParts(t, sub, "AB", "1")
	expectParts(t, sub, "A")
	p.send(message("A", "before"), message("B", "before"))
	p.settle()
	try(t, sub.Subscribe([]byte("B")))
	try(t, sub.Unsubscribe([]byte("A")))
	expectSubscriptions(p, "B")
	expectCancel(p, "A")
	expectParts(t, sub, "B", "before")
	var b frames.Batch
	p.send(message("A", "2"), message("B", "2"), message("A", "3"), message("B", "3"))
	for _, want := range []string{"2", "3"} {
		if b.Len() == 0 {
			try(t, sub.RecvBatch(within(t), &b))
		}
		if got := nextOf(&b); got != message("B", want) {
			t.Errorf("%q in the batch, want %q", got, message("B", want))
		}
	}
	try(t, sub.Unsubscribe([]byte("B")))
	expectCancel(p, "B")
	p.send(message("B"))
	p.settle()
	expectWait(t, "receive without a subscription", recvError(t, sub))
}

// TestC73ManyTopics holds 100,000 prefixes of one peer, finds each, and forgets
// all of them when the peer leaves.
func TestC73ManyTopics(t *testing.T) {
	const count = 100000
	pub := newSocket(t, Pub)
	p := meet(t, bind(t, pub, anyPort), "SUB")
	before := liveHeap()
	var all strings.Builder
	for i := range count {
		all.WriteString(subscription(1, false, "topic."+strconv.Itoa(i)+"."))
	}
	p.send(all.String())
	try(t, pub.WaitSubscribers(within(t), 1, []byte("topic."+strconv.Itoa(count-1)+".")))
	if grown := liveHeap() - before; grown > count*1024 {
		t.Errorf("%d bytes for a prefix", grown/count)
	}
	for i := 0; i < count; i += 9973 {
		sendParts(t, pub, "topic."+strconv.Itoa(i))
		sendParts(t, pub, "topic."+strconv.Itoa(i)+".x")
		p.expectMessage("topic." + strconv.Itoa(i) + ".x")
	}
	p.hangUp()
	eventually(t, func() bool { return pub.Stats().Peers == 0 })
	eventually(t, func() bool {
		out := fanOutOf(pub)
		out.mu.Lock()
		defer out.mu.Unlock()
		return len(out.peers) == 0 && *out.memory == 0
	})
}

func fanOutOf(s *Socket) *fanOut {
	switch p := s.pattern.(type) {
	case *pub:
		return &p.out
	case *xpub:
		return &p.out
	}
	return nil
}

func liveHeap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestC73Limit drops a peer that subscribes to more than it may hold.
func TestC73Limit(t *testing.T) {
	for _, kind := range []Type{Pub, XPub} {
		t.Run(kind.String(), func(t *testing.T) {
			log, watch := monitor(t)
			pub := newSocket(t, kind, watch, func(o *Options) { o.MaxSubscriptions = 3 })
			endpoint := bind(t, pub, anyPort)
			p := meet(t, endpoint, "SUB")
			for _, prefix := range []string{"A", "B", "B", "C"} {
				p.send(subscription(1, false, prefix))
			}
			p.settle()
			p.send(subscription(1, false, "D"))
			if e := log.await(EventProtocolError); !errors.Is(e.Err, errTooManyTopics) {
				t.Errorf("event %+v", e)
			}
			p.expectClosed()
			awaitNoSubscribers(t, pub, "A")
			q := meet(t, endpoint, "SUB")
			q.send(subscription(1, false, "A"))
			try(t, pub.WaitSubscribers(within(t), 1, []byte("A")))
		})
	}
}

// TestC74HugeTopic subscribes to a prefix of a megabyte, cancels and leaves.
func TestC74HugeTopic(t *testing.T) {
	huge := strings.Repeat("t", 1<<20)
	xpub := newSocket(t, XPub)
	p := meet(t, bind(t, xpub, anyPort), "SUB")
	for _, prefix := range []string{huge, huge[1:], huge[:1<<19] + "x"} {
		p.send(subscription(1, false, prefix))
		expectParts(t, xpub, "\x01"+prefix)
	}
	sendParts(t, xpub, huge+"!")
	p.expectMessage(huge + "!")
	p.send(subscription(1, true, huge))
	expectParts(t, xpub, "\x00"+huge)
	p.hangUp()
	var left []string
	for range 2 {
		m, err := xpub.Recv(within(t))
		try(t, err)
		left = append(left, cutShort(string(m[0])))
	}
	if slices.Sort(left); len(left) != 2 || left[0] == left[1] {
		t.Errorf("ended %q", left)
	}
}

// TestNotificationsAreBounded stops reading from a peer whose subscriptions nobody
// receives, instead of holding them without end.
func TestNotificationsAreBounded(t *testing.T) {
	xpub := newSocket(t, XPub, func(o *Options) { o.RecvHWM = 10 })
	p := meet(t, bind(t, xpub, anyPort), "SUB")
	const count = 20000
	body := strings.Repeat("x", 200)
	go func() {
		for i := range count {
			p.send(subscription(1, false, body+strconv.Itoa(i)))
		}
	}()
	eventually(t, func() bool { return waiting(xpub) >= 10 })
	for i := range count {
		expectParts(t, xpub, "\x01"+body+strconv.Itoa(i))
	}
}

// TestPubReconnect begins anew with a subscriber that comes back to a publisher
// that connected to it.
func TestPubReconnect(t *testing.T) {
	l := listenRaw(t, anyPort)
	pub := newSocket(t, Pub, func(o *Options) { o.ReconnectMin = time.Millisecond })
	try(t, pub.Connect(l.endpoint))
	p := l.meet("SUB")
	p.send(subscription(1, false, "A"))
	try(t, pub.WaitSubscribers(within(t), 1, []byte("A")))
	p.hangUp()
	p = l.meet("SUB")
	p.send(subscription(1, false, "B"))
	try(t, pub.WaitSubscribers(within(t), 1, []byte("B")))
	sendParts(t, pub, "A")
	sendParts(t, pub, "B")
	p.expectMessage("B")
}

// TestWaitSubscribers waits for a subscription that matches, or for any.
func TestWaitSubscribers(t *testing.T) {
	pub := newSocket(t, Pub)
	p := meet(t, bind(t, pub, anyPort), "SUB")
	p.send(subscription(1, false, "AB"))
	try(t, pub.WaitSubscribers(within(t), 1, nil))
	try(t, pub.WaitSubscribers(within(t), 1, []byte{})) // an empty topic is none
	try(t, pub.WaitSubscribers(within(t), 1, []byte("ABC")))
	for _, wait := range []func(context.Context) error{
		func(ctx context.Context) error { return pub.WaitSubscribers(ctx, 1, []byte("A")) },
		func(ctx context.Context) error { return pub.WaitSubscribers(ctx, 2, nil) },
	} {
		expectWait(t, "wait", wait)
	}
	done := make(chan error, 1)
	ctx := within(t)
	go func() { done <- pub.WaitSubscribers(ctx, 1, []byte("C")) }()
	p.send(subscription(1, false, "C"))
	try(t, <-done)
	go func() { done <- pub.WaitSubscribers(ctx, 2, nil) }()
	try(t, pub.Close())
	expectError(t, "wait on a closed socket", <-done, ErrClosed)
}

// TestPubManySubscribers copies each message of a batch to every peer that wants
// it, once and in order.
func TestPubManySubscribers(t *testing.T) {
	pub := newSocket(t, Pub)
	endpoint := bind(t, pub, anyPort)
	var subs []*Socket
	for i := range 20 {
		sub := newSocket(t, Sub)
		if i%2 == 0 {
			try(t, sub.Subscribe(nil))
		} else {
			try(t, sub.Subscribe([]byte("odd")))
		}
		try(t, sub.Connect(endpoint))
		subs = append(subs, sub)
	}
	try(t, pub.WaitSubscribers(within(t), len(subs), []byte("odd")))
	var b frames.Batch
	for n := range 100 {
		name := []string{"even", "odd"}[n%2]
		b.Append(frames.Message{[]byte(name), bytes.Repeat([]byte{byte(n)}, n)})
	}
	try(t, pub.SendBatch(within(t), &b))
	for i, sub := range subs {
		for n := range 100 {
			if n%2 == 1 || i%2 == 0 {
				expectParts(t, sub, []string{"even", "odd"}[n%2], string(bytes.Repeat([]byte{byte(n)}, n)))
			}
		}
	}
}
