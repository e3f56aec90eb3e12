package sockets

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// greetOld does the greeting of ZMTP 2.0 as a peer of the given type, waiting for each
// part of the socket's, and returns the number and the identity that the socket tells.
func (p *rawPeer) greetOld(kind Type, identity string) (number byte, id string) {
	p.t.Helper()
	p.send(greeting(1)[:10])
	b := make([]byte, 12)
	if n, err := io.ReadFull(p.in, b[:11]); err != nil || b[0] != 0xff || b[9]&1 != 1 || b[10] != 3 {
		p.t.Fatalf("greeting: %q, %v", b[:n], err)
	}
	p.send("\x01")
	if _, err := io.ReadFull(p.in, b[11:]); err != nil {
		p.t.Fatal(err)
	}
	p.send(string([]byte{kind.row().number}), message(identity))
	flags, id := p.readFrame()
	if flags != 0 {
		p.t.Fatalf("identity %q with the flags %02x", id, flags)
	}
	return b[11], id
}

// talker is a socket under test: ours, or libzmq's, which is the judge.
type talker interface {
	send(m frames.Message)
	gets(m frames.Message)
}

// judged is a socket of libzmq under test.
type judged struct{ *libzmq }

func (j judged) gets(m frames.Message) {
	j.t.Helper()
	j.prints(m)
}

// oldConversations are those of a socket of each type with a peer of ZMTP 2.0, in its
// bytes.
var oldConversations = map[Type]struct {
	peer Type
	talk func(s talker, p *rawPeer)
}{
	Req: {Router, func(s talker, p *rawPeer) {
		s.send(frames.Strings("hello", "", "x"))
		p.expectMessage("", "hello", "", "x")
		p.send(message("", "world"))
		s.gets(frames.Strings("world"))
	}},
	Rep: {Req, func(s talker, p *rawPeer) {
		p.send(message("", "hello"))
		s.gets(frames.Strings("hello"))
		s.send(frames.Strings("world"))
		p.expectMessage("", "world")
	}},
	Dealer: {Dealer, inBothDirections},
	Pair:   {Pair, inBothDirections},
	Router: {Dealer, func(s talker, p *rawPeer) {
		p.send(message("hello"))
		s.gets(frames.Strings("it", "hello"))
		s.send(frames.Strings("it", "", "world"))
		p.expectMessage("", "world")
	}},
	Push: {Pull, func(s talker, p *rawPeer) {
		for _, m := range oldMessages {
			s.send(frames.Strings(m...))
			p.expectMessage(m...)
		}
	}},
	Pull: {Push, func(s talker, p *rawPeer) {
		for _, m := range oldMessages {
			p.send(message(m...))
			s.gets(frames.Strings(m...))
		}
	}},
	Pub: {Sub, func(s talker, p *rawPeer) {
		p.send(message("\x01A"))
		if o, ok := s.(ours); ok {
			try(p.t, o.WaitSubscribers(o.ctx, 1, []byte("A1")))
		}
		s.send(frames.Strings("B1"))
		s.send(frames.Strings("A1", "x"))
		p.expectMessage("A1", "x")
	}},
	XPub: {Sub, func(s talker, p *rawPeer) {
		p.send(message("\x01A"), message("\x01B"))
		s.gets(frames.Strings("\x01A"))
		s.gets(frames.Strings("\x01B"))
		s.send(frames.Strings("A1"))
		p.expectMessage("A1")
		p.send(message("\x00A"))
		s.gets(frames.Strings("\x00A"))
		s.send(frames.Strings("A2"))
		s.send(frames.Strings("B1"))
		p.expectMessage("B1")
	}},
	Sub: {Pub, func(s talker, p *rawPeer) {
		p.expectMessage("\x01")
		p.send(message("A1", ""))
		s.gets(frames.Strings("A1", ""))
	}},
	XSub: {Pub, func(s talker, p *rawPeer) {
		long := strings.Repeat("prefix", 50)
		s.send(frames.Strings("\x01" + long))
		p.expectMessage("\x01" + long)
		p.send(message(long))
		s.gets(frames.Strings(long))
		s.send(frames.Strings("\x00" + long))
		p.expectMessage("\x00" + long)
	}},
}

var oldMessages = [][]string{{"hello"}, {"", "a", ""}, {strings.Repeat("x", 255), strings.Repeat("y", 256)}, {strings.Repeat("z", 100000)}}

func inBothDirections(s talker, p *rawPeer) {
	for _, m := range oldMessages {
		s.send(frames.Strings(m...))
		p.expectMessage(m...)
		p.send(message(m...))
		s.gets(frames.Strings(m...))
	}
}

// C06: a peer of ZMTP 2.0 is served as libzmq serves it, whichever side binds.
func TestC06OldPeersAsLibzmq(t *testing.T) {
	for _, kind := range stableTypes() {
		c, ok := oldConversations[kind]
		if !ok {
			t.Errorf("%s is not tested", kind)
			continue
		}
		for _, who := range []string{"ours", "libzmq"} {
			for _, binds := range []bool{true, false} {
				name := kind.String() + "/" + who + map[bool]string{true: " binds", false: " connects"}[binds]
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					s, p := meetOld(t, kind, who, binds)
					number, id := p.greetOld(c.peer, "it")
					want := kind.row()
					if who == "libzmq" && kind == Pub {
						want = XPub.row() // see peer.py
					}
					if number != want.number || (id == "us") != want.Announces {
						t.Errorf("number %d, identity %q", number, id)
					}
					c.talk(s, p)
				})
			}
		}
	}
}

// meetOld opens a socket of ours or of libzmq's and a raw connection with it.
func meetOld(t *testing.T, kind Type, who string, binds bool) (talker, *rawPeer) {
	t.Helper()
	var l *rawListener
	if !binds {
		l = listenRaw(t, anyPort)
	}
	if who == "ours" {
		s := newSocket(t, kind, func(o *Options) {
			o.Linger, o.HeartbeatInterval = 0, time.Millisecond
			if kind.row().Announces {
				o.Identity = []byte("us")
			}
		})
		if kind == Sub {
			try(t, s.Subscribe(nil))
		}
		if binds {
			return ours{t, s, within(t)}, dialRaw(t, bind(t, s, anyPort))
		}
		try(t, s.Connect(l.endpoint))
		return ours{t, s, within(t)}, l.accept()
	}
	var flags []string
	if kind.row().Announces {
		flags = append(flags, "--identity", "us")
	}
	if !binds {
		return judged{startLibzmq(t, kind, append(flags, "--connect", l.endpoint)...)}, l.accept()
	}
	file := filepath.Join(t.TempDir(), "endpoint")
	z := startLibzmq(t, kind, append(flags, "--bind", "tcp://127.0.0.1:*", "--endpoint-file", file)...)
	return judged{z}, dialRaw(t, awaitEndpoint(within(t), t, file))
}

// The routing id of a peer that has no identity is made up; one that is taken is
// refused without a command.
func TestC58OldPeersAtARouter(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Router, monitored)
	endpoint := bind(t, s, anyPort)
	first, second, anonymous := dialRaw(t, endpoint), dialRaw(t, endpoint), dialRaw(t, endpoint)
	first.greetOld(Dealer, "it")
	first.send(message("first"))
	expectParts(t, s, "it", "first")
	second.greetOld(Dealer, "it")
	if sent := second.expectClosed(); sent != "" {
		t.Errorf("sent %q", sent)
	}
	if e := events.await(EventPeerRefused); !strings.Contains(e.Err.Error(), "routing id it") {
		t.Error(e.Err)
	}
	anonymous.greetOld(Req, "")
	anonymous.send(message("", "hello"))
	m, err := s.Recv(within(t))
	try(t, err)
	if len(m) != 3 || len(m[0]) != 5 || m[0][0] != 0 {
		t.Errorf("%q", m)
	}
}

// A link to an old peer is made again, and gives a new connection its subscriptions.
func TestC70OldPublisherComesBack(t *testing.T) {
	s := newSocket(t, Sub, quickly)
	for _, prefix := range []string{"A", "B"} {
		try(t, s.Subscribe([]byte(prefix)))
	}
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	for range 2 {
		p := l.accept()
		p.greetOld(Pub, "")
		p.expectMessage("\x01A")
		p.expectMessage("\x01B")
		p.hangUp()
	}
}

// Where our whole greeting had left before an old peer showed its version, the next
// connection lets it come first.
func TestC06OldPeerThatIsLate(t *testing.T) {
	s := newSocket(t, Dealer, quickly, func(o *Options) { o.HandshakeTimeout = time.Minute })
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	p := l.accept()
	p.readGreeting() // all of it: this peer was silent for too long
	p.send(greeting(1)[:10] + "\x01\x06\x00\x00")
	p.expectClosed()
	p = l.accept()
	p.greetOld(Router, "")
	sendParts(t, s, "hello")
	p.expectMessage("hello")
}

// A probe tells what an old peer is.
func TestProbeOfAnOldPeer(t *testing.T) {
	l := listenRaw(t, anyPort)
	type answer struct {
		told Probed
		err  error
	}
	answers := make(chan answer, 1)
	ctx, cancel := context.WithTimeout(t.Context(), watchdog)
	defer cancel()
	go func() {
		told, err := Probe(ctx, l.endpoint)
		answers <- answer{told, err}
	}()
	p := l.accept()
	p.send(greeting(1)[:10])
	b := make([]byte, 11)
	_, err := io.ReadFull(p.in, b)
	try(t, err)
	p.send("\x01\x03", message("it"))
	a := <-answers
	if a.err != nil || a.told.Version() != "2.0" || a.told.Type != "REQ" || a.told.Mechanism != "NULL" || !a.told.Usable() {
		t.Errorf("%+v, %v", a.told, a.err)
	}
}
