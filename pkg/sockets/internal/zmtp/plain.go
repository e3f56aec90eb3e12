package zmtp

import (
	"fmt"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/sockets/zap"
)

// authError is the reason why credentials were refused.
type authError struct {
	text   string
	status int
}

func (e *authError) Error() string {
	return fmt.Sprintf("the peer was not let in (%d): %s", e.status, e.text)
}

// PlainServer is the side of PLAIN (RFC 24) that gets a name and a password;
// Config.Authorize judges them.
func PlainServer() zmq4.Security { return &plainServer{} }

type plainServer struct {
	inClear
	guard *guard
}

func (*plainServer) Type() zmq4.SecurityType { return zmq4.PlainSecurity }
func (m *plainServer) attend(g *guard)       { m.guard = g }

func (m *plainServer) Handshake(conn *zmq4.Conn, _ bool) error {
	hello, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	name, rest, ok := cutText(hello.Body)
	password, rest, alsoOK := cutText(rest)
	if !ok || !alsoOK || len(rest) > 0 {
		return protocolFailure("malformed HELLO: expected a name and a password, each after its length").as(CodeMalformedHello)
	}
	if m.guard.config.Authorize == nil {
		return &HandshakeError{Kind: FailureAuth, Status: zap.Broken, Err: &authError{"this server has no check for passwords", zap.Broken}, reason: "500"}
	}
	if failed := m.guard.admit(&zap.Request{Username: string(name), Password: string(password)}); failed != nil {
		return failed
	}
	m.guard.versed()
	if err := conn.SendCmd(zmq4.CmdWelcome, nil); err != nil {
		return err
	}
	if _, err := conn.RecvCmd(); err != nil { // INITIATE, which the guard has judged
		return err
	}
	if err := m.guard.settle(); err != nil {
		return err
	}
	return conn.SendCmd(zmq4.CmdReady, ownMetadata(conn.Meta))
}

// cutText cuts off a text that follows its length in one byte.
func cutText(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || 1+int(b[0]) > len(b) {
		return nil, nil, false
	}
	end := 1 + int(b[0])
	return b[1:end], b[end:], true
}

// PlainClient is the side of PLAIN that has a name and a password, of at most 255
// bytes each.
func PlainClient(name, password string) Mechanism {
	return func() zmq4.Security { return &plainClient{name: name, password: password} }
}

type plainClient struct {
	inClear
	name, password string
	guard          *guard
}

func (*plainClient) Type() zmq4.SecurityType { return zmq4.PlainSecurity }
func (m *plainClient) attend(g *guard)       { m.guard = g }

func (m *plainClient) Handshake(conn *zmq4.Conn, _ bool) error {
	hello := append([]byte{byte(len(m.name))}, m.name...)
	hello = append(append(hello, byte(len(m.password))), m.password...)
	if err := conn.SendCmd(zmq4.CmdHello, hello); err != nil {
		return err
	}
	welcome, err := conn.RecvCmd()
	switch {
	case err != nil:
		return err
	case len(welcome.Body) > 0:
		return protocolFailure("malformed WELCOME: %d bytes where there are none", len(welcome.Body)).as(CodeMalformedWelcome)
	}
	if err := m.guard.settle(); err != nil {
		return err
	}
	if err := conn.SendCmd(zmq4.CmdInitiate, ownMetadata(conn.Meta)); err != nil {
		return err
	}
	_, err = conn.RecvCmd() // READY, which the guard has judged
	return err
}
