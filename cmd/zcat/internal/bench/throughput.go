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

// Measure runs a load from s, whose peers are there, and measures what becomes of
// it. Once stop is done it ends early with what it has; hard gives it up.
func (l Load) Measure(stop, hard context.Context, m Measure, p Pair, s *sockets.Socket, tallies <-chan Tally) (Result, error) {
	r := Result{Pair: p, Measure: m, Size: l.Size}
	var err error
	if m == Latency {
		err = l.latency(stop, s, &r)
	} else {
		err = l.throughput(stop, hard, s, tallies, &r)
	}
	return r, err
}

// throughput sends the load one way. The tally comes from tallies, where the
// server is in this process, from the server itself, where it can answer, or
// else it is the sender's: until everything has left, for which s is closed.
func (l Load) throughput(stop, hard context.Context, s *sockets.Socket, tallies <-chan Tally, r *Result) error {
	c := counter{socket: s, tallies: tallies, patience: l.Patience}
	if _, err := c.tally(stop, l.Size); err != nil {
		return err
	}
	begin := time.Now()
	sent, err := l.stream(stop, s, begin)
	r.Sent = sent
	if err != nil {
		return err
	}
	if c.remote() {
		r.At = "receiver"
		tally, err := c.tally(hard, l.Size)
		r.Messages, r.Elapsed = tally.Messages, tally.Elapsed
		return err
	}
	if _, err := c.tally(hard, l.Size); err != nil {
		return err
	}
	r.At, r.Messages = "sender", sent
	var left *sockets.UnsentError
	if err := s.CloseContext(hard); errors.As(err, &left) {
		r.Messages -= min(uint64(left.Messages), sent)
	} else if err != nil {
		return err
	}
	r.Elapsed = time.Since(begin)
	return nil
}

// stream sends messages until the load or ctx is done.
func (l Load) stream(ctx context.Context, s *sockets.Socket, begin time.Time) (sent uint64, err error) {
	ctx, cancel := l.lasts(ctx)
	defer cancel()
	body := newBody(l.Size, countMe)
	most := uint64(max(1, batchBytes/l.Size))
	var b frames.Batch
	for ctx.Err() == nil && (l.Count == 0 || sent < l.Count) {
		n := most
		if l.Count > 0 {
			n = min(n, l.Count-sent)
		}
		if l.Rate > 0 {
			if pauseUntil(ctx, l.due(begin, sent)); ctx.Err() != nil {
				break
			}
			n = min(n, l.countBy(time.Since(begin))-sent)
		}
		for range n {
			number(body, sent)
			b.AppendFrame(body, false)
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
	return sent, nil
}

// countBy is how many messages are due after a time, the first at once.
func (l Load) countBy(elapsed time.Duration) uint64 {
	whole, rest := elapsed/time.Second, elapsed%time.Second
	return uint64(whole)*uint64(l.Rate) + uint64(rest)*uint64(l.Rate)/uint64(time.Second) + 1
}

// counter asks for tallies.
type counter struct {
	socket   *sockets.Socket
	tallies  <-chan Tally
	patience time.Duration
}

// remote reports whether a server can tell its tally.
func (c counter) remote() bool { return c.tallies != nil || c.socket.Type().Receives() }

// tally ends what the server counts and returns it, if there is a way.
func (c counter) tally(ctx context.Context, size int) (Tally, error) {
	d := newDeadline(ctx, c.patience)
	defer d.stop()
	if err := c.socket.Send(d.ctx, frames.Message{nil}); err != nil {
		return Tally{}, d.cause(err)
	}
	if c.socket.Type().Receives() {
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
