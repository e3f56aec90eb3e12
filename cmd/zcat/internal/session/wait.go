package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
)

// firstSubscription is the time that a publisher waits by default for a
// subscription: without that its first messages go to nobody.
const firstSubscription = time.Second

// step does something that must not take longer than --timeout, and calls late for
// the sentence to report if it does. An end that Stop asked for is
// outcome.ErrHalted.
func (s *Session) step(ctx context.Context, do func(context.Context) error, late func() string) error {
	bounded, cancel := life.Limited(ctx, s.Timeout)
	defer cancel()
	err := do(bounded)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return outcome.ErrHalted
	case errors.Is(err, context.DeadlineExceeded):
		return &outcome.TimeoutError{Step: late()}
	}
	return err
}

// awaitPeers waits for as many peers as --wait-peers asks for, or at least one
// where a sender has a --timeout: a connect never fails, so that is how to learn
// that nobody is there.
func (s *Session) awaitPeers(least int) error {
	n := max(s.WaitPeers, least)
	if n == 0 {
		return nil
	}
	return s.step(s.Taking, func(ctx context.Context) error { return s.socket.WaitPeers(ctx, n) }, func() string {
		if n == 1 {
			return fmt.Sprintf("no peer within %v%s", s.Timeout, s.why())
		}
		return fmt.Sprintf("%d of %d peers within %v", s.socket.Stats().Peers, n, s.Timeout)
	})
}

// leftWith returns err, which kept a command from beginning to send, and counts the
// message of its FRAMEs as unsent. Lines of stdin are not taken yet.
func (s *Session) leftWith(err error) error {
	if err != nil && s.Message != nil {
		s.unsent.Add(1)
	}
	return err
}

// awaitAudience waits for the peers that a sender needs before its first message.
func (s *Session) awaitAudience() error {
	publisher := s.command.Traits().Publishes
	least := 0
	if s.Timeout > 0 && !s.command.Prints() && !s.WaitSubs.Asked {
		least = 1
	}
	if err := s.awaitPeers(least); err != nil || !publisher {
		return err
	}
	want := s.WaitSubs
	if want.Asked {
		if want.N == 0 {
			return nil
		}
		return s.step(s.Taking, func(ctx context.Context) error {
			return s.socket.WaitSubscribers(ctx, want.N, want.Prefix)
		}, func() string { return s.missing(want) })
	}
	if s.Options.Manual {
		return nil // there are none before the input has answered
	}
	ctx, cancel := context.WithTimeout(s.Taking, firstSubscription)
	defer cancel()
	err := s.socket.WaitSubscribers(ctx, 1, nil)
	switch {
	case err == nil: // also where its subscription was all that --count asked for
		return nil
	case s.Taking.Err() != nil:
		return outcome.ErrHalted
	case errors.Is(err, context.DeadlineExceeded):
		return nil
	}
	return err
}

// missing names the subscriptions that did not come in time.
func (s *Session) missing(want line.WaitSubs) string {
	stats := s.socket.Stats()
	to := ""
	if want.Prefix != nil {
		to = fmt.Sprintf(" to %q", frames.FormatBytes(want.Prefix))
	}
	return fmt.Sprintf("%s%s awaited, not there within %v (%s, %d with a subscription)",
		say.Plural(want.N, "subscribed peer"), to, s.Timeout, say.Plural(stats.Peers, "peer"), stats.Subscribers)
}

// pacer spaces messages for --interval and --rate.
type pacer struct {
	gap    time.Duration
	strict bool      // never less than gap, instead of gap on average
	next   time.Time // when the next message may leave
}

// catchUp is the most that a rate may fall behind and still make up for it.
const catchUp = 100 * time.Millisecond

// newPacer returns nil where nothing is spaced.
func newPacer(c *line.Input) *pacer {
	switch {
	case c.Interval > 0:
		return &pacer{gap: c.Interval, strict: true}
	case c.Rate > 0:
		return &pacer{gap: max(time.Second/time.Duration(c.Rate), 1)}
	}
	return nil
}

// wait waits for the next message's time. It returns outcome.ErrHalted when ctx is
// done.
func (p *pacer) wait(ctx context.Context) error {
	now := time.Now()
	if p.next.After(now) {
		timer := time.NewTimer(p.next.Sub(now))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return outcome.ErrHalted
		}
		now = time.Now()
	}
	if ctx.Err() != nil {
		return outcome.ErrHalted
	}
	if earliest := now.Add(-catchUp); p.strict || p.next.Before(earliest) {
		p.next = now
	}
	p.next = p.next.Add(p.gap)
	return nil
}

// why returns the reason why no peer is there, for the end of a sentence.
func (s *Session) why() string {
	pending := s.socket.Pending()
	switch {
	case len(pending) == 0:
		return s.monitor.Why()
	case pending[0].Heard:
		return fmt.Sprintf(": %s accepted the connection and did not finish its handshake", pending[0].Endpoint)
	}
	return fmt.Sprintf(": %s accepted the connection and said nothing", pending[0].Endpoint)
}
