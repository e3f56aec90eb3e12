package zmtp

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"sync"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/salsa20/salsa" //nolint:staticcheck // RFC 26 wants HSalsa20 as NaCl's box has it

	"github.com/zcat/zcat/pkg/sockets/curve"
)

// CURVE (RFC 26) in four files: this one has what the two sides of its handshake
// share, curve_server.go and curve_client.go are those sides, curve_seal.go and
// curve_open.go carry the traffic behind it. The RFC names the keys: C and c are
// the client's permanent pair, S and s the server's, C' c' S' s' those that live
// as long as a connection; the small letter is the secret half.

// The sizes of the commands without their names, and of their parts, in bytes.
const (
	keySize     = curve.KeySize
	longSize    = 16 // the part of a long nonce that is sent
	shortSize   = 8  // of a short one
	cookieSize  = longSize + box.Overhead + 2*keySize
	vouchSize   = box.Overhead + 2*keySize
	helloSize   = 2 + 72 + keySize + shortSize + box.Overhead + 64
	welcomeSize = longSize + box.Overhead + keySize + cookieSize
	leastReady  = shortSize + box.Overhead
	leastInit   = cookieSize + shortSize + box.Overhead + keySize + longSize + vouchSize
)

// The prefixes of the nonces; what is sent of one follows them.
const (
	helloNonce    = "CurveZMQHELLO---"
	welcomeNonce  = "WELCOME-"
	cookieNonce   = "COOKIE--"
	initiateNonce = "CurveZMQINITIATE"
	vouchNonce    = "VOUCH---"
	readyNonce    = "CurveZMQREADY---"
	clientNonce   = "CurveZMQMESSAGEC"
	serverNonce   = "CurveZMQMESSAGES"
)

// nonceOf is a nonce out of its prefix and what is sent of it.
func nonceOf[T string | []byte](prefix string, sent T) *[24]byte {
	var n [24]byte
	copy(n[copy(n[:], prefix):], sent)
	return &n
}

// counter is what is sent of a short nonce.
func counter(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// randomNonce appends 16 random bytes to dst and returns them as a nonce, too.
func randomNonce(dst []byte, prefix string) ([]byte, *[24]byte) {
	at := len(dst)
	dst = append(dst, make([]byte, longSize)...)
	_, _ = rand.Read(dst[at:]) // it never fails
	return dst, nonceOf(prefix, dst[at:])
}

// agree computes the key that two sides share, as box.Precompute does, which works
// twice as long: it makes the public half of secret each time. A public key for
// which everybody can compute it is refused.
func agree(public []byte, secret *ecdh.PrivateKey) (*[keySize]byte, error) {
	theirs, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		return nil, protocolFailure("%w", err)
	}
	point, err := secret.ECDH(theirs)
	if err != nil { // it is of low order
		return nil, cryptoFailure("a key that protects nothing")
	}
	defer clear(point)
	shared := new([keySize]byte)
	salsa.HSalsa20(shared, new([16]byte), (*[keySize]byte)(point), &salsa.Sigma)
	return shared, nil
}

// freshPair makes the keys of one connection.
func freshPair() (*ecdh.PrivateKey, error) { return ecdh.X25519().GenerateKey(rand.Reader) }

// permanent is the secret half of keys, made ready for use when that begins.
func permanent(keys curve.Pair) func() *ecdh.PrivateKey {
	return sync.OnceValue(func() *ecdh.PrivateKey {
		key, _ := ecdh.X25519().NewPrivateKey(keys.Secret.Bytes()[:]) // it has the right size
		return key
	})
}

// secrets are what a handshake leaves to the traffic behind it: a key, and the
// last nonce of each side.
type secrets struct {
	key            *[keySize]byte
	sent, received uint64
	server         bool
}

// curveMechanism is what both sides are made of.
type curveMechanism struct {
	inClear
	guard *guard
}

func (*curveMechanism) Type() zmq4.SecurityType { return zmq4.CurveSecurity }
func (m *curveMechanism) attend(g *guard)       { m.guard = g }
func (*curveMechanism) seals()                  {}

// finish hands the key over to the connection.
func (m *curveMechanism) finish(s secrets) { m.guard.peer.secrets = &s }

// seal makes c one that encrypts what it writes and decrypts what it reads. rest
// is what arrived behind the handshake.
func (c *Conn) seal(s *secrets, rest []byte) {
	c.sealer, c.opener = newSealer(s), newOpener(s, rest)
	c.get, c.put = c.opener.get, c.opener.put
	clear(s.key[:])
	c.Peer.secrets = nil
}
