package sockets

import (
	"errors"
	"fmt"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

var (
	// ErrClosed is returned by every call on a socket after its Close.
	ErrClosed = errors.New("socket closed")
	// ErrState is returned where REQ or REP would break their alternation: a
	// request before the last reply, a reply before a request (libzmq's EFSM).
	ErrState = errors.New("wrong state: REQ and REP send and receive in turn")
	// ErrDirection is returned for a send on a socket that only receives, and the
	// reverse.
	ErrDirection = errors.New("the socket type does not do that")
	// ErrLeft is the reason, in an Event, of a peer that left a bound socket behind
	// its greeting, as Probe does.
	ErrLeft = zmtp.ErrLeft
	// ErrSameRole is the reason of a handshake that failed because both ends are
	// clients, or both servers, of PLAIN or CURVE.
	ErrSameRole = zmtp.ErrSameRole
	// ErrMessage is returned for a message that the socket type cannot send.
	ErrMessage = errors.New("not a message that the socket type can send")
)

// EndpointError says why an endpoint cannot be used, and which one could.
type EndpointError = transport.EndpointError

// UnroutableError says that no peer of a ROUTER has a message's routing id.
type UnroutableError struct {
	RoutingID []byte
}

func (e *UnroutableError) Error() string {
	return fmt.Sprintf("no peer has the routing id %x", e.RoutingID)
}

// UnsentError says how many messages Close gave up when the linger ran out.
type UnsentError struct {
	Messages int
}

func (e *UnsentError) Error() string {
	return fmt.Sprintf("%d messages left unsent", e.Messages)
}

// RefusedError says why the last endpoint of a socket gave up: every endpoint
// was connected, not bound, and each peer refused us or broke the protocol.
type RefusedError struct {
	Endpoint string
	Protocol bool // the peer broke the protocol after its handshake; else it refused
	Err      error
}

func (e *RefusedError) Error() string { return e.Endpoint + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *RefusedError) Unwrap() error { return e.Err }
