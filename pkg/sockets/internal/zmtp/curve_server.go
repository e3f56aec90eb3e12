package zmtp

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"runtime"
	"slices"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// CurveServer is the side of CURVE whose public key is known to the other. All
// its connections together leave processors to the traffic, however many
// strangers ask for work with public keys, which costs them less than us.
func CurveServer(keys curve.Pair) Mechanism {
	turns := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	return func() zmq4.Security { return &curveServer{keys: keys, turns: turns} }
}

type curveServer struct {
	curveMechanism
	keys  curve.Pair    // S and s
	turns chan struct{} // holds a token for each that works with keys at present

	clientKey    []byte         // C'
	public       *[keySize]byte // S'
	secret       *[keySize]byte // s'
	cookieKey    [keySize]byte  // K
	helloCounter uint64         // the client's last nonce
}

func (m *curveServer) Handshake(conn *zmq4.Conn, _ bool) error {
	defer m.forget()
	hello, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	welcome, err := m.welcome(hello.Body)
	if err != nil {
		return err
	}
	if err := conn.SendCmd(zmq4.CmdWelcome, welcome); err != nil {
		return err
	}
	initiate, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	s, err := m.admitClient(initiate.Body)
	if err != nil {
		return err
	}
	s.sent = 1
	ready := append([]byte(nil), counter(s.sent)...)
	ready = box.SealAfterPrecomputation(ready, ownMetadata(conn.Meta), nonceOf(readyNonce, counter(s.sent)), s.key)
	if err := conn.SendCmd(zmq4.CmdReady, ready); err != nil {
		return err
	}
	m.finish(s)
	return nil
}

// forget overwrites what only the handshake needed.
func (m *curveServer) forget() {
	clear(m.cookieKey[:])
	if m.secret != nil {
		clear(m.secret[:])
	}
}

// takeTurn waits for a turn to work with keys, and returns what ends it. Nobody
// has one while it waits for a peer or for the application.
func (m *curveServer) takeTurn() (end func()) {
	m.turns <- struct{}{}
	return func() { <-m.turns }
}

// welcome reads a HELLO and makes the answer to it. To whom does not know our
// public key nothing is said.
func (m *curveServer) welcome(hello []byte) ([]byte, error) {
	defer m.takeTurn()()
	if len(hello) != helloSize {
		return nil, protocolFailure("a HELLO of %d bytes, expected %d", 6+len(hello), 6+helloSize)
	}
	if hello[0] != 1 || hello[1] != 0 {
		return nil, protocolFailure("the peer speaks CURVE %d.%d, this side 1.0", hello[0], hello[1])
	}
	m.clientKey = hello[74 : 74+keySize]
	nonce := hello[74+keySize:][:shortSize]
	shared, err := agree(m.clientKey, m.keys.Secret.Bytes())
	if err != nil {
		return nil, err
	}
	defer clear(shared[:])
	zeros, ok := box.OpenAfterPrecomputation(nil, hello[helloSize-box.Overhead-64:], nonceOf(helloNonce, nonce), shared)
	if !ok || subtle.ConstantTimeCompare(zeros, make([]byte, 64)) == 0 {
		return nil, protocolFailure("the peer's HELLO does not open: it was made for another server's key")
	}
	m.helloCounter = binary.BigEndian.Uint64(nonce)
	if m.public, m.secret, err = freshPair(); err != nil {
		return nil, err
	}
	_, _ = rand.Read(m.cookieKey[:]) // it never fails

	cookie, cookieNonce := randomNonce(nil, cookieNonce)
	keys := m.cookieKeys()
	defer clear(keys)
	cookie = secretbox.Seal(cookie, keys, cookieNonce, &m.cookieKey)
	welcome, welcomeNonce := randomNonce(nil, welcomeNonce)
	return box.SealAfterPrecomputation(welcome, append(m.public[:], cookie...), welcomeNonce, shared), nil
}

// cookieKeys are what a cookie holds: C' and s'.
func (m *curveServer) cookieKeys() []byte { return slices.Concat(m.clientKey, m.secret[:]) }

// admitClient reads an INITIATE, and asks whether its client may come in.
func (m *curveServer) admitClient(initiate []byte) (secrets, error) {
	s, client, metadata, err := m.openInitiate(initiate)
	if err != nil {
		return s, err
	}
	if failed := m.guard.admit(&zap.Request{Key: client}); failed != nil {
		return s, failed
	}
	if failed := m.guard.config.judge(&m.guard.peer, metadata); failed != nil {
		return s, failed
	}
	return s, nil
}

// openInitiate returns what an INITIATE proves: the key of the connection, the
// client's permanent one, and its metadata.
func (m *curveServer) openInitiate(initiate []byte) (s secrets, client, metadata []byte, err error) {
	defer m.takeTurn()()
	if len(initiate) < leastInit {
		return s, nil, nil, protocolFailure("an INITIATE of %d bytes, expected at least %d", 9+len(initiate), 9+leastInit)
	}
	cookie, nonce, sealed := initiate[:cookieSize], initiate[cookieSize:][:shortSize], initiate[cookieSize+shortSize:]
	keys, ok := secretbox.Open(nil, cookie[longSize:], nonceOf(cookieNonce, cookie[:longSize]), &m.cookieKey)
	own := m.cookieKeys()
	defer clear(own)
	defer clear(keys)
	if !ok || subtle.ConstantTimeCompare(keys, own) == 0 {
		return s, nil, nil, protocolFailure("the cookie in the peer's INITIATE is not ours")
	}
	if s.key, err = agree(m.clientKey, m.secret); err != nil {
		return s, nil, nil, err
	}
	s.server, s.received = true, binary.BigEndian.Uint64(nonce)
	inner, ok := box.OpenAfterPrecomputation(nil, sealed, nonceOf(initiateNonce, nonce), s.key)
	if !ok {
		return s, nil, nil, protocolFailure("the box in the peer's INITIATE does not open")
	}
	if s.received <= m.helloCounter {
		return s, nil, nil, protocolFailure("the peer used a nonce twice")
	}
	client, inner = inner[:keySize], inner[keySize:]
	vouched, metadata := inner[:longSize+vouchSize], inner[longSize+vouchSize:]
	if err := m.checkVouch(client, vouched); err != nil {
		return s, nil, nil, err
	}
	return s, client, metadata, nil
}

// checkVouch makes sure that the client has the secret half of its permanent key
// C, and made this connection with it to this server: without the server's key
// inside, another server that the client talks to could pass itself off as it.
func (m *curveServer) checkVouch(client, vouched []byte) error {
	shared, err := agree(client, m.secret)
	if err != nil {
		return err
	}
	defer clear(shared[:])
	vouch, ok := box.OpenAfterPrecomputation(nil, vouched[longSize:], nonceOf(vouchNonce, vouched[:longSize]), shared)
	if !ok || subtle.ConstantTimeCompare(vouch[:keySize], m.clientKey)&subtle.ConstantTimeCompare(vouch[keySize:], m.keys.Public[:]) == 0 {
		return protocolFailure("the peer's vouch is not for this connection and this server")
	}
	return nil
}
