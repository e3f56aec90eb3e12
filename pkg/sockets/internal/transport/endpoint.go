package transport

import (
	"context"
	"fmt"
	"net"
	"time"
)

// The schemes of an endpoint.
const (
	schemeTCP    = "tcp"
	schemeIPC    = "ipc"
	schemeInproc = "inproc"
	schemeFD     = "fd"
	schemeWS     = "ws"
)

// Endpoint is a parsed endpoint. Two endpoints are == exactly when their
// canonical texts are equal. Only Parse makes one.
type Endpoint struct {
	scheme string
	name   string   // ipc: a path, "@name" or "*"; inproc: the name; fd: the number or name; ws: the path
	to     hostPort // tcp and ws
	from   hostPort // tcp: where to connect from; its host is empty if not given
}

// Listener accepts the connections of one bound endpoint.
type Listener interface {
	// Accept waits for the next connection. After Close it returns an error that
	// is net.ErrClosed.
	Accept() (net.Conn, error)
	// Close stops listening; an ipc file that is still ours is removed. Accepted
	// connections stay open.
	Close() error
	// Endpoint returns the resolved endpoint, with the real port. Every interface
	// is "tcp://0.0.0.0:PORT", which any ZeroMQ peer on this machine can connect
	// to.
	Endpoint() string
}

// Scheme returns "tcp", "ipc", "inproc", "ws" or "fd".
func (e Endpoint) Scheme() string { return e.scheme }

// String returns the canonical long form: Parse of it gives e again.
func (e Endpoint) String() string { return e.scheme + "://" + e.transport().format(e) }

// transport returns the transport of e's scheme.
func (e Endpoint) transport() transport {
	t, _ := transportOf(e.scheme)
	return t
}

// CheckBind returns the reason why e cannot be bound on this system, or nil.
func (e Endpoint) CheckBind() error { return e.transport().checkBind(e) }

// CheckConnect returns the reason why e cannot be connected to on this system, or
// nil.
func (e Endpoint) CheckConnect() error { return e.transport().checkConnect(e) }

// Listen binds e. The context bounds the look-up of a host name only. An
// endpoint in use is an error that is syscall.EADDRINUSE, or its like on Windows.
func (e Endpoint) Listen(ctx context.Context) (Listener, error) {
	if err := e.CheckBind(); err != nil {
		return nil, err
	}
	l, err := e.transport().listen(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, cause(err))
	}
	return l, nil
}

// Dial makes one attempt to connect to e, for as long as the context allows.
// A host name is looked up anew each time.
func (e Endpoint) Dial(ctx context.Context) (net.Conn, error) { return e.DialWithin(ctx, 0) }

// DialWithin is Dial with a limit to the time that an address has to answer; 0
// leaves it to the system. Looking up a name does not count: name servers that
// are slow, or of which the first is dead, would never leave time to connect.
func (e Endpoint) DialWithin(ctx context.Context, limit time.Duration) (net.Conn, error) {
	if err := e.CheckConnect(); err != nil {
		return nil, err
	}
	nc, err := e.dialWithin(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, cause(err))
	}
	return nc, nil
}

func (e Endpoint) dialWithin(ctx context.Context, limit time.Duration) (net.Conn, error) {
	t := e.transport()
	switch {
	case limit <= 0:
		return t.dial(ctx, e)
	case t.dialWithin != nil:
		return t.dialWithin(ctx, e, limit)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return t.dial(ctx, e)
}

// Near reports whether e is on this machine: loopback or ipc.
func (e Endpoint) Near() bool {
	near := e.transport().near
	return near != nil && near(e)
}

// AwaitBind returns a channel that is closed when e is bound next, for a caller
// that then finds no listener. For other transports than inproc it is nil, since
// that is not known. forget ends the wait.
func (e Endpoint) AwaitBind() (bind <-chan struct{}, forget func()) {
	if await := e.transport().awaitBind; await != nil {
		return await(e)
	}
	return nil, func() {}
}
