package sockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// TestWSWire: what a peer with the mechanism NULL and one without any see on the wire, and
// what they may send: fragments, control frames between them, masks.
func TestWSWire(t *testing.T) {
	s := newSocket(t, Router)
	endpoint := bind(t, s, onWS)
	p := meetWS(t, endpoint, "DEALER", prop("Identity", "me"))
	page := meetPlain(t, endpoint, "page")
	page.expectWS(wsBinary, "\x00") // our routing id, which a ROUTER does not have

	p.send(wsMessage("a", "", strings.Repeat("x", 70000)))
	expectParts(t, s, "me", "a", "", strings.Repeat("x", 70000))
	page.send(wsFrame(wsBinary, false, "\x01fra"), wsFrame(wsPing, true, "in between"), wsFrame(wsContinue, false, "gm"),
		wsFrame(wsPong, true, "unasked"), wsFrame(wsContinue, true, "ent"), wsFrame(wsBinary, false, ""), wsFrame(wsContinue, true, "\x00"))
	expectParts(t, s, "page", "fragment", "")
	page.expectWS(wsPong, "in between")
	long := strings.Repeat("p", 125)
	p.send(wsFrame(wsPing, true, long))
	p.expectWS(wsPong, long)

	for _, size := range []int{0, 1, 124, 125, 126, 255, 256, 65534, 65535, 65536} {
		body := strings.Repeat("y", size)
		sendParts(t, s, "me", body, "")
		p.expectWS(wsBinary, "\x01"+body)
		p.expectWS(wsBinary, "\x00")
		sendParts(t, s, "page", body)
		page.expectWS(wsBinary, "\x00"+body)
	}
	p.send(wsFrame(wsClose, true, "\x03\xe9"))
	p.expectWS(wsClose, "\x03\xe8")
	p.expectClosed()
	eventually(t, func() bool { return s.Stats().Peers == 1 })
	try(t, s.Close())
	page.expectWS(wsClose, "\x03\xe8")
	page.expectClosed()
}

// TestWSSubscriptions: a subscription is a message there, as from jszmq and libzmq.
func TestWSSubscriptions(t *testing.T) {
	pub := newSocket(t, XPub)
	endpoint := bind(t, pub, onWS)
	page := meetPlain(t, endpoint, "")
	page.expectWS(wsBinary, "\x00")
	page.send(wsMessage("\x01A"))
	expectParts(t, pub, "\x01A")
	sendParts(t, pub, "B", "never")
	sendParts(t, pub, "A", "1")
	page.expectWS(wsBinary, "\x01A")
	page.expectWS(wsBinary, "\x001")

	sub := newSocket(t, Sub)
	l := listenRaw(t, anyPort)
	try(t, sub.Connect(strings.Replace(l.endpoint, "tcp:", "ws:", 1)))
	p := l.accept()
	if request := p.readHead(); !strings.Contains(request, "\r\nSec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0\r\n") || !strings.HasPrefix(request, "GET / HTTP/1.1\r\nHost: 127.0.0.1:") {
		t.Fatal(request)
	}
	p.hangUp()
}

// TestWSRefuses: what a browser, curl and peers of other protocols get, and what is
// reported of them.
func TestWSRefuses(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.AllowOrigins = []string{"https://good.example"} })
	endpoint := bind(t, s, "ws://127.0.0.1:*/feed")
	if !strings.HasSuffix(endpoint, "/feed") {
		t.Error(endpoint)
	}
	for name, c := range map[string]struct{ said, answer, why string }{
		"curl":         {"GET /feed HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n", "plain HTTP request"},
		"path":         {wsRequest("/", "ZWS2.0"), "HTTP/1.1 404 Not Found\r\n", `asked for the path "/"`},
		"page":         {wsRequest("/feed", "ZWS2.0", "Origin: https://evil.example"), "HTTP/1.1 403 Forbidden\r\n", `origin "https://evil.example"`},
		"file":         {wsRequest("/feed", "ZWS2.0", "Origin: null"), "HTTP/1.1 403 Forbidden\r\n", `origin "null"`},
		"subprotocol":  {wsRequest("/feed", "chat"), "HTTP/1.1 400 Bad Request\r\n", `but "chat"`},
		"mechanism":    {wsRequest("/feed", "ZWS2.0/CURVE"), "HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n", `mechanism "CURVE", this side NULL`},
		"ZMTP":         {greeting(1)[:11], "HTTP/1.1 400 Bad Request\r\n", "both ends need tcp://"},
		"TLS":          {"\x16\x03\x01", "", "TLS proxy"},
		"endless head": {"GET /feed HTTP/1.1\r\n" + strings.Repeat("X-Filler: "+letters+"\r\n", 100), "HTTP/1.1 400 Bad Request\r\n", "more than 16384 bytes"},
	} {
		p := dialRaw(t, endpoint)
		p.send(c.said)
		if got := p.expectClosed(); !strings.HasPrefix(got, c.answer) && name != "endless head" || c.answer == "" && got != "" { // a reset may overtake that one
			t.Errorf("%s: answer %q", name, got)
		}
		if e := events.await(EventHandshakeProtocol); !strings.Contains(e.Err.Error(), c.why) {
			t.Errorf("%s: %v", name, e.Err)
		} else if origin, refused := RefusedOrigin(e.Err); refused != strings.Contains(c.answer, "403") || refused && !strings.Contains(c.said, "Origin: "+origin) {
			t.Errorf("%s: origin %q, %v", name, origin, refused)
		}
	}
	p := dialRaw(t, endpoint)
	p.send(wsRequest("/feed?x=y", "ZWS2.0", "Origin: https://good.example"))
	if got := p.readHead(); !strings.HasPrefix(got, "HTTP/1.1 101 ") {
		t.Error(got)
	}
	p.send(wsMessage("id"), wsMessage("hello"))
	expectParts(t, s, "hello")
}

// TestWSRefused: who connects names what it meets, and does not try again.
func TestWSRefused(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	plain := newSocket(t, Pull)
	null := newSocket(t, Pull)
	secure := newSocket(t, Pull, func(o *Options) { o.Security = CurveServer(newKeys(t)) })
	for name, c := range map[string]struct {
		endpoint, why string
		options       Option
	}{
		"web server":     {strings.Replace(web.URL, "http", "ws", 1) + "/x", "nothing at the path /x (404)", nil},
		"tcp":            {strings.Replace(bind(t, plain, anyPort), "tcp", "ws", 1), "both ends need tcp://", nil},
		"type":           {bind(t, null, onWS), "the peer is PULL, this side is PAIR", nil},
		"NULL to CURVE":  {bind(t, secure, onWS), `mechanism "CURVE", this side NULL`, nil},
		"PLAIN to NULL":  {bind(t, null, onWS), `mechanism "NULL", this side PLAIN`, with(PlainClient("a", "b"))},
		"tcp to ws":      {strings.Replace(bind(t, null, onWS), "ws", "tcp", 1), "both ends need ws://", nil},
		"an other path":  {bind(t, null, onWS) + "/nowhere", "nothing at the path /nowhere (404)", nil},
		"PLAIN to CURVE": {bind(t, secure, onWS), `mechanism "CURVE", this side PLAIN`, with(PlainClient("a", "b"))},
	} {
		options := []Option{quickly}
		if c.options != nil {
			options = append(options, c.options)
		}
		s := newSocket(t, Pair, options...)
		try(t, s.Connect(c.endpoint))
		err := s.WaitPeers(within(t), 1)
		var refused *RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWSAsksForTheMechanism: libzmq hangs up on a request for another mechanism than its
// own. The next attempt then offers all, and so finds out.
func TestWSAsksForTheMechanism(t *testing.T) {
	s := newSocket(t, Pair, quickly)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(strings.Replace(l.endpoint, "tcp:", "ws:", 1)))
	p := l.accept()
	p.readHead()
	p.hangUp()
	p = l.accept()
	request := p.readHead()
	_, key, _ := strings.Cut(request, "Sec-WebSocket-Key: ")
	key, _, _ = strings.Cut(key, "\r\n")
	if !strings.Contains(request, "ZWS2.0/NULL,ZWS2.0/PLAIN,ZWS2.0/CURVE,ZWS2.0\r\n") {
		t.Fatal(request)
	}
	p.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + wsAccept(key) +
		"\r\nSec-WebSocket-Protocol: ZWS2.0/CURVE\r\n\r\n")
	wantRefusal(t, s.WaitPeers(within(t), 1), strings.Replace(l.endpoint, "tcp:", "ws:", 1), false, `mechanism "CURVE", this side NULL`)
}

// TestWSLaterAnswers: a server that is not ready, as a proxy in front of a zcat that is
// not there, is asked again.
func TestWSLaterAnswers(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pair, quickly, monitored)
	l := listenRaw(t, anyPort)
	try(t, s.Connect(strings.Replace(l.endpoint, "tcp:", "ws:", 1)+"/there?token=x"))
	for range 3 {
		p := l.accept()
		if request := p.readHead(); !strings.HasPrefix(request, "GET /there?token=x HTTP/1.1\r\n") {
			t.Error(request)
		}
		p.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		p.hangUp()
		if e := events.await(EventHandshakeFailed, EventHandshakeProtocol); e.Kind != EventHandshakeFailed || !strings.Contains(e.Err.Error(), "502") {
			t.Errorf("%+v", e)
		}
	}
}

// TestWSHandshakeTimes: neither silence nor a request that trickles in holds a place for
// longer than the handshake may take.
func TestWSHandshakeTimes(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.HandshakeTimeout = 300 * time.Millisecond })
	endpoint := bind(t, s, onWS)
	whole := wsRequest("/", "ZWS2.0/NULL")
	for _, said := range []string{"", "G", whole[:40], whole, whole + wsReady("PUSH")[:5]} {
		p := dialRaw(t, endpoint)
		p.send(said)
		p.expectClosed()
		if e := events.await(EventHandshakeFailed); !strings.Contains(e.Err.Error(), "timed out") {
			t.Errorf("%q: %v", said, e.Err)
		}
	}
}

// TestWSProbe: a probe tells over ws what it does over tcp, and asks which mechanism.
func TestWSProbe(t *testing.T) {
	for _, kind := range zmtpTypes() {
		s := newSocket(t, kind)
		endpoint := bind(t, s, onWS)
		p := probeIt(t, endpoint)
		if p.Endpoint != endpoint || p.Version() != "3.0" || p.Subprotocol != "ZWS2.0/NULL" || p.Mechanism != "NULL" || p.Type != kind.String() || !p.Ready || !p.Usable() {
			t.Errorf("%v: %+v", kind, p)
		}
	}
	secure := newSocket(t, Pull, func(o *Options) { o.Security = CurveServer(newKeys(t)) })
	if p := probeIt(t, bind(t, secure, onWS)); p.Mechanism != "CURVE" || p.Subprotocol != "ZWS2.0/CURVE" || p.Ready {
		t.Errorf("%+v", p)
	}
	plain := newSocket(t, Pull)
	ctx, cancel := context.WithTimeout(t.Context(), watchdog)
	defer cancel()
	var refused *RefusedError
	if _, err := Probe(ctx, strings.Replace(bind(t, plain, anyPort), "tcp", "ws", 1)); !errors.As(err, &refused) || !strings.Contains(err.Error(), "both ends need tcp://") {
		t.Error(err)
	}
}

// TestWSUntypedPeersAreAsked: Authorize decides on a peer without a mechanism, too.
func TestWSUntypedPeersAreAsked(t *testing.T) {
	asked := make(chan string, 1)
	s := newSocket(t, Router, func(o *Options) {
		o.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
			asked <- r.Mechanism + " " + r.Address
			return zap.Reply{Status: zap.Denied}
		}
	})
	p := meetPlain(t, bind(t, s, onWS), "me")
	if got := <-asked; got != "NULL 127.0.0.1" {
		t.Error(got)
	}
	if sent := p.expectClosed(); strings.Contains(sent, "400") {
		t.Errorf("a command to a peer that knows none: %q", sent)
	}
}

// TestWSBreach: whoever breaks WebSocket's rules after the handshake is dropped with a
// close frame that says so, and what came before is delivered.
func TestWSBreach(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored)
	endpoint := bind(t, s, onWS)
	p := meetWS(t, endpoint, "PUSH")
	p.send(wsMessage("before"), "\x82\x01\x00")
	expectParts(t, s, "before")
	p.expectWS(wsClose, "\x03\xea")
	if e := events.await(EventProtocolError); !strings.Contains(e.Err.Error(), "not masked") {
		t.Error(e.Err)
	}
	var failed *zmtp.HandshakeError
	if e := events.await(EventDisconnected); !errors.As(e.Err, &failed) {
		t.Errorf("%v", e.Err)
	}
}

// TestWSFragmentsAtOnce: a message in fragments that comes with the end of the handshake has
// the limit of all messages, not that of a handshake.
func TestWSFragmentsAtOnce(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.MaxSize = 100000 })
	endpoint := bind(t, s, onWS)
	large := strings.Repeat("x", 50000)
	inFragments := wsFrame(wsBinary, false, "\x00"+large) + wsFrame(wsPing, true, "") + wsFrame(wsContinue, true, large)
	for protocol, first := range map[string]string{"ZWS2.0/NULL": wsReady("PUSH"), "ZWS2.0": wsMessage("id")} {
		for _, inFront := range []bool{false, true} {
			p, _ := dialWS(t, endpoint, protocol)
			if inFront {
				p.send(first + wsMessage("in front") + inFragments + wsMessage("end"))
				expectParts(t, s, "in front")
			} else {
				p.send(first + inFragments + wsMessage("end"))
			}
			expectParts(t, s, large+large)
			expectParts(t, s, "end")
		}
	}
	p, _ := dialWS(t, endpoint, "ZWS2.0/NULL")
	p.send(inFragments) // where READY is due
	if sent := p.expectClosed(); !strings.HasSuffix(sent, "\x88\x02\x03\xf1") {
		t.Errorf("%q", sent)
	}
}

// TestWSFragmentsOfSealed: a message of the largest size may be cut into fragments when it is
// sealed, and therefore longer, too.
func TestWSFragmentsOfSealed(t *testing.T) {
	keys := newKeys(t)
	const most = 20000
	s := newSocket(t, Pull, with(CurveServer(keys)), func(o *Options) { o.MaxSize = most })
	endpoint := bind(t, s, onWS)
	l := listenRaw(t, anyPort)
	client := newSocket(t, Push, with(CurveClient(keys.Public, newKeys(t))))
	try(t, client.Connect(strings.Replace(l.endpoint, "tcp:", "ws:", 1)))
	near, far := l.accept(), dialRaw(t, endpoint)
	far.send(near.readHead())
	near.send(far.readHead())
	go func() { _, _ = io.Copy(near, far.in) }()
	go func() {
		for {
			f, op, size, err := near.relayed()
			if err != nil {
				return
			}
			head := f[:len(f)-int(size)]
			if op == wsBinary && size > 1000 {
				half := int(size) / 8 * 4 // the mask begins anew
				first := wsHead(op, false, uint64(half), head[len(head)-4:])
				rest := wsHead(wsContinue, true, size-uint64(half), head[len(head)-4:])
				f = slices.Concat(first, f[len(head):][:half], rest, f[len(head):][half:])
			}
			if _, err := far.Write(f); err != nil {
				return
			}
		}
	}()
	body := strings.Repeat("y", most)
	sendParts(t, client, body)
	expectParts(t, s, body)
}

// TestWSCloseCodes: the close frame tells what was wrong with what the peer sent, and
// whether it is wanted at all (RFC 6455, 7.4.1).
func TestWSCloseCodes(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.MaxSize, o.MaxFrames = 100, 3 })
	endpoint := bind(t, s, onWS)
	large := strings.Repeat("x", 101)
	for name, c := range map[string]struct {
		said string
		code string
	}{
		"reserved bits":           {"\xC2\x81\x00\x00\x00\x00\x00", "\x03\xea"},
		"reserved flags":          {wsFrame(wsBinary, true, "\x08x"), "\x03\xea"},
		"empty message":           {wsFrame(wsBinary, true, ""), "\x03\xea"},
		"text":                    {wsFrame(1, true, "hello"), "\x03\xeb"},
		"text that is no UTF-8":   {wsFrame(1, true, "\xff"), "\x03\xeb"},
		"over the size":           {wsMessage(large), "\x03\xf1"},
		"over the size, head":     {wsMasked(wsBinary, true, 1<<40, "\x00"), "\x03\xf1"},
		"over the size in all":    {wsMessage(large[:60], large[:60]), "\x03\xf1"},
		"over the size in parts":  {wsFrame(wsBinary, false, "\x00"+large[:60]) + wsFrame(wsContinue, false, large[:60]), "\x03\xf1"},
		"over the frames":         {wsMessage("a", "b", "c", "d"), "\x03\xf1"},
		"over the command":        {wsCommand("FOO", strings.Repeat("x", 100000)), "\x03\xf1"},
		"closed for no reason":    {wsFrame(wsClose, true, ""), "\x03\xe8"},
		"closed for a reason":     {wsFrame(wsClose, true, "\x0f\xa0bye"), "\x0f\xa0"},
		"closed with half a code": {wsFrame(wsClose, true, "\x03"), "\x03\xea"},
		"closed with no code":     {wsFrame(wsClose, true, "\x03\xee"), "\x03\xea"},
	} {
		t.Run(name, func(t *testing.T) {
			p := meetWS(t, endpoint, "PUSH")
			p.send(c.said)
			p.expectWS(wsClose, c.code)
			eventually(t, func() bool { return s.Stats().Peers == 0 })
		})
	}
	for name, c := range map[string]struct {
		kind          Type
		first, second string
	}{
		"another type": {Pull, "PUSH", "SUB"},
		"one too many": {Pair, "PAIR", "PAIR"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSocket(t, c.kind)
			endpoint := bind(t, s, onWS)
			meetWS(t, endpoint, c.first)
			eventually(t, func() bool { return s.Stats().Peers == 1 })
			p := meetWS(t, endpoint, c.second)
			if op, payload := p.readWS(); op != wsBinary || !strings.HasPrefix(payload, "\x02\x05ERROR") {
				t.Errorf("%d %q", op, payload)
			}
			p.expectWS(wsClose, "\x03\xf0")
		})
	}
}

// TestWSMemoryOfFragments: a message in fragments counts against the memory of all peers as
// it arrives, and nothing is taken on a peer's word.
func TestWSMemoryOfFragments(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.MaxMemory, o.MaxSize = 4<<20, 64<<20 })
	endpoint := bind(t, s, onWS)
	peers := make([]*rawPeer, 20)
	for i := range peers {
		peers[i] = meetWS(t, endpoint, "PUSH")
	}
	before := heapInUse()
	piece := wsFrame(wsContinue, false, strings.Repeat("x", 60000))
	for _, p := range peers {
		p.send(wsFrame(wsBinary, false, "\x00"))
		go func() {
			for range 40 { // 2.4 MB each, 48 MB in all
				if _, err := io.WriteString(p.Conn, piece); err != nil {
					return
				}
			}
			_, _ = io.WriteString(p.Conn, wsMasked(wsContinue, true, 60<<20, "begun"))
		}()
	}
	good := meetWS(t, endpoint, "PUSH")
	good.send(wsMessage("good"))
	expectParts(t, s, "good")
	eventually(t, func() bool { return s.Stats().Refused > 0 }) // who keeps memory and does not move is sent away
	wantHeap(t, before, 16<<20)
	for _, p := range peers {
		p.hangUp()
	}
	good.send(wsMessage("still"))
	expectParts(t, s, "still")
}

// TestWSConversation: thousands of messages both ways at a time, between two of ours, with
// each mechanism.
func TestWSConversation(t *testing.T) {
	keys := newKeys(t)
	for name, options := range map[string][2]Option{
		"NULL":  {func(*Options) {}, func(*Options) {}},
		"PLAIN": {func(o *Options) { o.Security, o.Authorize = PlainServer(), letIn }, with(PlainClient("joe", "secret"))},
		"CURVE": {with(CurveServer(keys)), with(CurveClient(keys.Public, newKeys(t)))},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := newSocket(t, Dealer, options[0]), newSocket(t, Dealer, options[1])
			join(t, a, b, onWS)
			const n = 2000
			talk := func(s *Socket, failed chan<- error) {
				for i := range n {
					if err := s.Send(t.Context(), frames.Message{make([]byte, i*37%3000), {byte(i)}}); err != nil {
						failed <- err
						return
					}
				}
				failed <- nil
			}
			hear := func(s *Socket, failed chan<- error) {
				for i := range n {
					m, err := s.Recv(within(t))
					if err == nil && (len(m) != 2 || len(m[0]) != i*37%3000 || m[1][0] != byte(i)) {
						err = errors.New("out of order")
					}
					if err != nil {
						failed <- err
						return
					}
				}
				failed <- nil
			}
			failed := make(chan error, 4)
			for _, s := range []*Socket{a, b} {
				go talk(s, failed)
				go hear(s, failed)
			}
			for range 4 {
				try(t, <-failed)
			}
		})
	}
}

func letIn(context.Context, *zap.Request) zap.Reply { return zap.Reply{Status: zap.OK} }

// TestWSHeartbeats: with and without CURVE, a PING is that of WebSocket, which libzmq and
// browsers answer, and both sides live on; a command in clear among sealed frames does not
// pass.
func TestWSHeartbeats(t *testing.T) {
	keys := newKeys(t)
	for name, options := range map[string][2]Option{
		"NULL":  {func(*Options) {}, func(*Options) {}},
		"CURVE": {with(CurveServer(keys)), with(CurveClient(keys.Public, newKeys(t)))},
	} {
		t.Run(name, func(t *testing.T) {
			often := func(o *Options) { o.HeartbeatInterval, o.HeartbeatTimeout = 20*time.Millisecond, 10*time.Second }
			a, b := newSocket(t, Pair, options[0], often), newSocket(t, Pair, options[1], often)
			endpoint := bind(t, a, onWS)
			l := listenRaw(t, anyPort)
			try(t, b.Connect(strings.Replace(l.endpoint, "tcp:", "ws:", 1)))
			client, server := l.accept(), dialRaw(t, endpoint)
			server.send(client.readHead())
			client.send(server.readHead())
			beats := make(chan string, 100)
			relay := func(from, to *rawPeer, who string) {
				for {
					f, op, size, err := from.relayed()
					if err != nil {
						return
					}
					if op == wsPing || op == wsPong {
						select {
						case beats <- fmt.Sprintf("%s%d %d", who, op, size):
						default:
						}
					}
					if _, err := to.Write(f); err != nil {
						return
					}
				}
			}
			go relay(client, server, "client")
			go relay(server, client, "server")
			want := map[string]bool{"client9 0": true, "client10 0": true, "server9 0": true, "server10 0": true}
			for len(want) > 0 {
				select {
				case beat := <-beats:
					delete(want, beat)
				case <-within(t).Done():
					t.Fatalf("missing: %v", want)
				}
			}
			for range 3 {
				sendParts(t, a, "still there")
				expectParts(t, b, "still there")
			}
			if name == "CURVE" {
				_, _ = server.Write([]byte(wsCommand("SUBSCRIBE", "x")))
				eventually(t, func() bool { return a.Stats().Peers == 0 })
			}
		})
	}
}

// TestWSIsNoStream: a STREAM is for bytes without ZMTP, which a WebSocket is not.
func TestWSIsNoStream(t *testing.T) {
	s := newSocket(t, Stream)
	_, err := s.Bind(t.Context(), onWS)
	if connect := s.Connect("ws://127.0.0.1:1"); err == nil || connect == nil {
		t.Error(err, connect)
	}
}
