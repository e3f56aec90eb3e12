package sockets

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// rawCurve is one side of CURVE, written by hand from RFC 26. The tests change what
// it would send.
type rawCurve struct {
	*rawPeer
	own            curve.Pair
	theirs         curve.PublicKey // S to a client, C to a server
	public, secret *[32]byte       // C' or S' and its secret half
	far            *[32]byte       // the other one
	shared         [32]byte        // of the two
	sent           uint64
	serves         bool

	vouched func(clear []byte) // changes what is inside a vouch
}

func newRawCurve(p *rawPeer, own curve.Pair, theirs curve.PublicKey) *rawCurve {
	p.t.Helper()
	c := &rawCurve{rawPeer: p, own: own, theirs: theirs}
	var err error
	c.public, c.secret, err = box.GenerateKey(rand.Reader)
	try(p.t, err)
	p.send(curveGreeting)
	p.readGreeting()
	return c
}

var curveGreeting = strings.Replace(greeting(1), "NULL\x00", "CURVE", 1)

// seal returns a box for key with a nonce of the given prefix.
func (c *rawCurve) seal(text, prefix, rest string, key, secret *[32]byte) string {
	var nonce [24]byte
	copy(nonce[:], prefix+rest)
	return string(box.Seal(nil, []byte(text), &nonce, key, secret))
}

func (c *rawCurve) open(sealed, prefix, rest string, key, secret *[32]byte) string {
	c.t.Helper()
	var nonce [24]byte
	copy(nonce[:], prefix+rest)
	text, ok := box.Open(nil, []byte(sealed), &nonce, key, secret)
	if !ok {
		c.t.Fatalf("a box with the nonce %q does not open", nonce)
	}
	return string(text)
}

func number(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

const longNonce = "0123456789abcdef"

// hello returns the body of a HELLO.
func (c *rawCurve) hello() string {
	c.sent++
	sealed := c.seal(strings.Repeat("\x00", 64), "CurveZMQHELLO---", number(c.sent), (*[32]byte)(&c.theirs), c.secret)
	return "\x05HELLO\x01\x00" + strings.Repeat("\x00", 72) + string(c.public[:]) + number(c.sent) + sealed
}

// initiate reads a WELCOME and returns the body of the INITIATE that answers it.
func (c *rawCurve) initiate(peerType string) string {
	c.t.Helper()
	welcome := c.expectCommand("WELCOME")
	if len(welcome) != 160 {
		c.t.Fatalf("a WELCOME of %d bytes", len(welcome))
	}
	inner := c.open(welcome[16:], "WELCOME-", welcome[:16], (*[32]byte)(&c.theirs), c.secret)
	c.far = (*[32]byte)([]byte(inner[:32]))
	box.Precompute(&c.shared, c.far, c.secret)
	vouch := append(append([]byte(nil), c.public[:]...), c.theirs[:]...)
	if c.vouched != nil {
		c.vouched(vouch)
	}
	sealedVouch := c.seal(string(vouch), "VOUCH---", longNonce, c.far, c.own.Secret.Bytes())
	c.sent++
	sealed := c.seal(string(c.own.Public[:])+longNonce+sealedVouch+prop("Socket-Type", peerType), "CurveZMQINITIATE", number(c.sent), c.far, c.secret)
	return "\x08INITIATE" + inner[32:] + number(c.sent) + sealed
}

// ready reads a READY and returns the metadata in it.
func (c *rawCurve) ready() string {
	c.t.Helper()
	sealed := c.expectCommand("READY")
	return c.open(sealed[8:], "CurveZMQREADY---", sealed[:8], c.far, c.secret)
}

// messageOf returns the body of a MESSAGE under a nonce.
func (c *rawCurve) messageOf(n uint64, flags byte, text string) string {
	prefix := "CurveZMQMESSAGEC"
	if c.serves {
		prefix = "CurveZMQMESSAGES"
	}
	return "\x07MESSAGE" + number(n) + c.seal(string([]byte{flags})+text, prefix, number(n), c.far, c.secret)
}

// message returns the next MESSAGE.
func (c *rawCurve) message(flags byte, text string) string {
	c.sent++
	return c.messageOf(c.sent, flags, text)
}

// expectSealed reads a MESSAGE under a nonce.
func (c *rawCurve) expectSealed(n uint64, flags byte, text string) {
	c.t.Helper()
	outer, body := c.readFrame()
	if outer&^2 != 0 || !strings.HasPrefix(body, "\x07MESSAGE"+number(n)) {
		c.t.Fatalf("frame %02x %s, want MESSAGE %d", outer, cutShort(body), n)
	}
	prefix := "CurveZMQMESSAGES"
	if c.serves {
		prefix = "CurveZMQMESSAGEC"
	}
	if got := c.open(body[16:], prefix, number(n), c.far, c.secret); got != string([]byte{flags})+text {
		c.t.Fatalf("inside is %s, want %02x %s", cutShort(got), flags, cutShort(text))
	}
}

// curveClient connects to a server and does the handshake.
func curveClientOf(tb testing.TB, endpoint string, server curve.PublicKey, peerType string) *rawCurve {
	tb.Helper()
	c := newRawCurve(dialRaw(tb, endpoint), newKeys(tb), server)
	c.send(frame(4, c.hello()))
	c.send(frame(4, c.initiate(peerType)))
	c.ready()
	return c
}

// TestC89Nonces: MESSAGE has the flags 00 or 02, and nonces that count from 3 for
// a client, from 2 for a server.
func TestC89Nonces(t *testing.T) {
	server := newKeys(t)
	push := newSocket(t, Push, with(CurveServer(server)))
	c := curveClientOf(t, bind(t, push, anyPort), server.Public, "PULL")
	long := strings.Repeat("x", 300)
	sendParts(t, push, "a", "", long)
	sendParts(t, push, "b")
	c.expectSealed(2, 1, "a")
	c.expectSealed(3, 1, "")
	c.expectSealed(4, 0, long)
	c.expectSealed(5, 0, "b")

	client := newKeys(t)
	l := listenRaw(t, anyPort)
	sub := newSocket(t, Sub, with(CurveClient(server.Public, client)))
	try(t, sub.Subscribe([]byte("news")))
	try(t, sub.Connect(l.endpoint))
	s := newRawServer(t, l, server)
	s.welcome(nil)
	if key := s.admit(nil, "PUB"); key != string(client.Public[:]) {
		t.Errorf("the client's key is %x", key)
	}
	s.expectSealed(3, 2, "\x09SUBSCRIBEnews")
	s.send(frame(0, s.message(2, "\x04PING\x00\x00sealed")))
	s.expectSealed(4, 2, "\x04PONGsealed")
	s.send(frame(0, s.message(1, "news")), frame(0, s.message(0, "flash")))
	expectParts(t, sub, "news", "flash")
}

// newRawServer accepts a client of a server with keys.
func newRawServer(tb testing.TB, l *rawListener, keys curve.Pair) *rawCurve {
	tb.Helper()
	s := newRawCurve(l.accept(), keys, curve.PublicKey{})
	s.serves = true
	return s
}

// welcome reads a HELLO and answers it; change may change the answer.
func (c *rawCurve) welcome(change func([]byte)) {
	c.t.Helper()
	hello := c.expectCommand("HELLO")
	if len(hello) != 194 {
		c.t.Fatalf("a HELLO of %d bytes", 6+len(hello))
	}
	c.far = (*[32]byte)([]byte(hello[74:106]))
	c.open(hello[114:], "CurveZMQHELLO---", hello[106:114], c.far, c.own.Secret.Bytes())
	box.Precompute(&c.shared, c.far, c.secret)
	cookie := longNonce + string(secretbox.Seal(nil, make([]byte, 64), new([24]byte), new([32]byte)))
	sealed := c.seal(string(c.public[:])+cookie, "WELCOME-", longNonce, c.far, c.own.Secret.Bytes())
	c.answer("\x07WELCOME"+longNonce+sealed, change)
}

func (c *rawCurve) answer(body string, change func([]byte)) {
	b := []byte(body)
	if change != nil {
		change(b)
	}
	c.send(frame(4, string(b)))
}

// admit reads an INITIATE, answers it, and returns the client's key.
func (c *rawCurve) admit(change func([]byte), peerType string) string {
	c.t.Helper()
	initiate := c.expectCommand("INITIATE")
	inner := c.open(initiate[104:], "CurveZMQINITIATE", initiate[96:104], c.far, c.secret)
	key := (*[32]byte)([]byte(inner[:32]))
	vouch := c.open(inner[48:128], "VOUCH---", inner[32:48], key, c.secret)
	if vouch != string(c.far[:])+string(c.own.Public[:]) {
		c.t.Error("the vouch has other keys")
	}
	c.sent++
	sealed := c.seal(prop("Socket-Type", peerType), "CurveZMQREADY---", number(c.sent), c.far, c.secret)
	c.answer("\x05READY"+number(c.sent)+sealed, change)
	return inner[:32]
}

// flip changes a bit at an offset.
func flip(at int) func([]byte) { return func(b []byte) { b[at] ^= 1 } }

// TestC90FlippedBits: a flipped bit in any box of either side closes the connection
// without an answer.
func TestC90FlippedBits(t *testing.T) {
	server := newKeys(t)
	push := newSocket(t, Push, with(CurveServer(server)))
	endpoint := bind(t, push, anyPort)
	silent := func(t *testing.T, c *rawCurve, at int) {
		t.Helper()
		if sent := c.expectClosed(); sent != "" {
			t.Errorf("byte %d: %q", at, sent)
		}
		c.hangUp()
	}
	t.Run("HELLO", func(t *testing.T) {
		for at := 80; at < 200; at++ {
			c := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
			c.answer(c.hello(), flip(at))
			silent(t, c, at)
		}
	})
	t.Run("INITIATE", func(t *testing.T) {
		for at := 9; at < 257; at++ {
			c := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
			c.send(frame(4, c.hello()))
			c.answer(c.initiate("PULL"), flip(at))
			silent(t, c, at)
		}
	})
	t.Run("vouch", func(t *testing.T) {
		for at := range 64 {
			c := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
			c.vouched = flip(at)
			c.send(frame(4, c.hello()))
			c.send(frame(4, c.initiate("PULL")))
			silent(t, c, at)
		}
	})
	t.Run("MESSAGE", func(t *testing.T) {
		pull := newSocket(t, Pull, with(CurveServer(server)))
		endpoint := bind(t, pull, anyPort)
		for at := range 16 + 16 + 4 {
			c := curveClientOf(t, endpoint, server.Public, "PUSH")
			b := []byte(c.message(0, "abc"))
			b[at] ^= 1
			c.send(frame(0, string(b)))
			silent(t, c, at)
		}
		c := curveClientOf(t, endpoint, server.Public, "PUSH")
		c.send(frame(0, c.message(0, "as it was made")))
		expectParts(t, pull, "as it was made")
	})
	client := func(t *testing.T, size int, spoil func(s *rawCurve, at int)) {
		t.Helper()
		l := listenRaw(t, anyPort)
		for at := range size {
			pull := newSocket(t, Pull, with(CurveClient(server.Public, newKeys(t))))
			try(t, pull.Connect(l.endpoint))
			s := newRawServer(t, l, server)
			spoil(s, at)
			if sent := s.expectClosed(); sent != "" {
				t.Errorf("byte %d: %q", at, sent)
			}
			if _, err := pull.Recv(within(t)); err == nil {
				t.Errorf("byte %d: a message", at)
			}
			try(t, pull.Close())
		}
	}
	t.Run("WELCOME", func(t *testing.T) {
		client(t, 160, func(s *rawCurve, at int) { s.welcome(flip(8 + at)) })
	})
	t.Run("READY", func(t *testing.T) {
		client(t, 24, func(s *rawCurve, at int) {
			s.welcome(nil)
			s.admit(flip(6+at), "PUSH")
		})
	})
}

// TestC90MalformedHandshake: a handshake that is not that of RFC 26 gets no answer.
func TestC90MalformedHandshake(t *testing.T) {
	server := newKeys(t)
	push := newSocket(t, Push, with(CurveServer(server)))
	endpoint := bind(t, push, anyPort)
	for name, say := range map[string]func(c *rawCurve) string{
		"199 bytes":        func(c *rawCurve) string { return c.hello()[:199] },
		"201 bytes":        func(c *rawCurve) string { return c.hello() + "\x00" },
		"version 2.0":      func(c *rawCurve) string { b := []byte(c.hello()); b[6] = 2; return string(b) },
		"version 1.1":      func(c *rawCurve) string { b := []byte(c.hello()); b[7] = 1; return string(b) },
		"INITIATE first":   func(*rawCurve) string { return "\x08INITIATE" + strings.Repeat("\x00", 248) },
		"a key of order 1": func(c *rawCurve) string { b := []byte(c.hello()); clear(b[80:112]); return string(b) },
		"another server": func(c *rawCurve) string {
			c.theirs = newKeys(t).Public
			return c.hello()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
			c.send(frame(4, say(c)))
			if sent := c.expectClosed(); sent != "" {
				t.Errorf("sent %q", sent)
			}
		})
	}
	t.Run("nothing but zeros in HELLO", func(t *testing.T) {
		c := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
		c.sent++
		sealed := c.seal(strings.Repeat("\x01", 64), "CurveZMQHELLO---", number(1), (*[32]byte)(&c.theirs), c.secret)
		c.send(frame(4, "\x05HELLO\x01\x00"+strings.Repeat("\x00", 72)+string(c.public[:])+number(1)+sealed))
		if sent := c.expectClosed(); sent != "" {
			t.Errorf("sent %q", sent)
		}
	})
	t.Run("short INITIATE", func(t *testing.T) {
		c := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
		c.send(frame(4, c.hello()))
		c.send(frame(4, c.initiate("PULL")[:256]))
		if sent := c.expectClosed(); sent != "" {
			t.Errorf("sent %q", sent)
		}
	})
	t.Run("another socket type", func(t *testing.T) {
		c := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
		c.send(frame(4, c.hello()))
		c.send(frame(4, c.initiate("PUB")))
		if reason := c.expectCommand("ERROR"); !strings.Contains(reason, "PUB") {
			t.Errorf("told %q", reason)
		}
		c.expectClosed()
	})
}

// TestC90WrongServer: a client talks only to a server with the key that it knows,
// and the refusal is final.
func TestC90WrongServer(t *testing.T) {
	server, impostor := newKeys(t), newKeys(t)
	l := listenRaw(t, anyPort)
	pull := newSocket(t, Pull, with(CurveClient(server.Public, newKeys(t))))
	try(t, pull.Connect(l.endpoint))
	s := newRawServer(t, l, impostor)
	s.expectCommand("HELLO")
	s.send(frame(4, "\x07WELCOME"+strings.Repeat("w", 160)))
	if sent := s.expectClosed(); sent != "" {
		t.Errorf("sent %q", sent)
	}
	_, err := pull.Recv(within(t))
	wantRefusal(t, err, l.endpoint, false, "WELCOME does not open")
}

// TestC91Nonces: a nonce comes once, and later ones are larger; a gap is allowed.
func TestC91Nonces(t *testing.T) {
	server := newKeys(t)
	pull := newSocket(t, Pull, with(CurveServer(server)))
	endpoint := bind(t, pull, anyPort)
	for name, second := range map[string]uint64{"replayed": 10, "decreasing": 9, "that of INITIATE": 2, "zero": 0} {
		t.Run(name, func(t *testing.T) {
			c := curveClientOf(t, endpoint, server.Public, "PUSH")
			c.send(frame(0, c.messageOf(10, 0, "behind a gap")))
			expectParts(t, pull, "behind a gap")
			c.send(frame(0, c.messageOf(second, 0, "again")))
			if sent := c.expectClosed(); sent != "" {
				t.Errorf("sent %q", sent)
			}
		})
	}
	c := curveClientOf(t, endpoint, server.Public, "PUSH")
	c.send(frame(0, c.messageOf(3, 0, "one")), frame(0, c.messageOf(1<<63, 0, "two")), frame(0, c.messageOf(1<<64-1, 0, "three")))
	for _, text := range []string{"one", "two", "three"} {
		expectParts(t, pull, text)
	}
}

// TestC91ClearText: a frame that is not sealed ends the connection, and so does one
// that is no MESSAGE or has reserved bits.
func TestC91ClearText(t *testing.T) {
	server := newKeys(t)
	pull := newSocket(t, Pull, with(CurveServer(server)))
	endpoint := bind(t, pull, anyPort)
	for name, say := range map[string]func(c *rawCurve) string{
		"message":           func(*rawCurve) string { return message("in clear") },
		"long message":      func(*rawCurve) string { return message(strings.Repeat("in clear", 100)) },
		"empty message":     func(*rawCurve) string { return message("") },
		"PING":              func(*rawCurve) string { return command("PING", "\x00\x00") },
		"READY":             func(*rawCurve) string { return ready("PUSH") },
		"ERROR":             func(*rawCurve) string { return command("ERROR", "\x03400") },
		"MORE outside":      func(c *rawCurve) string { return frame(1, c.message(0, "x")) },
		"COMMAND outside":   func(c *rawCurve) string { return frame(4, c.message(0, "x")) },
		"another name":      func(c *rawCurve) string { return frame(0, "\x07MASSAGE"+c.message(0, "x")[8:]) },
		"reserved bits":     func(c *rawCurve) string { return frame(0, c.message(4, "x")) },
		"a command of MORE": func(c *rawCurve) string { return frame(0, c.message(3, "\x04PING\x00\x00")) },
		"no flags":          func(c *rawCurve) string { return frame(0, c.message(0, "")[:32]) },
	} {
		t.Run(name, func(t *testing.T) {
			c := curveClientOf(t, endpoint, server.Public, "PUSH")
			c.send(frame(0, c.message(0, "good")))
			expectParts(t, pull, "good")
			c.send(say(c))
			if sent := c.expectClosed(); sent != "" {
				t.Errorf("sent %q", sent)
			}
		})
	}
	expectWait(t, "receive", func(ctx context.Context) error { _, err := pull.Recv(ctx); return err })
}

// TestC93NoDowngrade: a peer that does not speak the mechanism gets no data and
// delivers none, in each pair of mechanisms and with older versions.
func TestC93NoDowngrade(t *testing.T) {
	server := newKeys(t)
	everybody := func(context.Context, *zap.Request) zap.Reply { return zap.Allow("") }
	for name, s := range map[string]Security{"CURVE": CurveServer(server), "PLAIN": PlainServer()} {
		pub := newSocket(t, Pub, with(s), func(o *Options) { o.Authorize = everybody })
		endpoint := bind(t, pub, anyPort)
		for peer, said := range map[string]string{
			"NULL":          greeting(1) + ready("SUB") + command("SUBSCRIBE", ""),
			"PLAIN":         strings.Replace(greeting(1), "NULL\x00", "PLAIN", 1) + command("HELLO", "\x01u\x01p"),
			"CURVE":         curveGreeting + command("HELLO", strings.Repeat("\x00", 194)),
			"lower case":    strings.Replace(greeting(1), "NULL\x00", strings.ToLower(name), 1) + ready("SUB"),
			"ZMTP 2.0":      "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x02\x00\x00\x00\x01\x01",
			"ZMTP 1.0":      "\x01\x00\x01\x01",
			"HTTP":          "GET / HTTP/1.1\r\n\r\n",
			"READY at once": strings.Replace(greeting(1), "NULL\x00", name, 1) + ready("SUB") + command("SUBSCRIBE", ""),
		} {
			if peer == name && peer == "PLAIN" {
				continue // it is let in
			}
			t.Run(peer+" to "+name, func(t *testing.T) {
				p := dialRaw(t, endpoint)
				p.send(said)
				sent := p.expectClosed()
				if len(sent) > 64 || strings.Contains(sent, "READY") {
					t.Errorf("sent %q", sent)
				}
			})
		}
		if stats := pub.Stats(); stats.Peers != 0 || stats.Subscribers != 0 {
			t.Errorf("%s: %+v", name, stats)
		}
	}
}

// TestCurveMaxSize: the limit is for the decrypted message as a whole, and no
// memory is allocated for a larger one.
func TestCurveMaxSize(t *testing.T) {
	server := newKeys(t)
	pull := newSocket(t, Pull, with(CurveServer(server)), func(o *Options) { o.MaxSize, o.MaxFrames = 1000, 3 })
	endpoint := bind(t, pull, anyPort)
	text := strings.Repeat("x", 1000)
	c := curveClientOf(t, endpoint, server.Public, "PUSH")
	c.send(frame(0, c.message(0, text)), frame(0, c.message(1, text[:600])), frame(0, c.message(0, text[:400])))
	expectParts(t, pull, text)
	expectParts(t, pull, text[:600], text[:400])
	for name, say := range map[string]func(c *rawCurve) []string{
		"one frame":   func(c *rawCurve) []string { return []string{frame(0, c.message(0, text+"x"))} },
		"two frames":  func(c *rawCurve) []string { return []string{frame(0, c.message(1, text)), frame(0, c.message(0, "x"))} },
		"announced":   func(*rawCurve) []string { return []string{header(0, 1034)} },
		"announced 2": func(c *rawCurve) []string { return []string{frame(0, c.message(1, text[:600])), header(0, 434)} },
		"2^40":        func(*rawCurve) []string { return []string{header(0, 1<<40)} },
		"2^64-1":      func(*rawCurve) []string { return []string{header(0, 1<<64-1)} },
		"a long PING": func(c *rawCurve) []string {
			return []string{frame(0, c.message(2, "\x04PING"+strings.Repeat("x", 8000)))}
		},
		"four frames": func(c *rawCurve) []string {
			return []string{frame(0, c.message(1, "")), frame(0, c.message(1, "")), frame(0, c.message(1, "")), frame(0, c.message(0, ""))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := curveClientOf(t, endpoint, server.Public, "PUSH")
			c.send(say(c)...)
			c.expectClosed()
		})
	}
	expectWait(t, "receive", func(ctx context.Context) error { _, err := pull.Recv(ctx); return err })
}

// TestCurvePieces: MESSAGE may arrive in pieces of any size.
func TestCurvePieces(t *testing.T) {
	server := newKeys(t)
	pull := newSocket(t, Pull, with(CurveServer(server)))
	c := curveClientOf(t, bind(t, pull, anyPort), server.Public, "PUSH")
	var wire strings.Builder
	for i := range 20 {
		wire.WriteString(frame(0, c.message(1, fmt.Sprint(i))))
		wire.WriteString(frame(0, c.message(2, "\x04PING\x00\x00")))
		wire.WriteString(frame(0, c.message(0, strings.Repeat("y", 20*i))))
	}
	all := wire.String()
	for step := 1; len(all) > 0; step++ {
		n := min(step, len(all))
		c.send(all[:n])
		all = all[n:]
	}
	for i := range 20 {
		expectParts(t, pull, fmt.Sprint(i), strings.Repeat("y", 20*i))
	}
	for range 20 {
		if flags, _ := c.readFrame(); flags != 0 {
			t.Errorf("flags %02x", flags)
		}
	}
}

// TestCurveUnsent: messages that are sealed and not written do not count as sent.
func TestCurveUnsent(t *testing.T) {
	server := newKeys(t)
	push := newSocket(t, Push, with(CurveServer(server)), func(o *Options) { o.SendHWM, o.SendBuffer = 0, 4096 })
	c := curveClientOf(t, bind(t, push, anyPort), server.Public, "PULL")
	const count = 3000
	for range count {
		sendParts(t, push, strings.Repeat("x", 4000))
	}
	var unsent *UnsentError
	if err := push.Close(); !errors.As(err, &unsent) {
		t.Fatal(err)
	}
	got := bytes.Count([]byte(c.expectClosed()), []byte("\x07MESSAGE"))
	if whole := count - unsent.Messages; got != whole && got != whole+1 { // the last one in part
		t.Errorf("%d of %d left unsent, but %d came", unsent.Messages, count, got)
	}
}
