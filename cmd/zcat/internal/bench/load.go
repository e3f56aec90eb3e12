package bench

import (
	"context"
	"errors"
	"time"
)

// ErrLate says that an answer took longer than Load.Patience.
var ErrLate = errors.New("no answer in time")

// ErrGone says that the server left in the middle.
var ErrGone = errors.New("the other side has gone")

// gone returns ErrGone where that is the reason why ctx has ended.
func gone(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), ErrGone) {
		return ErrGone
	}
	return nil
}

// Load describes the messages that a client sends.
type Load struct {
	Size  int           // bytes of a body, at least 1
	Count uint64        // how many messages; 0: as many as For allows
	For   time.Duration // how long, where Count is 0
	Rate  int           // messages a second; 0: as fast as it goes
	// Patience is the longest time of an answer; 0 is for ever.
	Patience time.Duration
	// Number is the server's routing id, of four bytes, where the client gave it one.
	Number []byte

	wait func(context.Context, time.Time) // nil: pauseUntil
}

// pause waits until a message is due, or until ctx is done.
func (l Load) pause(ctx context.Context, due time.Time) {
	if l.wait != nil {
		l.wait(ctx, due)
		return
	}
	pauseUntil(ctx, due)
}

// lasts returns ctx, limited to the duration of the load where that has one.
func (l Load) lasts(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.Count > 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, l.For)
}

// due returns the time at which message n is to leave, of a load that began at
// begin.
func (l Load) due(begin time.Time, n uint64) time.Time {
	seconds := n / uint64(l.Rate)
	rest := n % uint64(l.Rate)
	return begin.Add(time.Duration(seconds)*time.Second + time.Duration(rest)*time.Second/time.Duration(l.Rate))
}

// longestWarmUp bounds the time at the beginning whose latencies are left out.
const longestWarmUp = time.Second

// recorded reports whether message n, sent at now, comes after the first twentieth,
// which is left out of latencies: it waits for cold caches.
func (l Load) recorded(n uint64, begin, now time.Time) bool {
	if l.Count > 0 {
		return n >= l.Count/20
	}
	return now.Sub(begin) >= min(l.For/20, longestWarmUp)
}

// deadline is a time limit for each of many waits, without a context for each.
type deadline struct {
	timer *time.Timer // nil: none
	limit time.Duration
	ctx   context.Context //nolint:containedctx // ends when a wait took too long
	end   context.CancelCauseFunc
}

func newDeadline(ctx context.Context, limit time.Duration) *deadline {
	d := &deadline{limit: limit}
	d.ctx, d.end = context.WithCancelCause(ctx)
	if limit > 0 {
		d.timer = time.AfterFunc(limit, func() { d.end(ErrLate) })
	}
	return d
}

// again begins another wait.
func (d *deadline) again() {
	if d.timer != nil {
		d.timer.Reset(d.limit)
	}
}

// stop ends the last wait.
func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.end(nil)
}

// cause returns ErrLate or ErrGone in place of err where that was the reason.
func (d *deadline) cause(err error) error {
	switch cause := context.Cause(d.ctx); {
	case err == nil:
	case errors.Is(cause, ErrLate):
		return ErrLate
	case errors.Is(cause, ErrGone):
		return ErrGone
	}
	return err
}
