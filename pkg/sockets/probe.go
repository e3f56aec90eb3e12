package sockets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// Probed holds what a peer tells about itself.
type Probed struct {
	Endpoint     string // in its canonical form
	Major, Minor int    // its ZMTP version: 3.1, say
	Mechanism    string // "NULL", "PLAIN", "CURVE"; NULL before ZMTP 3
	AsServer     bool   // as its greeting says, where libzmq leaves it unset even in servers; ws has none
	// Subprotocol is what it speaks over ws: "ZWS2.0/NULL", or "ZWS2.0", which has no
	// handshake. It is empty for other transports.
	Subprotocol string
	// Type is its socket type as the peer names it: "ROUTER". It is empty where the
	// peer did not tell it: with PLAIN or CURVE, a peer tells it only to those that
	// are authenticated.
	Type string
	// Ready says that the peer told its Identity and Metadata too. Identity is nil
	// where the peer sent none, as all but REQ, DEALER and ROUTER do; Metadata are
	// its other properties.
	Ready    bool
	Identity []byte
	Metadata map[string]string
	Took     time.Duration // from the attempt to connect to the answer
}

// Version returns the ZMTP version as text: "3.1".
func (p Probed) Version() string { return fmt.Sprintf("%d.%d", p.Major, p.Minor) }

// Usable reports whether the sockets of this package can talk to the peer as far
// as its version goes: with one of 2.0 only without a mechanism and Authorize.
func (p Probed) Usable() bool { return p.Major >= 2 }

// Probe finds out what listens on endpoint, and leaves before the handshake is
// done: the peer gives it no message. (One of ZMTP 1.0, which has no handshake,
// may.) ctx should have a deadline, since a stranger may accept a connection and
// stay silent; the error then is context.DeadlineExceeded. A *RefusedError means
// that something answered that is no ZeroMQ peer, or that refused us: it is no use
// to try again. Of the options those count that say how to connect: Proxy and Device.
func Probe(ctx context.Context, endpoint string, options ...Option) (Probed, error) {
	ctx = orBackground(ctx)
	e, err := parse("probe", endpoint)
	if err != nil {
		return Probed{}, err
	}
	o := DefaultOptions()
	for _, set := range options {
		if set != nil {
			set(&o)
		}
	}
	begun := time.Now()
	nc, err := e.Dial(transport.Settings{Device: o.Device, Proxy: o.Proxy}.With(ctx))
	if errors.Is(err, transport.ErrUselessProxy) {
		return Probed{}, &RefusedError{Endpoint: e.String(), Err: errors.Unwrap(err)}
	}
	if err != nil {
		return Probed{}, late(ctx, endpointError("probe", e.String(), err))
	}
	defer func() { _ = nc.Close() }() // nothing is lost with it
	defer context.AfterFunc(ctx, func() { interrupt(nc) })()
	told, err := zmtp.Listen(nc, names())
	if err != nil {
		return Probed{}, probeError(ctx, e.String(), err)
	}
	subprotocol := ""
	if up, ok := nc.(transport.Upgraded); ok {
		subprotocol = up.Subprotocol()
	}
	return Probed{
		Endpoint: e.String(), Subprotocol: subprotocol, Major: told.Major, Minor: told.Minor, Mechanism: told.Mechanism, AsServer: told.AsServer,
		Type: told.Type, Ready: told.Ready, Identity: told.Identity, Metadata: told.Metadata, Took: time.Since(begun),
	}, nil
}

// interrupt ends the reads and writes that wait on nc.
func interrupt(nc net.Conn) {
	if nc.SetDeadline(time.Unix(1, 0)) != nil {
		_ = nc.Close()
	}
}

// probeError makes the error of a connection that was made and told nothing.
func probeError(ctx context.Context, endpoint string, err error) error {
	if refused := refusalOf(endpoint, err); refused != nil {
		return refused
	}
	return late(ctx, &EndpointError{Op: "probe", Endpoint: endpoint, Err: err})
}

// late adds the error of ctx to err, where ctx is done.
func late(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return &lateError{err, ctx.Err()}
}

// lateError is the error of a call whose context ended, with what was missing then.
type lateError struct{ missing, err error }

func (e *lateError) Error() string { return e.missing.Error() }

// Unwrap returns the end of the context, and what was missing.
func (e *lateError) Unwrap() []error { return []error{e.err, e.missing} }
