package zmtp

import (
	"io"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"github.com/zcat/zcat/pkg/sockets/zap"
)

// Mechanism makes the security mechanism of one connection.
type Mechanism func() zmq4.Security

// attended is a mechanism that asks the guard whether a peer is let in. One that
// encrypts its metadata has the guard judge it in clear.
type attended interface {
	zmq4.Security
	attend(g *guard)
}

// sealed is a mechanism whose metadata the guard cannot read on the way in.
type sealed interface {
	attended
	seals()
}

// newMechanism makes the mechanism of one connection. A mechanism's Encrypt and
// Decrypt must pass the handshake's commands unchanged. Its Handshake may return
// a *HandshakeError, which becomes that of the connection, with a reason for the
// peer: a server refuses credentials with FailureAuth and the reason "400".
func newMechanism(c *Config) zmq4.Security {
	if c.Security == nil {
		return &nullMechanism{Security: null.Security()}
	}
	return c.Security()
}

// hasRoles reports whether a mechanism has a client and a server side.
func hasRoles(mechanism zmq4.SecurityType) bool {
	return mechanism != zmq4.NullSecurity
}

// handshakeScript lists the commands that a peer has to send, in order; the last
// one carries its metadata. RFC 37 (NULL), RFC 24 (PLAIN), RFC 26 (CURVE).
func handshakeScript(mechanism zmq4.SecurityType, server bool) []string {
	switch {
	case !hasRoles(mechanism):
		return []string{zmq4.CmdReady}
	case server:
		return []string{zmq4.CmdHello, zmq4.CmdInitiate}
	default:
		return []string{zmq4.CmdWelcome, zmq4.CmdReady}
	}
}

// inClear passes the commands of a handshake as they are.
type inClear struct{}

func (inClear) Encrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
func (inClear) Decrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }

// nullMechanism is NULL (RFC 37): one READY in each direction, where ours does not
// wait for the peer's, or not for long (letSpeak). The READY of zmq4's own NULL has
// its properties in random order.
type nullMechanism struct {
	zmq4.Security
	guard *guard
}

func (m *nullMechanism) attend(g *guard) { m.guard = g }

func (m *nullMechanism) Handshake(conn *zmq4.Conn, server bool) error {
	if server {
		if failed := m.guard.admit(&zap.Request{}); failed != nil {
			return failed
		}
	}
	if !m.guard.own.early && !m.guard.peer.old() {
		m.guard.letSpeak(true)
	}
	if err := conn.SendCmd(zmq4.CmdReady, ownMetadata(conn.Meta)); err != nil {
		return err
	}
	cmd, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	return conn.Peer.Meta.UnmarshalZMTP(cmd.Body)
}

// someType is what zmq4.Open takes both sides for, a type that is its own peer: it
// knows eleven types, and panics on others. Config.Accepts alone decides which types
// may talk to each other.
const someType zmq4.SocketType = "PAIR"

// announcer wraps a mechanism for zmq4.Open, which would announce someType, and an
// Identity for every socket type.
type announcer struct {
	zmq4.Security
	guard *guard
}

func (a *announcer) Handshake(conn *zmq4.Conn, server bool) error {
	g := a.guard
	conn.Meta[socketTypeProperty] = g.config.Type
	if !g.config.Announce {
		delete(conn.Meta, identityProperty)
	}
	if g.config.Hesitant && !g.config.Server && hasRoles(a.Type()) && !g.own.served {
		g.letSpeak(false)
	}
	if err := a.Security.Handshake(conn, server); err != nil {
		return err
	}
	conn.Peer.Meta[socketTypeProperty] = string(someType)
	return nil
}
