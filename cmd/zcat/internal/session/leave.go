package session

import (
	"errors"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// What is left at an end, and how it is known.

// count says what did not arrive. A refusal may come as late as the linger,
// where only its event tells of it.
func (s *Session) count(err, closeErr error) {
	if s.counted.Swap(true) {
		return
	}
	var (
		left *sockets.UnsentError
		told *sockets.RefusedError
	)
	stats := s.socket.Stats()
	unsent := uint64(s.unsent.Load()) + stats.Lost
	if errors.As(closeErr, &left) {
		unsent += uint64(left.Messages)
		s.Tally.Leave(uint64(left.Messages))
	}
	refused, protocol := s.monitor.Refused()
	switch {
	case errors.As(err, &told):
	case refused && protocol:
		s.Verdict.Add(outcome.Failed)
	case refused:
		s.Verdict.Add(outcome.Refused)
	case unsent > 0:
		s.Verdict.Add(outcome.Unsent)
	case s.Row.Traits.Publishes && !s.command.Prints() && stats.Sent > 0 && s.monitor.Met() == 0 && (!s.WaitSubs.Asked || s.WaitSubs.N > 0):
		// A publisher cannot know who misses what, but that nobody was there at all
		// is never a success.
		s.Say.Fail("no peer was there: %s left unsent", say.Plural(stats.Sent, "message"))
		s.Verdict.Add(outcome.Unsent)
	}
	s.unroutedLock.Lock()
	s.sumUnrouted(s.unrouted.Rest())
	s.unroutedLock.Unlock()
	s.sayLeft(unsent, stats)
	if n := s.Lines.Skipped.Load(); n > 0 {
		s.Say.Notice("%s skipped", say.Plural(n, "bad line"))
	}
}

// giveUp says what is left of a command that did not end: it is stuck in a write
// that nobody reads.
func (s *Session) giveUp() {
	stats, some := s.Tally.Stats()
	if !some || s.counted.Swap(true) {
		return
	}
	if s.deserted.Load() {
		s.Verdict.Add(outcome.Pipe)
	}
	unsent := uint64(s.unsent.Load()) + stats.Lost + uint64(stats.Queued)
	if unsent > 0 {
		s.Verdict.Add(outcome.Unsent)
	}
	s.sayLeft(unsent, stats)
}

// sayLeft says what was neither sent nor printed.
func (s *Session) sayLeft(unsent uint64, stats sockets.Stats) {
	if unsent > 0 {
		s.Say.Fail("%s left unsent", say.Plural(unsent, "message"))
	}
	if n := s.unprinted(stats); n > 0 {
		s.Say.Fail("%s received and not printed", say.Plural(n, "message"))
	}
	if stats.Dropped > 0 {
		s.Say.Notice("%s dropped for peers that were too slow or gone", say.Plural(stats.Dropped, "message"))
	}
	s.Say.Strangers(stats)
}

// unprinted is how many messages a signal kept from stdout. Whoever closes stdout,
// or says how many messages are wanted, does not want the others.
func (s *Session) unprinted(stats sockets.Stats) uint64 {
	if s.Stop.Err() == nil || s.deserted.Load() || !s.ToStdout || s.Exec != "" {
		return 0
	}
	all, _ := s.Tally.Stats() // the sockets before this one count too
	received := all.Received
	// Whoever leaves unsubscribes, and what was not asked for is nobody's loss.
	if !s.Row.Traits.Publishes && !s.prints.Last.Load() {
		received += uint64(stats.Waiting)
	}
	return received - min(received, s.prints.Printed())
}

// desert ends a command whose reader of stdout is gone, unless nothing was to be
// printed any more.
func (s *Session) desert() {
	if s.prints.Final() {
		return
	}
	s.deserted.Store(true)
	s.Wind()
}

// exhausted reports whether a command that answers its input, line by line, had
// nothing left to do when it was told to stop: its input was at its end.
func (s *Session) exhausted() bool {
	return s.Row.spent != nil && s.Reads && s.Lines.AtEnd() && s.Row.spent(s)
}

// summarise says what a session did.
func (s *Session) summarise(result outcome.Status) {
	sum := s.Tally.Sum(s.command.Name, result)
	if !s.Row.Traits.Copies {
		// What was left is a copy for one peer there; elsewhere it is the message.
		sum.Sent -= min(sum.Sent, sum.Unsent)
	}
	sum.Unsent += uint64(s.unsent.Load())
	s.Summarise(sum)
}
