package zmtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/ws"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// Config sets how this side presents itself and what it accepts.
type Config struct {
	// Type is our own socket type as the wire names it: "REQ".
	Type string
	// Identity is our own identity, 0 to 255 bytes.
	Identity []byte
	// Announce puts an Identity property into our metadata, an empty one where
	// Identity is empty. libzmq does so for REQ, DEALER and ROUTER.
	Announce bool
	// Server is this side's role in mechanisms that have two; in NULL it is true on
	// the bound side. The as-server bit of a peer's greeting is trusted only where
	// it is set, as libzmq sends 0 even from its servers.
	Server bool
	// Hesitant makes a client let its peer send first, for a moment: a libzmq that
	// is a client too hangs up on our HELLO, and does not show what it is.
	Hesitant bool
	// Patient leaves a peer all the time of the handshake to show its version, before
	// it gets more of our greeting than one of ZMTP 2.0 understands.
	Patient bool
	// Bound says that the peer connected to us.
	Bound bool
	// Types lists the names of all socket types by their numbers in ZMTP 2.0 (RFC 15,
	// and what libzmq adds to it); a number that none has is empty.
	Types func() []string
	// Accepts reports whether peerType is a legal peer of Type.
	Accepts func(peerType string) bool
	// Security makes the mechanism of one connection; nil stands for NULL.
	Security Mechanism
	// Authorize decides on a server whether a peer is let in; nil lets in every
	// peer that finishes the handshake, but none with PLAIN.
	Authorize zap.Handler
	// Domain and Address are those of the requests to Authorize. Where peers wait
	// for a turn, those whose addresses are of one source share its turns.
	Domain, Address string
	// Settle is called before the last word of this side leaves: what lets the peer take
	// the handshake for done (settle.go). heard says that the peer's last word is there.
	// An error ends the handshake, which fails with it; where it was not heard, this
	// side waits for it, and asks again. Nil never refuses.
	Settle func(heard bool) error
	// Heard is called when the first bytes of the peer are there, if it is not nil.
	Heard func()
	// Versed is called on a server of PLAIN or CURVE when the HELLO of the peer was
	// accepted, if it is not nil.
	Versed func()
	// Timeout limits the handshake as a whole; 0 sets no limit.
	Timeout time.Duration
	// Context ends the waits of a handshake other than those for its peer: for
	// Authorize, or for a turn. It has to be done when another goroutine closes nc;
	// nil never is.
	Context context.Context //nolint:containedctx // of one handshake

	untyped bool // the peer tells no socket type
}

// Peer is what the handshake revealed about the other side.
type Peer struct {
	Type         string // "REP"; empty where the transport has none: over ws without a mechanism
	Identity     []byte // 1 to 255 bytes, the first not zero; nil if it has none
	Major, Minor int    // its ZMTP version: 2.0, or 3.0 and higher
	// UserID is the user that Config.Authorize identified.
	UserID string

	secrets *secrets // of CURVE
}

// refusalTimeout is the time for which a refused peer may leave our last command
// unread. Only a pipe without a buffer can make us wait for it.
const refusalTimeout = time.Second

// Handshake performs the ZMTP 3 handshake of RFC 37 on nc, or that of a peer of ZMTP
// 2.0 (RFC 15) where neither a mechanism nor Authorize demands more. rest is what has arrived
// after the peer's last handshake command; nothing may be sent before Handshake
// returns. nc stays open on success, without a deadline. On failure err is a
// *HandshakeError and nc has been closed, after an ERROR command where the protocol
// has one for the case.
//
// nc may be closed by another goroutine at any time: Handshake then returns at
// once.
func Handshake(nc net.Conn, c *Config) (p Peer, rest []byte, err error) {
	var deadline time.Time
	if c.Timeout > 0 {
		deadline = time.Now().Add(c.Timeout)
		if err := nc.SetDeadline(deadline); err != nil {
			_ = nc.Close()
			return Peer{}, nil, lost("at its start", err)
		}
	}
	sec := newMechanism(c)
	if c.Server && hasRoles(sec.Type()) && transport.HungUp(nc) {
		_ = nc.Close()
		return Peer{}, nil, lost("before it began", io.EOF) // a client never hangs up before the server's first command
	}
	g := newGuard(nc, c, sec)
	g.deadline = deadline
	failed := openGuarded(g, sec)
	if failed != nil {
		g.closeFailed(failed)
		return Peer{}, nil, failed
	}
	g.flush()
	err = g.out.finish()
	if err == nil && c.Timeout > 0 {
		err = nc.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = nc.Close()
		return Peer{}, nil, lost("at its end", err)
	}
	return g.peer, g.in, nil
}

// openGuarded runs zmq4.Open, which must not end the process: it panics on metadata
// that it did not expect.
func openGuarded(g *guard, sec zmq4.Security) (failed *HandshakeError) {
	defer func() {
		if r := recover(); r != nil {
			failed = protocolFailure("handshake not understood: %v", r)
		}
		if g.failed != nil {
			failed = g.failed // Open loses the reason
		}
	}()
	c := g.config
	_, err := zmq4.Open(g, &announcer{sec, g}, someType, c.Identity, c.Server, nil)
	if err == nil || errors.As(err, &failed) {
		return failed
	}
	return protocolFailure("%w", err)
}

// FailureKind is the kind of failure that ended a handshake.
type FailureKind int

const (
	// FailureLost is a connection that ended: EOF, a reset, nc closed by ourselves.
	FailureLost FailureKind = iota + 1
	// FailureTimeout is a handshake that took longer than Config.Timeout.
	FailureTimeout
	// FailureProtocol is a peer that does not speak ZMTP, or breaks it.
	FailureProtocol
	// FailureMechanism is a peer that speaks another security mechanism.
	FailureMechanism
	// FailureRole is a peer with the same role in the mechanism as ours:
	// ErrSameRole.
	FailureRole
	// FailureType is a peer whose socket type does not match ours.
	FailureType
	// FailureRefused is an ERROR command from the peer.
	FailureRefused
	// FailureDeclined is a server of HTTP that does not make the connection a WebSocket
	// for ZeroMQ.
	FailureDeclined
	// FailureAuth is a peer whose credentials we refused.
	FailureAuth
)

// HandshakeError holds the reason why a handshake failed.
type HandshakeError struct {
	Kind   FailureKind
	Status int  // 300, 400 or 500 (RFC 27), from an ERROR command or our own refusal; else 0
	Code   Code // where the peer broke the protocol, in the widest sense; else 0
	Err    error
	// Unwelcomed says that the peer hung up where its WELCOME was due, as a server
	// with another key does, or a peer that is a client itself: Config.Hesitant
	// tells them apart.
	Unwelcomed bool
	// Hasty says that this side had sent more than a peer of ZMTP 2.0 understands when
	// that showed its version: Config.Patient helps.
	Hasty bool

	// Unanswered says that the peer hung up on the request that this side began with, as a
	// libzmq does that uses another mechanism: transport.WebSocket can ask for that.
	Unanswered bool

	tooBig bool // the peer sent more at a time than it may

	// reason goes to the peer in an ERROR command; empty sends none. At most
	// 255 bytes.
	reason string
}

func (e *HandshakeError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *HandshakeError) Unwrap() error { return e.Err }

// Fatal reports whether the same handshake would fail again: a connecting side does
// not retry, as in libzmq.
func (e *HandshakeError) Fatal() bool {
	return e.Kind != FailureLost && e.Kind != FailureTimeout
}

// ErrLeft is the failure of a peer that connected, greeted and hung up before its
// first command: it learned what we are, as a probe does, and wanted no more.
var ErrLeft = errors.New("the peer left after its greeting, as a probe does")

// ErrSameRole is the failure of two clients, or two servers, of PLAIN or CURVE.
var ErrSameRole = errors.New("one end has to be the server, the other the client")

// sameRole is the failure of a peer that has the same role as this side.
func (g *guard) sameRole() *HandshakeError {
	role := "client"
	if g.config.Server {
		role = "server"
	}
	failed := protocolFailure("the peer is a %s of %s, as this side is: %w", role, g.mechanism, ErrSameRole)
	failed.Kind, failed.Code = FailureRole, CodeMechanismMismatched
	return failed
}

// lost is the failure of a read or write at the given stage.
func lost(stage string, err error) *HandshakeError {
	var broke *transport.BrokenError
	if errors.As(err, &broke) {
		return protocolFailure("%w", broke)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &HandshakeError{Kind: FailureTimeout, Err: &silentError{stage}}
	}
	return &HandshakeError{Kind: FailureLost, Err: &lostError{stage, err}}
}

// silentError is a peer that took too long for its part of a handshake.
type silentError struct{ stage string }

func (e *silentError) Error() string { return "handshake timed out " + e.stage }

// Unwrap returns os.ErrDeadlineExceeded.
func (e *silentError) Unwrap() error { return os.ErrDeadlineExceeded }

// lostError is a connection that ended within a handshake.
type lostError struct {
	stage string
	err   error
}

func (e *lostError) Error() string {
	why := e.err.Error()
	var errno syscall.Errno
	var closed *ws.ClosedError
	switch {
	case errors.As(e.err, &closed):
		why = closed.Error()
	case errors.Is(e.err, io.EOF), errors.Is(e.err, syscall.ECONNRESET), errors.Is(e.err, syscall.EPIPE):
		why = "the peer hung up"
	case errors.As(e.err, &errno):
		why = errno.Error()
	}
	return fmt.Sprintf("connection lost in the handshake, %s: %s", e.stage, why)
}

// Unwrap returns the reason.
func (e *lostError) Unwrap() error { return e.err }

func protocolFailure(format string, args ...any) *HandshakeError {
	return &HandshakeError{Kind: FailureProtocol, Code: CodeUnspecified, Err: fmt.Errorf(format, args...)}
}
