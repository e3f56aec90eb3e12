package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// longestLatency is the largest latency that the histogram can hold; three digits
// of each are kept.
const longestLatency = time.Hour

// latency makes round trips, one at a time. At a rate, the time of each runs from
// the moment when it was due: a late answer delays those behind it, and that
// counts.
func (l Load) latency(ctx context.Context, s *sockets.Socket, r *Result) error {
	var (
		b     frames.Batch
		body  = newBody(l.Size, echoMe)
		m     = messageOf(r.Pair.envelope(l.Number), body)
		took  = hdrhistogram.New(1, int64(longestLatency), 3)
		begin = time.Now()
		first time.Time // when the first that is recorded was sent
		d     = newDeadline(ctx, l.Patience)
	)
	defer d.stop()
	r.At, r.latency = "sender", took
	for n := uint64(0); l.Count == 0 || n < l.Count; n++ {
		sent := time.Now()
		if l.Rate > 0 {
			sent = l.due(begin, n)
			if l.pause(ctx, sent); ctx.Err() != nil {
				return gone(ctx) // before this one was due
			}
		}
		if l.Count == 0 && sent.Sub(begin) >= l.For {
			break
		}
		d.again()
		number(body, n)
		err := roundTrip(d.ctx, s, &b, m)
		now := time.Now()
		switch {
		case err == nil:
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return gone(ctx) // or told to stop
		default:
			return d.cause(err)
		}
		r.Sent++
		if _, reply := cutBody(b.Next()); !bytes.Equal(reply, body) {
			return fmt.Errorf("the answer to message %d is not that message: expected %d bytes that begin with %q, got %d bytes",
				n+1, len(body), body[:1], len(reply))
		}
		if !l.recorded(n, begin, sent) {
			continue
		}
		if first.IsZero() {
			first = sent
		}
		r.Messages, r.Elapsed, r.waited = r.Messages+1, now.Sub(first), r.waited+now.Sub(sent)
		if err := took.RecordValue(int64(min(now.Sub(sent), longestLatency))); err != nil {
			return err
		}
	}
	return nil
}

// roundTrip sends m and leaves the answer in b.
func roundTrip(ctx context.Context, s *sockets.Socket, b *frames.Batch, m frames.Message) error {
	b.Reset()
	b.Append(m)
	if err := s.SendBatch(ctx, b); err != nil {
		return err
	}
	return s.RecvBatch(ctx, b)
}
