package zmtp

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// mostAhead is how much a peer may say, in bytes, while it waits for us: a whole
// command. One that says more is not read further, and its end not noticed before
// that of the wait.
const mostAhead = maxHandshakeCommand + framing.MaxHeader

// watch has a goroutine listen to the peer while the handshake waits for something
// else, so that who hangs up is not waited for. ctx is done when the peer has
// left, or its time is over. done ends the watch, and returns why the handshake
// cannot go on, if it cannot.
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
		// What is in the past ends a read at once. Where that fails, nc is closed and
		// the read has ended.
		_ = g.SetReadDeadline(time.Unix(1, 0))
		<-over
		cancel()
		return g.stayed(left, ended)
	}
}

// patience is how long a handshake may wait for this side.
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

// stayed makes the deadline of reads that of the handshake again, and says why
// this cannot go on, nil if it can. The watch ended with left, and before that its
// context with over.
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

// ended is the failure of a peer that is gone while this side had to speak.
func (g *guard) ended(err error) *HandshakeError {
	if len(g.script) > 0 {
		return g.silent(g.script[0], err)
	}
	return lost("waiting for this side", err)
}
