package benchmark

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/bench"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// conclude reports the reason for which the bench ended.
func (b *benchmark) conclude(err error) {
	var (
		refused  *sockets.RefusedError
		nameless *sockets.UnroutableError
	)
	b.Hush(b.monitor)
	switch {
	case b.Stop.Err() != nil && errors.Is(err, context.Canceled):
		err = nil // a signal, or a refusal that its event told of
	case errors.Is(err, bench.ErrLate):
		err = &outcome.TimeoutError{Step: fmt.Sprintf("no answer within %v: is the other side `bench --serve`?", b.limits.Patience)}
	case errors.As(err, &nameless):
		b.Verdict.Add(outcome.Refused)
		b.Say.Fail("the other side is a ROUTER without the routing id %q, by which a ROUTER finds it", bench.RouterID)
		err = nil
	}
	switch all, protocol := b.monitor.Refused(); {
	case all && protocol:
		b.Verdict.Add(outcome.Failed)
	case all:
		b.Verdict.Add(outcome.Refused)
	}
	b.Verdict.Add(outcome.OfError(err))
	if err != nil && !errors.Is(err, outcome.ErrClosedOutput) && (!errors.As(err, &refused) || !b.monitor.Told(refused.Endpoint)) {
		b.Say.Failure(err)
	}
}

// departed marks an error as the server leaving in the middle, where it means that:
// so does the error of a ROUTER that no longer finds its peer.
func departed(err error, r bench.Result) error {
	var nobody *sockets.UnroutableError
	if errors.Is(err, bench.ErrGone) || errors.As(err, &nobody) && r.Sent > 0 {
		return fmt.Errorf("%s: %w in the middle, after %s", r.Endpoint, bench.ErrGone, say.Plural(r.Sent, "message"))
	}
	return err
}

// departure watches for the server that we have connected to leaving.
type departure struct {
	gone  context.Context //nolint:containedctx // done from then on
	leave context.CancelFunc
	armed atomic.Bool // it was there
}

// see takes an event of the client's.
func (d *departure) see(e sockets.Event) {
	if e.Kind == sockets.EventDisconnected && d.armed.Load() {
		d.leave()
	}
}

// arm makes the next disconnection the server's departure.
func (d *departure) arm(client *sockets.Socket) {
	d.armed.Store(true)
	if client.Stats().Peers == 0 {
		d.leave()
	}
}
