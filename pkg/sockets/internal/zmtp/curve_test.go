package zmtp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/nacl/secretbox"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/internal/box"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// sessions returns the secrets that a handshake leaves to its client and its
// server.
func sessions() (client, server *secrets) {
	key := [keySize]byte{1, 2, 3}
	other := key
	return &secrets{key: &key, sent: 2, received: 1}, &secrets{key: &other, sent: 1, received: 2, server: true}
}

// hearSealed makes a server read pieces that were sent after a handshake.
func hearSealed(tb testing.TB, s Setup, said ...string) outcome {
	tb.Helper()
	_, server := sessions()
	return hearAs(tb, Peer{Type: "PUSH", Major: 3, Minor: 1, secrets: server}, s, "", said...)
}

// sealedBy returns wire as a client's sealer writes it, to a writer that takes step
// bytes at a time.
func sealedBy(tb testing.TB, s *sealer, wire []byte, step int) string {
	tb.Helper()
	var out strings.Builder
	for len(wire) > 0 {
		n, err := s.write(wire, sealedWrite, func(b []byte) (int, error) {
			b = b[:min(step, len(b))]
			return out.Write(b)
		})
		if err != nil {
			tb.Fatal(err)
		}
		wire = wire[n:]
	}
	return out.String()
}

// TestSealerCut: however much the kernel takes at a time, the output opens to the
// input, and no byte of a frame that is not begun counts as written.
func TestSealerCut(t *testing.T) {
	wire := framing.AppendMessage(nil, frames.Strings("a", "", strings.Repeat("x", 300)))
	wire = append(wire, cmd("PING", "\x00\x00x")...)
	wire = framing.AppendMessage(wire, frames.Strings("", "b"))
	for step := 1; step < 700; step++ {
		client, _ := sessions()
		s := newSealer(client)
		got := hearSealed(t, Setup{}, sealedBy(t, s, wire, step))
		if fmt.Sprint(got.messages) != fmt.Sprint([]string{
			string(framing.AppendMessage(nil, frames.Strings("a", "", strings.Repeat("x", 300)))),
			string(framing.AppendMessage(nil, frames.Strings("", "b"))),
		}) || len(got.control) != 1 {
			t.Fatalf("step %d: %q", step, got)
		}
		if s.buffer != nil || s.begun {
			t.Errorf("step %d: something is left", step)
		}
	}
}

// TestSealerProgress: what counts as written is never ahead of the bytes that are
// out.
func TestSealerProgress(t *testing.T) {
	client, _ := sessions()
	s := newSealer(client)
	first, second := framing.AppendFrame(nil, []byte("first"), false), framing.AppendFrame(nil, []byte("second"), false)
	wire := append(append([]byte(nil), first...), second...)
	sealedFirst := len(first) + sealedSize
	for _, c := range []struct{ takes, counts int }{
		{0, 0},
		{1, 1},
		{sealedFirst - 2, 0},
		{1, len(first) - 1},
		{0, 0},
		{5, 1},
		{len(second) + sealedSize - 5, len(second) - 1},
	} {
		room := c.takes
		n, err := s.write(wire, sealedWrite, func(b []byte) (int, error) {
			k := min(room, len(b))
			room -= k
			return k, nil
		})
		if err != nil || n != c.counts {
			t.Fatalf("%d bytes out count for %d of %q, %v; want %d", c.takes, n, wire, err, c.counts)
		}
		wire = wire[n:]
	}
	if len(wire) > 0 {
		t.Errorf("%q left", wire)
	}
}

// TestSealerTakesBack: a command may go before a frame that was sealed and not
// written.
func TestSealerTakesBack(t *testing.T) {
	client, _ := sessions()
	s := newSealer(client)
	var out bytes.Buffer
	two := append(framing.AppendFrame(nil, []byte("one"), false), framing.AppendFrame(nil, []byte("two"), false)...)
	n, err := s.write(two, sealedWrite, func(b []byte) (int, error) { return out.Write(b[:5+sealedSize]) })
	if err != nil || n != 5 {
		t.Fatal(n, err)
	}
	out.WriteString(sealedBy(t, s, []byte(message("between")), 1000))
	out.WriteString(sealedBy(t, s, two[5:], 1000))
	got := hearSealed(t, Setup{}, out.String())
	if fmt.Sprint(got.messages) != fmt.Sprint([]string{message("one"), message("between"), message("two")}) {
		t.Errorf("%q", got.messages)
	}
}

// TestCurveClosed: after Close there are no keys, and nothing goes out.
func TestCurveClosed(t *testing.T) {
	client, _ := sessions()
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	c := NewConn(near, Peer{secrets: client}, nil, Setup{})
	c.Close()
	if n, err := c.TryWrite([]byte(message("late"))); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("%d, %v", n, err)
	}
	if *c.sealer.key != (box.Key{}) || *c.opener.key != (box.Key{}) || *client.key != [keySize]byte{} {
		t.Error("a key is left")
	}
}

// newPair makes a pair of keys.
func newPair(tb testing.TB) curve.Pair {
	tb.Helper()
	keys, err := curve.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

// TestAuthorizeStatus: each status is sent to the peer, or not, as in RFC 27, in
// each mechanism.
func TestAuthorizeStatus(t *testing.T) {
	server, client := newPair(t), newPair(t)
	for name, m := range map[string]struct{ server, client Mechanism }{
		"NULL": {}, "PLAIN": {PlainServer, PlainClient("joe", "secret")}, "CURVE": {CurveServer(server), CurveClient(server.Public, client)},
	} {
		for status, told := range map[int]int{200: 0, 300: 0, 400: 400, 500: 500, 42: 500} {
			t.Run(fmt.Sprint(name, status), func(t *testing.T) {
				near, far := tcpPair(t)
				served := make(chan handshakeResult, 1)
				c := configOf("REP")
				c.Server, c.Security, c.Domain, c.Address = true, m.server, "here", "192.0.2.1"
				c.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
					if r.Domain != "here" || r.Address != "192.0.2.1" || r.Mechanism != name ||
						name == "PLAIN" && (r.Username != "joe" || r.Password != "secret") ||
						name == "CURVE" && !bytes.Equal(r.Key, client.Public[:]) {
						t.Errorf("asked %+v", r)
					}
					return zap.Reply{Status: status, Text: "because", UserID: "joe"}
				}
				go func() {
					p, _, err := Handshake(near, c)
					served <- handshakeResult{peer: p, err: err}
				}()
				d := configOf("REQ")
				d.Security = m.client
				_, _, err := Handshake(far, d)
				got := <-served
				if status == 200 {
					if err != nil || got.err != nil || got.peer.UserID != "joe" {
						t.Errorf("%v, %v, %+v", err, got.err, got.peer)
					}
					return
				}
				var own, theirs *HandshakeError
				if !errors.As(got.err, &own) || own.Kind != FailureAuth || !strings.Contains(own.Error(), "because") {
					t.Errorf("the server: %v", got.err)
				}
				if !errors.As(err, &theirs) || theirs.Status != told || theirs.Fatal() != (told > 0) {
					t.Errorf("the client: %v", err)
				}
			})
		}
	}
}

// TestC87PlainMalformed: a HELLO that is not a name and a password is refused
// without asking Authorize.
func TestC87PlainMalformed(t *testing.T) {
	for _, hello := range []string{"", "\x01", "\x01u", "\x01u\x05pass", "\x01u\x04pass!", "\x01u\x01p\x00", "\xffu\x01p"} {
		c := configOf("REP")
		c.Server, c.Security = true, PlainServer
		c.Authorize = func(context.Context, *zap.Request) zap.Reply {
			t.Errorf("asked about %q", hello)
			return zap.Allow("")
		}
		p := meet(t, c)
		p.send(string(plainGreeting), cmd("HELLO", hello))
		if sent := p.fails(FailureProtocol, "malformed HELLO"); sent != string(newGreeting("PLAIN", true)) {
			t.Errorf("sent %q", sent)
		}
	}
	c := configOf("REP")
	c.Server, c.Security = true, PlainServer
	p := meet(t, c)
	p.send(string(plainGreeting), cmd("INITIATE", prop("Socket-Type", "REQ")))
	p.fails(FailureProtocol, `command "INITIATE" where HELLO was due`)

	// Without Authorize nobody is let in.
	p = meet(t, c)
	p.send(string(plainGreeting), cmd("HELLO", "\x01u\x01p"))
	p.fails(FailureAuth, "this server has no check for passwords")

	d := plainConfig()
	p = meet(t, d)
	p.send(string(plainGreeting), cmd("WELCOME", "x"))
	p.fails(FailureProtocol, "malformed WELCOME")
}

// FuzzCurveTraffic sends anything at all to a server that has finished its
// handshake, as sealed frames and between them. A frame that does not open yields
// no message.
func FuzzCurveTraffic(f *testing.F) {
	f.Add([]byte(message("hello")), []byte{}, 3)
	f.Add([]byte(cmd("SUBSCRIBE", "news")), []byte(message("in clear")), 1)
	f.Add([]byte(cmd("PING", "\x00\x00sealed")+message("a", "", "b")), []byte("\x00\x22\x07MESSAGE"), 50)
	f.Fuzz(func(t *testing.T, clearText, behind []byte, size int) {
		const most = 8 << 10
		client, _ := sessions()
		s := newSealer(client)
		var wire strings.Builder
		for rest := clearText; len(rest) > 0; {
			_, n, header := framing.ParseHeader(rest)
			if header == 0 || n > uint64(len(rest)-header) {
				break
			}
			end := header + int(n)
			wire.WriteString(sealedBy(t, s, rest[:end], 1+int(uint(size)%100)))
			rest = rest[end:]
		}
		setup := Setup{Publisher: true, Limits: Limits{MaxSize: most, MaxFrames: 16}}
		said := wire.String() + string(behind)
		var whole outcome
		if used := allocated(func() { whole = hearSealed(t, setup, said) }); used > 64*uint64(len(said))+1<<20 {
			t.Errorf("%d bytes allocated for %d", used, len(said))
		}
		for _, wire := range whole.messages {
			parsed, _ := framing.ParseMessage(nil, []byte(wire))
			m := frames.Message(parsed)
			if m.Size() > most+1 || len(m) > 16 {
				t.Errorf("a message of %d bytes in %d frames", m.Size(), len(m))
			}
		}
		var cut []string
		for i := 0; i < len(said); i += 1 + int(uint(size)%300) {
			cut = append(cut, said[i:min(len(said), i+1+int(uint(size)%300))])
		}
		pieced := hearSealed(t, setup, cut...)
		if (pieced.err == "") != (whole.err == "") {
			t.Errorf("%q in pieces, %q whole", pieced.err, whole.err)
		}
		pieced.err = whole.err // the announced size of what would not open may be too large
		checkOutcome(t, "cut", pieced, whole)
	})
}

// FuzzCurveCommands gives any content to each command that the two sides read.
func FuzzCurveCommands(f *testing.F) {
	server, client := newPair(f), newPair(f)
	f.Add(make([]byte, helloSize))
	f.Add(make([]byte, welcomeSize))
	f.Add(make([]byte, leastInit+20))
	f.Add(appendProperty(nil, property{socketTypeProperty, "REP"}))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, _ := CurveServer(server)().(*curveServer)
		if _, err := s.welcome(bytes.Clone(body)); err == nil {
			t.Error("a HELLO that nobody made")
		}
		secret, err := freshPair()
		if err != nil {
			t.Fatal(err)
		}
		public := secret.PublicKey().Bytes()
		s.clientKey, s.secret = public, secret
		s.guard = &guard{config: configOf("REP")}
		if _, err := s.admitClient(bytes.Clone(body)); err == nil {
			t.Error("an INITIATE that nobody made")
		}
		if _, _, err := openWelcome(bytes.Clone(body), (*[keySize]byte)(secret.Bytes())); err == nil {
			t.Error("a WELCOME that nobody made")
		}
		c, _ := CurveClient(server.Public, client)().(*curveClient)
		c.guard = &guard{config: configOf("REQ")}
		if c.takeReady(secrets{key: (*[keySize]byte)(secret.Bytes())}, bytes.Clone(body)) == nil {
			t.Error("a READY that nobody made")
		}

		// The same inside a box that opens: a peer with keys may send anything.
		shared, err := agree(public, secret)
		if err != nil {
			t.Fatal(err)
		}
		cookie, nonce := randomNonce(nil, cookieNonce)
		cookie = secretbox.Seal(cookie, s.cookieKeys(), nonce, &s.cookieKey)
		initiate := secretbox.Seal(append(cookie, counter(9)...), body, nonceOf(initiateNonce, counter(9)), shared)
		if _, err := s.admitClient(initiate); err == nil {
			t.Error("a vouch that nobody made")
		}
		ready := secretbox.Seal(counter(9), body, nonceOf(readyNonce, counter(9)), shared)
		err = c.takeReady(secrets{key: shared}, ready)
		if judged := configOf("REQ").judge(new(Peer), body); (err == nil) != (judged == nil) {
			t.Errorf("%q: %v, but %v", body, err, judged)
		}
	})
}

// BenchmarkCurve measures the cost of sealing and opening on top of BenchmarkRead:
// a write and a read carry batches of frames, and no message costs an allocation.
func BenchmarkCurve(b *testing.B) {
	for _, size := range []int{16, 100, 1024, 65536} {
		batch := []byte{}
		count := max(1, 65536/size)
		for range count {
			batch = framing.AppendFrame(batch, bytes.Repeat([]byte("x"), size), false)
		}
		b.Run(fmt.Sprintf("seal/size=%d", size), func(b *testing.B) {
			client, _ := sessions()
			s := newSealer(client)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for n := 0; n < b.N; n += count {
				if _, err := s.write(batch, sealedWrite, func(p []byte) (int, error) { return len(p), nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("open/size=%d", size), func(b *testing.B) {
			client, server := sessions()
			sealed := sealedBy(b, newSealer(client), batch, sealedWrite)
			c := NewConn(&pieces{}, Peer{secrets: server}, []byte(sealed), Setup{})
			defer c.Close()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for n := 0; n < b.N; {
				c.opener.next, c.opener.received = 0, 0 // once more
				slab, err := c.Read()
				if err != nil {
					b.Fatal(err)
				}
				n += slab.Count
				slab.Recycle()
			}
		})
	}
}
