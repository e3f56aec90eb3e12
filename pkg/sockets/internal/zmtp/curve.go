package zmtp

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"sync"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/crypto/nacl/secretbox"
	"golang.org/x/crypto/salsa20/salsa" //nolint:staticcheck // RFC 26 wants HSalsa20 as NaCl's box has it

	"github.com/zcat/zcat/pkg/sockets/curve"
)

// CURVE (RFC 26) in five files: this one has what the two sides of its handshake
// share, curve_server.go and curve_client.go are those sides, curve_seal.go and
// curve_open.go carry the traffic after it. The RFC names the keys: C and c are the
// client's permanent pair, S and s the server's, C' c' S' s' those that live as
// long as a connection; the small letter is the secret half.

// The sizes of the commands without their names, and of their parts, in bytes.
const (
	keySize     = curve.KeySize
	longSize    = 16 // the part of a long nonce that is sent
	shortSize   = 8  // of a short one
	cookieSize  = longSize + secretbox.Overhead + 2*keySize
	vouchSize   = secretbox.Overhead + 2*keySize
	helloSize   = 2 + 72 + keySize + shortSize + secretbox.Overhead + 64
	welcomeSize = longSize + secretbox.Overhead + keySize + cookieSize
	leastReady  = shortSize + secretbox.Overhead
	leastInit   = cookieSize + shortSize + secretbox.Overhead + keySize + longSize + vouchSize
)

// The prefixes of the nonces; the part of a nonce that is sent follows its prefix.
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

// nonceOf makes a nonce of its prefix and the part of it that is sent.
func nonceOf[T string | []byte](prefix string, sent T) *[24]byte {
	var n [24]byte
	copy(n[copy(n[:], prefix):], sent)
	return &n
}

// counter returns the part of a short nonce that is sent.
func counter(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// randomNonce appends 16 random bytes to dst, and also returns them as a nonce.
func randomNonce(dst []byte, prefix string) ([]byte, *[24]byte) {
	at := len(dst)
	dst = append(dst, make([]byte, longSize)...)
	_, _ = rand.Read(dst[at:]) // it never fails
	return dst, nonceOf(prefix, dst[at:])
}

// agree computes the key that two sides share. box.Precompute takes twice as long:
// it makes the public half of secret each time. A public key with which everybody
// can compute the shared key is refused.
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

// permanent returns the secret half of keys, which is prepared at its first use.
func permanent(keys curve.Pair) func() *ecdh.PrivateKey {
	return sync.OnceValue(func() *ecdh.PrivateKey {
		key, _ := ecdh.X25519().NewPrivateKey(keys.Secret.Bytes()[:]) // it has the right size
		return key
	})
}

// secrets are the part of a handshake that the traffic after it needs: a key, and
// the last nonce of each side.
type secrets struct {
	key            *[keySize]byte
	sent, received uint64
	server         bool
}

// curveMechanism is the part that both sides have in common.
type curveMechanism struct {
	inClear
	guard *guard
}

func (*curveMechanism) Type() zmq4.SecurityType { return zmq4.CurveSecurity }
func (m *curveMechanism) attend(g *guard)       { m.guard = g }
func (*curveMechanism) seals()                  {}

// finish hands the key over to the connection.
func (m *curveMechanism) finish(s secrets) { m.guard.peer.secrets = &s }

// seal makes c encrypt what it writes and decrypt what it reads. rest is what
// arrived after the handshake.
func (c *Conn) seal(s *secrets, rest []byte) {
	c.sealer, c.opener = newSealer(s), newOpener(s, rest)
	c.sealer.beats, c.opener.beats = c.upgraded != nil, c.upgraded != nil
	c.get, c.put = c.opener.get, c.opener.put
	clear(s.key[:])
	c.Peer.secrets = nil
}
