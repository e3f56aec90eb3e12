package session

import (
	"errors"
	"math"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// What is left at the end, and how that is known.

// count reports what did not arrive. A refusal may come as late as the linger,
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
	unsent := uint64(s.unsent.Load()) + stats.Unmet
	if errors.As(closeErr, &left) {
		unsent += uint64(left.Messages)
		s.Tally.Leave(uint64(left.Messages))
		s.Tally.Undo(s.socket, left.Messages)
	}
	if err == nil && unsent+stats.Lost > 0 && s.Options.ReconnectStop != 0 && errors.As(s.socket.WaitPeers(s.Hard, math.MaxInt), &told) &&
		!told.Ended && errors.Is(told.Err, sockets.ErrNotAgain) {
		// It came when all was queued; a moment before it would have ended the sending.
		err = told
		s.Verdict.Add(outcome.OfError(told))
		s.report(told)
	}
	refused, protocol := s.monitor.Refused()
	if refused || errors.As(err, &told) {
		unsent += s.untaken()
	}
	switch {
	case errors.As(err, &told) && !told.Ended:
	case refused && protocol:
		s.Verdict.Add(outcome.Failed)
	case refused:
		s.Verdict.Add(outcome.Refused)
	case unsent+stats.Lost > 0:
		s.Verdict.Add(outcome.Unsent)
	case s.command.Traits().Publishes && stats.Sent > 0 && s.monitor.Met() == 0 && (!s.WaitSubs.Asked || s.WaitSubs.N > 0):
		// A publisher cannot know who misses what, but it is never a success that
		// nobody was there at all.
		s.Say.Fail("no peer was there: %s left unsent", say.Plural(stats.Sent, "message"))
		s.unheard = stats.Sent
		s.Verdict.Add(outcome.Unsent)
	}
	for _, flood := range s.floods() {
		flood.End()
	}
	why := ""
	if err == nil && !refused && s.Options.Linger != 0 && !s.Verdict.Status().Told() && s.monitor.Met() == 0 {
		why = s.monitor.Why() // which nothing else has told
	}
	s.sayLeft(unsent, stats, why)
	if n := s.Lines.Skipped.Load(); n > 0 {
		s.Say.Notice("%s skipped", say.Plural(n, "bad line"))
	}
}

// untaken counts, and returns, the FRAMEs that were still to be sent when the command was
// refused: what it would have sent is known, however soon that came.
func (s *Session) untaken() uint64 {
	has := s.command.Traits()
	if s.Message == nil || s.Repeat == 0 || has.Answers {
		return 0
	}
	all := s.Repeat
	if s.Limit > 0 && (has.Asks || !s.command.Prints()) {
		all = min(all, s.Limit)
	}
	stats, _ := s.Tally.Stats()
	n := int64(all) - int64(stats.Sent+stats.Unroutable) - s.unsent.Load()
	if n <= 0 {
		return 0
	}
	s.unsent.Add(n)
	return uint64(n)
}

// giveUp reports what is left of a command that did not end: it is stuck in a write
// that nobody reads.
func (s *Session) giveUp() {
	stats, some := s.Tally.Stats()
	if !some || s.counted.Swap(true) {
		return
	}
	if s.deserted.Load() {
		s.Verdict.Add(outcome.Pipe)
	}
	unsent := uint64(s.unsent.Load()) + stats.Unmet + uint64(stats.Queued)
	if unsent+stats.Lost > 0 {
		s.Verdict.Add(outcome.Unsent)
	}
	s.sayLeft(unsent, stats, "")
}

// sayLeft reports what was neither sent, and why, nor printed.
func (s *Session) sayLeft(unsent uint64, stats sockets.Stats, why string) {
	s.Say.Left(unsent, stats.Lost, why)
	if n := s.unprinted(stats); n > 0 {
		s.Say.Fail("%s received and not printed", say.Plural(n, "message"))
	}
	dropped := stats.Dropped
	if s.command.Traits().Answers {
		dropped += stats.Unroutable // with --presence
	}
	if dropped > 0 {
		s.Say.Notice("%s dropped for peers that were too slow or gone", say.Plural(dropped, "message"))
	}
	s.Say.Strangers(stats)
}

// unprinted returns the number of messages that a signal kept from stdout. A user
// who closes stdout, or says how many messages are wanted, does not want the
// others.
func (s *Session) unprinted(stats sockets.Stats) uint64 {
	if s.Stop.Err() == nil || s.deserted.Load() || !s.ToStdout || s.Exec != "" {
		return 0
	}
	all, _ := s.Tally.Stats() // the sockets before this one count too
	received := all.Received
	// A subscriber that leaves unsubscribes, and what was not asked for is nobody's
	// loss.
	if !s.command.Traits().Publishes && !s.prints.Last.Load() {
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

// exhausted reports whether a command that works through its input had nothing left
// to do when it was told to stop: its input was at its end.
func (s *Session) exhausted() bool {
	return s.Reads && s.Lines.AtEnd() && s.settled()
}

// summarise reports what a session did.
func (s *Session) summarise(result outcome.Status) {
	sum := s.Tally.Sum(s.command.Name, result)
	sum.Unsent += uint64(s.unsent.Load()) + s.unheard
	sum.Sent -= min(sum.Sent, s.unheard)
	s.Summarise(sum)
}
