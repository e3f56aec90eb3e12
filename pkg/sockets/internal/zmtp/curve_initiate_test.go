package zmtp

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/crypto/nacl/box"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// initiating is a client of CURVE that has its WELCOME, controlled by a test.
type initiating struct {
	*rawPeer
	server, own curve.Pair
	secret      *ecdh.PrivateKey // c'
	sessionKey  []byte           // S'
	cookie      []byte
	mechanism   *curveServer
}

// initiator connects a client whose HELLO has the given nonce to a server.
func initiator(t *testing.T, helloNumber uint64) *initiating {
	t.Helper()
	c := &initiating{server: newPair(t), own: newPair(t)}
	config := configOf("REP")
	serve := CurveServer(c.server)
	config.Server, config.Security = true, func() zmq4.Security {
		m := serve()
		c.mechanism, _ = m.(*curveServer)
		return m
	}
	config.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
		if !bytes.Equal(r.Key, c.own.Public[:]) {
			t.Errorf("asked about %x", r.Key)
		}
		return zap.Allow("")
	}
	c.rawPeer = meet(t, config)
	secret, err := freshPair()
	if err != nil {
		t.Fatal(err)
	}
	c.secret = secret
	hello := slices.Concat([]byte{1, 0}, make([]byte, 72), secret.PublicKey().Bytes(), counter(helloNumber))
	hello = box.Seal(hello, make([]byte, 64), nonceOf(helloNonce, counter(helloNumber)), (*[keySize]byte)(&c.server.Public), (*[keySize]byte)(secret.Bytes()))
	c.send(string(newGreeting("CURVE", false)), cmd("HELLO", string(hello)))
	c.expect(string(newGreeting("CURVE", true)))
	welcome := make([]byte, 2+8+welcomeSize)
	if _, err := io.ReadFull(c.Conn, welcome); err != nil {
		t.Fatal(err)
	}
	welcome = welcome[2+8:]
	inner, ok := box.Open(nil, welcome[longSize:], nonceOf(welcomeNonce, welcome[:longSize]), (*[keySize]byte)(&c.server.Public), (*[keySize]byte)(secret.Bytes()))
	if !ok {
		t.Fatal("the WELCOME does not open")
	}
	c.sessionKey, c.cookie = inner[:keySize], inner[keySize:]
	return c
}

// vouch holds the parts of an INITIATE's vouch, as in RFC 26 unless a test changes
// them.
type vouch struct {
	key, server []byte // C' and S, inside
	to, by      []byte // S' and c, whose box it is
	prefix      string // of its nonce
}

// initiate sends an INITIATE with the given nonce.
func (c *initiating) initiate(number uint64, change func(*vouch)) {
	v := vouch{c.secret.PublicKey().Bytes(), c.server.Public[:], c.sessionKey, c.own.Secret.Bytes()[:], vouchNonce}
	if change != nil {
		change(&v)
	}
	long := []byte(strings.Repeat("n", longSize))
	inner := box.Seal(slices.Concat(c.own.Public[:], long), slices.Concat(v.key, v.server), nonceOf(v.prefix, long), (*[keySize]byte)(v.to), (*[keySize]byte)(v.by))
	inner = append(inner, prop("Socket-Type", "REQ")...)
	initiate := slices.Concat(c.cookie, counter(number))
	c.send(cmd("INITIATE", string(box.Seal(initiate, inner, nonceOf(initiateNonce, counter(number)), (*[keySize]byte)(c.sessionKey), (*[keySize]byte)(c.secret.Bytes())))))
}

// TestC91NonceOfInitiate: the nonce of INITIATE is larger than that of HELLO; by
// how much does not matter. An INITIATE whose nonce is not larger gets no answer.
func TestC91NonceOfInitiate(t *testing.T) {
	for _, n := range []struct{ hello, initiate uint64 }{{1, 2}, {0, 1}, {5, 1 << 63}, {1<<64 - 2, 1<<64 - 1}} {
		c := initiator(t, n.hello)
		c.initiate(n.initiate, nil)
		if peer, _ := c.succeeds(); peer.secrets == nil || peer.secrets.received != n.initiate {
			t.Errorf("HELLO %d, INITIATE %d: %+v", n.hello, n.initiate, peer)
		}
	}
	for _, n := range []struct{ hello, initiate uint64 }{{1, 1}, {0, 0}, {2, 1}, {1<<64 - 1, 1<<64 - 1}, {1 << 63, 2}} {
		c := initiator(t, n.hello)
		c.initiate(n.initiate, nil)
		if sent := c.fails(FailureProtocol, "a nonce twice"); sent != "" {
			t.Errorf("HELLO %d, INITIATE %d: sent %q", n.hello, n.initiate, sent)
		}
	}
}

// TestC90Vouch: a client whose vouch is not for this connection and this server, or
// not made with the secret half of its permanent key, is refused without an answer.
func TestC90Vouch(t *testing.T) {
	other := newPair(t)
	for name, change := range map[string]func(*vouch){
		"of another connection":      func(v *vouch) { v.key = other.Public[:] },
		"for another server":         func(v *vouch) { v.server = other.Public[:] },
		"with its keys in turn":      func(v *vouch) { v.key, v.server = v.server, v.key },
		"with the key twice":         func(v *vouch) { v.server = v.key },
		"with the server's twice":    func(v *vouch) { v.key = v.server },
		"by another's long-term key": func(v *vouch) { v.by = other.Secret.Bytes()[:] },
		"to another's key":           func(v *vouch) { v.to = other.Public[:] },
		"with another's nonce":       func(v *vouch) { v.prefix = welcomeNonce },
	} {
		t.Run(name, func(t *testing.T) {
			c := initiator(t, 1)
			c.initiate(2, change)
			if sent := c.fails(FailureProtocol, "vouch"); sent != "" {
				t.Errorf("sent %q", sent)
			}
		})
	}
	t.Run("by the connection's own key", func(t *testing.T) {
		c := initiator(t, 1)
		c.initiate(2, func(v *vouch) { v.by = c.secret.Bytes() })
		c.fails(FailureProtocol, "vouch")
	})
	t.Run("to the server's long-term key", func(t *testing.T) {
		c := initiator(t, 1)
		c.initiate(2, func(v *vouch) { v.to = c.server.Public[:] })
		c.fails(FailureProtocol, "vouch")
	})
}
