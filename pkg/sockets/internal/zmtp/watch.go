package zmtp

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// mostAhead is the number of bytes that a peer may send while it waits for us: a
// whole command. More is not read from it, and its end is then not noticed before
// the wait is over.
const mostAhead = maxHandshakeCommand + framing.MaxHeader

// watch starts a goroutine that reads from the peer while the handshake waits for
// something else, so that the wait ends when the peer hangs up. ctx is done when
// the peer has left, or its time is over. done ends the watch, and returns the
// reason why the handshake cannot go on, or nil.
func (g *guard) watch() (ctx context.Context, done func() *HandshakeError) {
	ctx, cancel := g.patience()
	var left error
	over := make(chan struct{})
	go func() {
		defer close(over)
		for left == nil && len(g.in) < mostAhead {
			left = g.fill()
		}
		if left != nil && !errors.Is(left, os.ErrDeadlineExceeded) { // a deadline is ctx's too, or done has moved it
			cancel()
		}
	}()
	return ctx, func() *HandshakeError {
		ended := ctx.Err()
		// A deadline in the past ends a read at once. Where setting it fails, nc is
		// closed and the read has ended.
		_ = g.SetReadDeadline(time.Unix(1, 0))
		<-over
		cancel()
		return g.stayed(left, ended)
	}
}

// patience returns a context for the time that a handshake may wait for this side.
func (g *guard) patience() (context.Context, context.CancelFunc) {
	base := g.config.Context
	if base == nil {
		base = context.Background()
	}
	if g.deadline.IsZero() {
		return context.WithCancel(base)
	}
	return context.WithDeadline(base, g.deadline)
}

// stayed restores the read deadline of the handshake, and returns the reason why it
// cannot go on, or nil. left is the error that the watch ended with, over that of
// its context before.
func (g *guard) stayed(left, over error) *HandshakeError {
	err := left
	if errors.Is(left, os.ErrDeadlineExceeded) {
		err = nil
	}
	switch {
	case err != nil:
	case errors.Is(over, context.DeadlineExceeded):
		err = os.ErrDeadlineExceeded
	case over != nil:
		err = net.ErrClosed
	default:
		err = g.SetReadDeadline(g.deadline)
	}
	if err == nil {
		return nil
	}
	return g.ended(err)
}

// ended is the failure of a peer that left while it waited for this side.
func (g *guard) ended(err error) *HandshakeError {
	if len(g.script) > 0 {
		return g.silent(g.script[0], err)
	}
	return lost("waiting for this side", err)
}
