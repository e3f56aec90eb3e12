package broker

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/child"
	"github.com/zcat/zcat/cmd/zcat/internal/filter"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// With --filter a proxy is a hub of its two sides: all that comes goes to the command,
// and what that writes is passed on. Subscriptions pass beside it.

// between is the command between the sides.
type between struct {
	*board.Board
	filter *filter.Filter
	broker *broker
	beside atomic.Uint64 // subscriptions that passed beside the command
}

// startFilter starts the command, where there is one.
func (b *broker) startFilter() error {
	if b.asked.Filter == "" {
		return nil
	}
	f, err := filter.Start(context.Background(), b.Life, b.asked.Filter, filter.Environ(b.command.Name))
	if err != nil {
		return err
	}
	settings := board.Settings{
		Say: b.Say, Verdict: &b.Verdict, Presence: b.asked.Presence, Tick: b.asked.Tick,
		Skip: b.skips, Hard: b.Hard,
		Ports: []board.Port{b.port(sockets.Front), b.port(sockets.Back)},
	}
	settings.Serve(f)
	b.between = &between{Board: board.New(settings), filter: f, broker: b}
	b.Follow(b.between.Moved)
	return nil
}

// port is a side as the board sees it.
func (b *broker) port(side sockets.Side) board.Port {
	port := board.Port{
		Name: side.String(), Default: (1 - side).String(), Messages: b.options.SendHWM, Bytes: b.options.SendHWMBytes,
		MaxSize: b.options.MaxSize, MaxFrames: b.options.MaxFrames,
	}
	if b.asked.Sides[side].Kind.Sends() {
		port.Send = func(ctx context.Context, batch *frames.Batch) error {
			err := b.Joined.Pass(ctx, side, batch)
			var (
				unroutable *sockets.UnroutableError
				unfit      *sockets.UnfitError
			)
			switch {
			case errors.As(err, &unroutable):
				return &board.ReturnedError{Message: unroutable.Message, Reason: unroutable.Error(), Gone: true}
			case errors.As(err, &unfit):
				return &board.ReturnedError{Message: unfit.Message, Reason: unfit.Error(), Unfit: true}
			}
			return err
		}
	}
	return port
}

// divert handles what comes from a side of the proxy.
func (w *between) divert(ctx context.Context, from sockets.Side, batch *frames.Batch) error {
	if !w.broker.asked.Sides[from].Kind.Traits().ReceivesSubscriptions || batch.Source().Notice != 0 {
		return w.feed(ctx, from, batch)
	}
	var run frames.Batch
	for batch.Len() > 0 {
		beside, count := subscribes(batch.Messages())
		batch.Shift(&run, count)
		if !beside {
			if err := w.feed(ctx, from, &run); err != nil {
				return err
			}
			continue
		}
		w.beside.Add(uint64(count))
		for run.Len() > 0 {
			err := w.broker.Joined.Pass(ctx, 1-from, &run)
			if err != nil && !errors.Is(err, sockets.ErrMessage) { // that one counts as dropped
				return err
			}
		}
	}
	return nil
}

// subscribes reports whether the first of some messages is a subscription, or the end of
// one, and how many are alike. An XSUB may also send other messages (RFC 29).
func subscribes(messages iter.Seq[frames.Message]) (first bool, alike int) {
	for m := range messages {
		is := len(m) == 1 && len(m[0]) > 0 && m[0][0] <= 1
		if alike > 0 && is != first {
			break
		}
		first = is
		alike++
	}
	return first, alike
}

// feed gives the command what comes from a side of the proxy.
func (w *between) feed(ctx context.Context, from sockets.Side, batch *frames.Batch) error {
	err := w.Feed(ctx, from.String(), batch)
	if errors.Is(err, child.ErrEnded) {
		<-w.filter.Ended() // which ends the proxy
		return nil
	}
	return err
}

// begin lets the command work. Its end, or a failure of it, ends the proxy.
func (w *between) begin() {
	w.Start()
	joined := w.broker.Joined
	go func() {
		<-w.Orders()
		if w.Ordered() != nil {
			joined.Terminate()
		}
	}()
	go func() {
		select {
		case <-w.filter.Ended():
		case <-w.Failed():
		}
		joined.Terminate()
	}()
}

// finish has what the command writes to the end passed on, within the linger, once
// nothing more comes from the sides; it returns why the command could not go on.
func (w *between) finish() error {
	w.Shut()
	w.HangUp()
	w.filter.Await(w.Orders())
	w.NotRead(w.filter.End(w.Spoilt()))
	w.Finish()
	return errors.Join(w.Ordered(), w.Failure())
}
