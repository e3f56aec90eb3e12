package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// batchBytes is about what the sockets write at a time.
const batchBytes = 64 << 10

// Ends are the contexts that end a measurement. Once Stop is done it ends early
// with what it has. Gone is done when the server has left, which is ErrGone: nobody
// knows which of the messages had arrived. Hard gives it up.
type Ends struct {
	Stop, Gone, Hard context.Context //nolint:containedctx // of one call
}

// Measure runs a load from s, whose peer is there, and measures it. With ErrGone a
// latency has what was recorded until then.
func (l Load) Measure(e Ends, m Measure, p Pair, s *sockets.Socket, tallies <-chan Tally) (Result, error) {
	r := Result{Pair: p, Measure: m, Size: l.Size}
	stop, cancel := either(e.Stop, e.Gone)
	defer cancel()
	var err error
	if m == Latency {
		err = l.latency(stop, s, &r)
	} else {
		err = l.throughput(stop, e, s, tallies, &r)
	}
	return r, err
}

// either returns a context that is done when one of the two is; its cause is
// ErrGone where that is the second.
func either(ctx, gone context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	unwatch := context.AfterFunc(gone, func() { cancel(ErrGone) })
	return ctx, func() {
		unwatch()
		cancel(nil)
	}
}

// throughput sends the load one way. The tally comes from tallies where the server
// is in this process, from the server itself where it can answer, or else from the
// sender, until everything has left: s is closed for that.
func (l Load) throughput(stop context.Context, e Ends, s *sockets.Socket, tallies <-chan Tally, r *Result) error {
	c := counter{socket: s, tallies: tallies, patience: l.Patience, answered: r.Pair.Answered(), envelope: r.Pair.envelope(l.Number)}
	if _, err := c.tally(stop, l.Size); err != nil {
		return err
	}
	begin := time.Now()
	sent, err := l.stream(stop, s, c.envelope, begin)
	r.Sent = sent
	if err != nil {
		return err
	}
	hard, cancel := either(e.Hard, e.Gone)
	defer cancel()
	tally, err := c.tally(hard, l.Size)
	if err != nil {
		return err
	}
	if c.remote() {
		r.At, r.Messages, r.Elapsed = "receiver", tally.Messages, tally.Elapsed
		return nil
	}
	r.At, r.Messages = "sender", sent
	var left *sockets.UnsentError
	if err := s.CloseContext(e.Hard); errors.As(err, &left) {
		// The last of those is the empty body.
		r.Messages -= min(uint64(left.Messages-1), sent)
	} else if err != nil {
		return err
	}
	r.Elapsed = time.Since(begin)
	return nil
}

// stream sends messages until the load or ctx is done.
func (l Load) stream(whole context.Context, s *sockets.Socket, envelope frames.Message, begin time.Time) (sent uint64, err error) {
	ctx, cancel := l.lasts(whole)
	defer cancel()
	body := newBody(l.Size, countMe)
	m := messageOf(envelope, body)
	most := uint64(max(1, batchBytes/l.Size))
	var b frames.Batch
	for ctx.Err() == nil && (l.Count == 0 || sent < l.Count) {
		n := most
		if l.Count > 0 {
			n = min(n, l.Count-sent)
		}
		if l.Rate > 0 {
			if l.pause(ctx, l.due(begin, sent)); ctx.Err() != nil {
				break
			}
			n = min(n, l.countBy(time.Since(begin))-sent)
		}
		for range n {
			number(body, sent)
			b.Append(m)
			sent++
		}
		if err := s.SendBatch(ctx, &b); err != nil {
			sent -= uint64(b.Len())
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				break
			}
			return sent, err
		}
	}
	return sent, gone(whole)
}

// countBy returns the number of messages that are due after a time, the first at
// once.
func (l Load) countBy(elapsed time.Duration) uint64 {
	whole, rest := elapsed/time.Second, elapsed%time.Second
	return uint64(whole)*uint64(l.Rate) + uint64(rest)*uint64(l.Rate)/uint64(time.Second) + 1
}

// counter asks for tallies.
type counter struct {
	socket   *sockets.Socket
	tallies  <-chan Tally
	patience time.Duration
	answered bool // by the server itself
	envelope frames.Message
}

// remote reports whether a server can tell its tally.
func (c counter) remote() bool { return c.tallies != nil || c.answered }

// tally ends the server's count and returns it, if there is a way.
func (c counter) tally(ctx context.Context, size int) (Tally, error) {
	d := newDeadline(ctx, c.patience)
	defer d.stop()
	if err := c.socket.Send(d.ctx, append(c.envelope[:len(c.envelope):len(c.envelope)], nil)); err != nil {
		return Tally{}, d.cause(err)
	}
	if c.answered {
		m, err := c.socket.Recv(d.ctx)
		if err != nil {
			return Tally{}, d.cause(err)
		}
		return parseTally(m, size)
	}
	if c.tallies != nil {
		select {
		case t := <-c.tallies:
			return t, nil
		case <-d.ctx.Done():
			return Tally{}, d.cause(ctx.Err())
		}
	}
	return Tally{}, nil
}

func parseTally(m frames.Message, size int) (Tally, error) {
	var (
		t           Tally
		nanoseconds int64
		body        = string(m[len(m)-1])
	)
	if n, err := fmt.Sscanf(body, "%d %d", &t.Messages, &nanoseconds); n < 2 || err != nil {
		return t, fmt.Errorf("the answer to an empty body is %q: expected COUNT NANOSECONDS, as `bench --serve` answers", body)
	}
	t.Elapsed, t.Bytes = time.Duration(nanoseconds), t.Messages*uint64(size)
	return t, nil
}
