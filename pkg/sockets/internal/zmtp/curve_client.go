package zmtp

import (
	"crypto/ecdh"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/zcat/zcat/pkg/sockets/curve"
)

// CurveClient is the side of CURVE that knows the server's public key.
func CurveClient(server curve.PublicKey, keys curve.Pair) Mechanism {
	secret := permanent(keys)
	return func() zmq4.Security { return &curveClient{server: server, own: keys.Public, secret: secret} }
}

type curveClient struct {
	curveMechanism
	server curve.PublicKey         // S
	own    curve.PublicKey         // C
	secret func() *ecdh.PrivateKey // c
}

func (m *curveClient) Handshake(conn *zmq4.Conn, _ bool) error {
	secret, err := freshPair()
	if err != nil {
		return err
	}
	public := secret.PublicKey().Bytes()
	shared, err := agree(m.server[:], secret)
	if err != nil {
		return err
	}
	defer clear(shared[:])
	hello := make([]byte, 2+72, helloSize)
	hello[0] = 1 // the version is 1.0; the padding keeps the answer from being larger than the HELLO
	hello = append(append(hello, public...), counter(1)...)
	hello = secretbox.Seal(hello, make([]byte, 64), nonceOf(helloNonce, counter(1)), shared)
	if err := conn.SendCmd(zmq4.CmdHello, hello); err != nil {
		return err
	}
	welcome, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	sessionKey, cookie, err := openWelcome(welcome.Body, shared)
	if err != nil {
		return err
	}
	s := secrets{sent: 2}
	if s.key, err = agree(sessionKey, secret); err != nil {
		return err
	}
	initiate, err := m.initiate(&s, public, sessionKey, cookie, ownMetadata(conn.Meta))
	if err != nil {
		return err
	}
	if err := m.guard.settle(); err != nil {
		return err
	}
	if err := conn.SendCmd(zmq4.CmdInitiate, initiate); err != nil {
		return err
	}
	ready, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	return m.takeReady(s, ready.Body)
}

// openWelcome returns the server's key of the connection and its cookie.
func openWelcome(welcome []byte, shared *[keySize]byte) (sessionKey, cookie []byte, err error) {
	if len(welcome) != welcomeSize {
		return nil, nil, protocolFailure("a WELCOME of %d bytes, expected %d", 8+len(welcome), 8+welcomeSize).as(CodeMalformedWelcome)
	}
	inner, ok := secretbox.Open(nil, welcome[longSize:], nonceOf(welcomeNonce, welcome[:longSize]), shared)
	if !ok {
		return nil, nil, &HandshakeError{Kind: FailureAuth, Code: CodeCryptographic, Err: errors.New("the peer's WELCOME does not open: it does not have the expected server key")}
	}
	return inner[:keySize], inner[keySize:], nil
}

// initiate makes an INITIATE: it proves that we have the secret half of our
// permanent key, for this connection and this server only.
func (m *curveClient) initiate(s *secrets, public, sessionKey, cookie, metadata []byte) ([]byte, error) {
	shared, err := agree(sessionKey, m.secret())
	if err != nil {
		return nil, err
	}
	defer clear(shared[:])
	inner, vouchNonce := randomNonce(m.own[:], vouchNonce)
	inner = secretbox.Seal(inner, slices.Concat(public, m.server[:]), vouchNonce, shared)
	initiate := append(append([]byte(nil), cookie...), counter(s.sent)...)
	return secretbox.Seal(initiate, append(inner, metadata...), nonceOf(initiateNonce, counter(s.sent)), s.key), nil
}

// takeReady reads the server's metadata.
func (m *curveClient) takeReady(s secrets, ready []byte) error {
	if len(ready) < leastReady {
		return protocolFailure("a READY of %d bytes, expected at least %d", 6+len(ready), 6+leastReady).as(CodeMalformedReady)
	}
	s.received = binary.BigEndian.Uint64(ready)
	metadata, ok := secretbox.Open(nil, ready[shortSize:], nonceOf(readyNonce, ready[:shortSize]), s.key)
	if !ok {
		return cryptoFailure("the box in the peer's READY does not open")
	}
	if failed := m.guard.config.judge(&m.guard.peer, metadata); failed != nil {
		return failed
	}
	m.finish(s)
	return nil
}
