package zmtp

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"slices"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/turns"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// CurveServer is the side of CURVE whose public key the other side knows. All its
// connections together leave processors to the traffic, however many strangers ask
// for work with public keys, which costs them less than us. Clients wait in line
// for it, by source.
func CurveServer(keys curve.Pair) Mechanism {
	line, secret := turns.NewLine(max(1, runtime.GOMAXPROCS(0)/2)), permanent(keys)
	return func() zmq4.Security { return &curveServer{own: keys.Public, longTerm: secret, line: line} }
}

type curveServer struct {
	curveMechanism
	own      curve.PublicKey         // S
	longTerm func() *ecdh.PrivateKey // s
	line     *turns.Line             // of clients whose handshake needs work with keys

	clientKey    []byte           // C'
	secret       *ecdh.PrivateKey // s'
	cookieKey    [keySize]byte    // K
	helloCounter uint64           // the client's last nonce
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
	m.guard.versed()
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
	ready = secretbox.Seal(ready, ownMetadata(conn.Meta), nonceOf(readyNonce, counter(s.sent)), s.key)
	if err := m.guard.settle(); err != nil {
		return err
	}
	if err := conn.SendCmd(zmq4.CmdReady, ready); err != nil {
		return err
	}
	m.finish(s)
	return nil
}

// forget overwrites or releases what only the handshake needed.
func (m *curveServer) forget() {
	clear(m.cookieKey[:])
	m.secret = nil
}

// errBusy is the reason of a handshake that fails because there is no place in the
// line. The peer gets no answer, and tries again.
var errBusy = errors.New("too many handshakes wait for their turn")

// takeTurn waits for a turn to work with keys, which ends with line.Leave. No
// handshake has a turn while it waits for its peer or for the application, and a
// peer that hangs up before its turn costs no more. again is for a peer that has
// opened our WELCOME, which only one can that knows our public key and has had a
// turn before.
func (m *curveServer) takeTurn(again bool) error {
	if transport.HungUp(m.guard.Conn) {
		return m.guard.ended(io.EOF)
	}
	if m.line.Try() {
		return nil
	}
	ctx, done := m.guard.watch()
	mine := m.line.Enter(ctx, turns.SourceOf(m.guard.config.Address), again)
	failed := done()
	switch {
	case failed != nil && mine:
		m.line.Leave()
		return failed
	case failed != nil:
		return failed
	case !mine:
		return &HandshakeError{Kind: FailureLost, Err: errBusy}
	}
	return nil
}

// welcome reads a HELLO and makes the WELCOME that answers it. A client that does
// not know our public key gets no answer.
func (m *curveServer) welcome(hello []byte) ([]byte, error) {
	if len(hello) != helloSize {
		return nil, protocolFailure("a HELLO of %d bytes, expected %d", 6+len(hello), 6+helloSize).as(CodeMalformedHello)
	}
	if hello[0] != 1 || hello[1] != 0 {
		return nil, protocolFailure("the peer speaks CURVE %d.%d, this side 1.0", hello[0], hello[1]).as(CodeMalformedHello)
	}
	if err := m.takeTurn(false); err != nil {
		return nil, err
	}
	defer m.line.Leave()
	m.clientKey = hello[74 : 74+keySize]
	nonce := hello[74+keySize:][:shortSize]
	shared, err := agree(m.clientKey, m.longTerm())
	if err != nil {
		return nil, err
	}
	defer clear(shared[:])
	zeros, ok := secretbox.Open(nil, hello[helloSize-secretbox.Overhead-64:], nonceOf(helloNonce, nonce), shared)
	if !ok || subtle.ConstantTimeCompare(zeros, make([]byte, 64)) == 0 {
		return nil, cryptoFailure("the peer's HELLO does not open: it was made for another server's key")
	}
	m.helloCounter = binary.BigEndian.Uint64(nonce)
	if m.secret, err = freshPair(); err != nil {
		return nil, err
	}
	_, _ = rand.Read(m.cookieKey[:]) // it never fails

	cookie, cookieNonce := randomNonce(nil, cookieNonce)
	keys := m.cookieKeys()
	defer clear(keys)
	cookie = secretbox.Seal(cookie, keys, cookieNonce, &m.cookieKey)
	welcome, welcomeNonce := randomNonce(nil, welcomeNonce)
	return secretbox.Seal(welcome, slices.Concat(m.secret.PublicKey().Bytes(), cookie), welcomeNonce, shared), nil
}

// cookieKeys returns the content of a cookie: C' and s'.
func (m *curveServer) cookieKeys() []byte { return slices.Concat(m.clientKey, m.secret.Bytes()) }

// admitClient reads an INITIATE, and asks whether its client is let in.
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
	if len(initiate) < leastInit {
		return s, nil, nil, protocolFailure("an INITIATE of %d bytes, expected at least %d", 9+len(initiate), 9+leastInit).as(CodeMalformedInitiate)
	}
	if err := m.takeTurn(true); err != nil {
		return s, nil, nil, err
	}
	defer m.line.Leave()
	cookie, nonce, sealed := initiate[:cookieSize], initiate[cookieSize:][:shortSize], initiate[cookieSize+shortSize:]
	keys, ok := secretbox.Open(nil, cookie[longSize:], nonceOf(cookieNonce, cookie[:longSize]), &m.cookieKey)
	own := m.cookieKeys()
	defer clear(own)
	defer clear(keys)
	if !ok || subtle.ConstantTimeCompare(keys, own) == 0 {
		return s, nil, nil, cryptoFailure("the cookie in the peer's INITIATE is not ours")
	}
	if s.key, err = agree(m.clientKey, m.secret); err != nil {
		return s, nil, nil, err
	}
	s.server, s.received = true, binary.BigEndian.Uint64(nonce)
	inner, ok := secretbox.Open(nil, sealed, nonceOf(initiateNonce, nonce), s.key)
	if !ok {
		return s, nil, nil, cryptoFailure("the box in the peer's INITIATE does not open")
	}
	if s.received <= m.helloCounter {
		return s, nil, nil, protocolFailure("the peer used a nonce twice").as(CodeInvalidSequence)
	}
	client, inner = inner[:keySize], inner[keySize:]
	vouched, metadata := inner[:longSize+vouchSize], inner[longSize+vouchSize:]
	if err := m.checkVouch(client, vouched); err != nil {
		return s, nil, nil, err
	}
	return s, client, metadata, nil
}

// checkVouch makes sure that the client has the secret half of its permanent key C,
// and vouches with it for this connection to this server: without the server's key
// in the vouch, another server that the client talks to could pass itself off as
// the client.
func (m *curveServer) checkVouch(client, vouched []byte) error {
	shared, err := agree(client, m.secret)
	if err != nil {
		return err
	}
	defer clear(shared[:])
	vouch, ok := secretbox.Open(nil, vouched[longSize:], nonceOf(vouchNonce, vouched[:longSize]), shared)
	if !ok || subtle.ConstantTimeCompare(vouch[:keySize], m.clientKey)&subtle.ConstantTimeCompare(vouch[keySize:], m.own[:]) == 0 {
		return cryptoFailure("the peer's vouch is not for this connection and this server").as(CodeKeyExchange)
	}
	return nil
}
