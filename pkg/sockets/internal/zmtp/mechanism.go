package zmtp

import (
	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// sealed is a mechanism that encrypts its metadata, so that the guard cannot
// judge it on the way in.
type sealed interface {
	zmq4.Security
	// PeerMetadata is the peer's metadata in clear, once Handshake has returned.
	PeerMetadata() []byte
}

// newMechanism makes the mechanism of one connection. A mechanism's Encrypt and
// Decrypt must pass the handshake's commands unchanged. Its Handshake may return
// a *HandshakeError, which becomes that of the connection, with a reason for the
// peer: a server refuses credentials with FailureAuth and the reason "400".
func newMechanism(c *Config) zmq4.Security {
	if c.Security == nil {
		return nullMechanism{null.Security()}
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

// nullMechanism is NULL (RFC 37): one READY each way, and ours does not wait for
// the peer's. The library's own READY has its properties in random order.
type nullMechanism struct{ zmq4.Security }

func (nullMechanism) Handshake(conn *zmq4.Conn, _ bool) error {
	if err := conn.SendCmd(zmq4.CmdReady, appendOwnMetadata(nil, conn.Meta)); err != nil {
		return err
	}
	cmd, err := conn.RecvCmd()
	if err != nil {
		return err
	}
	return conn.Peer.Meta.UnmarshalZMTP(cmd.Body)
}

// announcer is a mechanism as zmq4.Open gets to see it: Open would announce an
// Identity for every socket type.
type announcer struct {
	zmq4.Security
	guard *guard
}

func (a *announcer) Handshake(conn *zmq4.Conn, server bool) error {
	g := a.guard
	if !g.config.Announce {
		delete(conn.Meta, identityProperty)
	}
	if err := a.Security.Handshake(conn, server); err != nil {
		return err
	}
	if s, ok := a.Security.(sealed); ok {
		if failed := g.config.judge(&g.peer, s.PeerMetadata()); failed != nil {
			return failed
		}
	}
	// Open compares the types again; this is where it looks.
	conn.Peer.Meta[socketTypeProperty] = g.peer.Type
	return nil
}
