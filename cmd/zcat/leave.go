package main

import (
	"errors"

	"github.com/zcat/zcat/pkg/sockets"
)

// What is left at an end, and how it is known.

// count says what did not arrive. A refusal may come as late as the linger,
// where only its event tells of it.
func (s *session) count(err, closeErr error) {
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
		s.tally.leave(uint64(left.Messages))
	}
	refused, protocol := s.monitor.refused()
	switch {
	case errors.As(err, &told):
	case refused && protocol:
		s.verdict.add(statusFailed)
	case refused:
		s.verdict.add(statusRefused)
	case unsent > 0:
		s.verdict.add(statusUnsent)
	case s.row.traits.publishes && !s.command.prints() && stats.Sent > 0 && s.monitor.met() == 0 && (!s.waitSubs.asked || s.waitSubs.n > 0):
		// A publisher cannot know who misses what, but that nobody was there at all
		// is never a success.
		s.say.fail("no peer was there: %s left unsent", plural(stats.Sent, "message"))
		s.verdict.add(statusUnsent)
	}
	s.unroutedLock.Lock()
	s.sumUnrouted(s.unrouted.Rest())
	s.unroutedLock.Unlock()
	s.sayLeft(unsent, stats)
	if n := s.lines.skipped.Load(); n > 0 {
		s.say.notice("%s skipped", plural(n, "bad line"))
	}
}

// giveUp says what is left of a command that did not end: it is stuck in a write
// that nobody reads.
func (s *session) giveUp() {
	stats, some := s.tally.stats()
	if !some || s.counted.Swap(true) {
		return
	}
	if s.deserted.Load() {
		s.verdict.add(statusPipe)
	}
	unsent := uint64(s.unsent.Load()) + stats.Lost + uint64(stats.Queued)
	if unsent > 0 {
		s.verdict.add(statusUnsent)
	}
	s.sayLeft(unsent, stats)
}

// sayLeft says what was neither sent nor printed.
func (s *session) sayLeft(unsent uint64, stats sockets.Stats) {
	if unsent > 0 {
		s.say.fail("%s left unsent", plural(unsent, "message"))
	}
	if n := s.unprinted(stats); n > 0 {
		s.say.fail("%s received and not printed", plural(n, "message"))
	}
	if stats.Dropped > 0 {
		s.say.notice("%s dropped for peers that were too slow or gone", plural(stats.Dropped, "message"))
	}
	s.say.strangers(stats)
}

// unprinted is how many messages a signal kept from stdout. Whoever closes stdout,
// or says how many messages are wanted, does not want the others.
func (s *session) unprinted(stats sockets.Stats) uint64 {
	if s.stop.Err() == nil || s.deserted.Load() || !s.toStdout || s.exec != "" {
		return 0
	}
	all, _ := s.tally.stats() // the sockets before this one count too
	received := all.Received
	// Whoever leaves unsubscribes, and what was not asked for is nobody's loss.
	if !s.row.traits.publishes && !s.prints.last.Load() {
		received += uint64(stats.Waiting)
	}
	return received - min(received, s.prints.printed())
}

// desert ends a command whose reader of stdout is gone, unless nothing was to be
// printed any more.
func (s *session) desert() {
	if s.prints.final() {
		return
	}
	s.deserted.Store(true)
	s.wind()
}

// exhausted reports whether a command that answers its input, line by line, had
// nothing left to do when it was told to stop: its input was at its end.
func (s *session) exhausted() bool {
	return s.row.spent != nil && s.reads && s.lines.atEnd() && s.row.spent(s)
}

// summarise says what a session did.
func (s *session) summarise(result status) {
	sum := s.tally.sum(s.command.name, result)
	if !s.row.traits.copies {
		// What was left is a copy for one peer there; elsewhere it is the message.
		sum.Sent -= min(sum.Sent, sum.Unsent)
	}
	sum.Unsent += uint64(s.unsent.Load())
	s.life.summarise(sum)
}
