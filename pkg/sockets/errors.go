package sockets

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/ws"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// The errors that errors.Is finds in those of this package. It also finds the error
// of a call's context, and the system's (syscall.EADDRINUSE, say) within an
// *EndpointError.
var (
	// ErrClosed is returned by every call on a socket after its Close, and on the
	// zero Socket (libzmq's ETERM and ENOTSOCK).
	ErrClosed = errors.New("socket closed")
	// ErrState is returned where REQ or REP would break their alternation: a
	// request before the last reply, a reply before a request (libzmq's EFSM).
	ErrState = errors.New("wrong state: REQ and REP send and receive in turn")
	// ErrDirection is returned for a send on a socket that only receives, and the
	// reverse (libzmq's ENOTSUP).
	ErrDirection = errors.New("the socket type does not do that")
	// ErrMessage is returned for a message that the socket type cannot send, such
	// as one without frames, and where there is no batch to take it from or put it
	// in.
	ErrMessage = errors.New("not a message that the socket type can send")
	// ErrGroup is returned by Join and Leave: for a group of more than MaxGroup bytes or
	// with a zero byte, one that is joined already, and one that is not (libzmq's EINVAL).
	ErrGroup = errors.New("not a group to join or leave")
	// ErrNoEndpoint is the reason of an *EndpointError of Unbind and Disconnect: the
	// socket has not bound, or connected to, that endpoint (libzmq's ENOENT).
	ErrNoEndpoint = errors.New("the socket has no such endpoint")
	// ErrLeft is the reason, in an Event, of a peer that left a bound socket after
	// its greeting, as Probe does.
	ErrLeft = zmtp.ErrLeft
	// ErrSameRole is the reason of a handshake that failed because both ends are
	// clients, or both servers, of PLAIN or CURVE.
	ErrSameRole = zmtp.ErrSameRole
)

// formError is an ErrMessage that says which messages the socket type sends. A constant
// takes nothing of the time that a program takes to start.
type formError string

func (e formError) Error() string { return ErrMessage.Error() + ": " + string(e) }

// Unwrap is for errors.Is.
func (formError) Unwrap() error { return ErrMessage }

// RefusedOrigin returns the origin of the web page whose connection was refused, where err
// is the reason of that: Options.AllowOrigins does not name it.
func RefusedOrigin(err error) (origin string, refused bool) {
	var failed *ws.Error
	if errors.As(err, &failed) && failed.Origin != "" {
		return failed.Origin, true
	}
	return "", false
}

// BrokeProtocol reports whether err, of an Event, is that a peer does not speak the
// protocol, or broke it; else it refused, was refused or was lost. RefusedError.Protocol
// says the same.
func BrokeProtocol(err error) bool {
	var failed *zmtp.HandshakeError
	return errors.As(err, &failed) && failed.Kind == zmtp.FailureProtocol
}

// EndpointError holds the endpoint that a call failed for, and the reason.
// errors.As finds it after Bind, Unbind, Connect, Disconnect, CheckBind and
// CheckConnect, and after a Probe that could not connect.
type EndpointError struct {
	Op       string // "bind", "unbind", "connect", "disconnect" or "probe"
	Endpoint string // in its canonical form where it has one, else as the caller wrote it
	Err      error  // the reason: an error in its text, or the system's
	// Hints are endpoints that would have been valid. There is one where the text
	// is at fault, and more where it is a list of endpoints; none where the system
	// refused.
	Hints []string
}

// Error names the endpoint, the reason and the hints, not Op.
func (e *EndpointError) Error() string {
	if len(e.Hints) == 0 {
		return fmt.Sprintf("%s: %v", e.Endpoint, e.Err)
	}
	return fmt.Sprintf("endpoint %q: %v; try %s", e.Endpoint, e.Err, strings.Join(e.Hints, " and "))
}

// Unwrap returns the reason.
func (e *EndpointError) Unwrap() error { return e.Err }

// endpointError turns an error of the transports into an *EndpointError.
func endpointError(op, endpoint string, err error) error {
	var unfit *transport.EndpointError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unfit):
		return &EndpointError{Op: op, Endpoint: unfit.Endpoint, Err: errors.New(unfit.Reason), Hints: append([]string{unfit.Hint}, unfit.More...)}
	}
	if reason := errors.Unwrap(err); reason != nil && err.Error() == endpoint+": "+reason.Error() {
		err = reason // the endpoint is named already
	}
	return &EndpointError{Op: op, Endpoint: endpoint, Err: err}
}

// UnroutableError says that no peer of a ROUTER, SERVER or PEER has a message's routing id
// (libzmq's EHOSTUNREACH), or that the peer has left which a REP answers. Send and
// SendBatch return a ROUTER's with Options.Mandatory, a REP's with Options.Presence.
type UnroutableError struct {
	RoutingID []byte         // nil for the peer that a REP answers, which needs none
	Message   frames.Message // a copy of what was not sent, with the routing id in front
}

// Error names the routing id in hex.
func (e *UnroutableError) Error() string {
	switch {
	case e.RoutingID == nil:
		return "the peer that asked has left"
	case len(e.RoutingID) == 0:
		return "no peer has an empty routing id, expected the id of one in the first frame"
	}
	// One that is longer is nobody's, and whoever made the message decides how long it is.
	const longest, shown = 255, 64
	if n := len(e.RoutingID); n > longest {
		return fmt.Sprintf("no peer has the routing id %x... of %d bytes", e.RoutingID[:shown], n)
	}
	return fmt.Sprintf("no peer has the routing id %x", e.RoutingID)
}

// UnfitError is returned by Proxy.Pass for a message that the socket type of a side cannot
// send. It is an ErrMessage.
type UnfitError struct {
	Message frames.Message // a copy of what was not sent
	Reason  error
}

// Error is the reason.
func (e *UnfitError) Error() string {
	if e.Reason == nil {
		return ErrMessage.Error()
	}
	return e.Reason.Error()
}

// Is makes it an ErrMessage.
func (e *UnfitError) Is(target error) bool { return target == ErrMessage }

// UnsentError holds the number of messages that Close, or the end of a Proxy, gave
// up: when the linger ran out, or the context that limits it.
type UnsentError struct {
	Messages int
}

// Error is the number in words.
func (e *UnsentError) Error() string {
	return fmt.Sprintf("%d messages left unsent", e.Messages)
}

// RefusedError holds the reason why the last endpoint of a socket was given up:
// every endpoint was connected, not bound, and each peer refused us or broke the
// protocol. All calls that wait return it, until another endpoint is bound or
// connected. Probe returns it where something answered that is no ZeroMQ peer, or
// that refused us.
type RefusedError struct {
	Endpoint string // the connected endpoint, in its canonical form
	Protocol bool   // the peer does not speak the protocol, or broke it, also after its handshake; else it refused
	Err      error  // the peer's own reason, or the way in which it broke the protocol
	// Ended says that nothing went wrong: every endpoint had been connected to, and the
	// last connection is not made again, as was asked for by Options.ReconnectStop or by
	// a STREAM that closed it. Err is ErrNotAgain.
	Ended bool

	foreign bool // what answered may be another program, which a peer takes turns with
}

// Error names the endpoint and the reason.
func (e *RefusedError) Error() string { return fmt.Sprintf("%s: %v", e.Endpoint, e.Err) }

// Unwrap returns the reason.
func (e *RefusedError) Unwrap() error { return e.Err }
