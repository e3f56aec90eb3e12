package main

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// session is one run of a socket command. The runner gives it its life: open,
// attach, wait for peers, let the shape converse, linger, close.
type session struct {
	*config
	*life
	socket  *sockets.Socket
	bound   []string // the resolved endpoints
	witness *witness
	granted *access.Access
	input   *input
	output  *output
	moved   movement
	filter  *filter          // nil without one; then input and output are its own
	unsent  atomic.Int64     // messages to send that the socket did not take
	replies bool             // each message gets a reply, to the peer that sent it
	tickets []sockets.Ticket // of the messages taken last

	expectation expectation
	person      bool // stderr is a terminal

	taking   context.Context // ends with the input, at the latest with stop
	endInput context.CancelFunc
}

// converse runs a command to its end and returns the exit status.
func converse(c *config, std streams) status {
	s := &session{config: c, life: newLife(c, std.say), person: isTerminal(std.console.errs)}
	s.taking, s.endInput = context.WithCancel(s.stop)
	s.output = newOutput(c, std.out)
	s.input = newInput(s.taking, s.settleOn(std))
	if c.summary {
		s.atEnd = s.summarise
	}
	return s.lead(func() {
		silence := s.reportProgress(std)
		s.live(std)
		silence()
	})
}

// live is the life of the socket.
func (s *session) live(std streams) {
	err := s.openAll()
	if err == nil {
		defer s.mentionAbsence()()
	}
	if err == nil && s.filterCommand != "" {
		err = s.startFilter()
	}
	if err == nil {
		if s.usesStdout() {
			watchClosed(std.out, s.readerGone)
		}
		err = s.shape()
	}
	if s.filter != nil {
		err = s.endFilter(err)
	}
	s.conclude(err)
}

// usesStdout reports whether messages, or what a command makes of them, go to
// stdout.
func (s *session) usesStdout() bool {
	return s.word.prints() && s.filter == nil && (s.exec == "" || !s.word.sends())
}

// shape is the conversation that the socket type has.
func (s *session) shape() error {
	if s.exec != "" && !s.word.is(sockets.Rep) {
		return s.handleShape()
	}
	switch s.word.kind {
	case sockets.Push, sockets.Pub:
		return s.sendShape()
	case sockets.Pull, sockets.Sub:
		return s.receiveShape()
	case sockets.Req:
		return s.requestShape()
	case sockets.Rep:
		return s.replyShape()
	case sockets.Dealer, sockets.Pair, sockets.Router, sockets.XPub, sockets.XSub:
		return s.duplexShape()
	}
	return nil
}

// conclude says why the conversation ended, lingers, closes, and counts what
// was lost on the way.
func (s *session) conclude(err error) {
	s.endInput()
	halted := errors.Is(err, errHalted)
	if halted || errors.Is(err, errIdle) {
		err = nil
	}
	s.verdict.add(ofError(err))
	s.report(err)
	s.settleExpectation()
	if s.socket == nil {
		if s.witness != nil {
			s.witness.close()
		}
		return
	}
	ctx := s.hard
	if s.nobodyLeft(err, halted) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		ctx = gone
	}
	said := s.mentionLinger()
	closeErr := s.socket.CloseContext(ctx)
	said()
	s.witness.close()
	s.count(err, closeErr)
}

// nobodyLeft reports whether err, or a signal, ended the conversation in a way
// that leaves nobody to linger for: a request whose reply nobody awaits is one.
func (s *session) nobodyLeft(err error, halted bool) bool {
	var (
		timeout *timeoutError
		refused *sockets.RefusedError
	)
	return errors.As(err, &refused) ||
		halted && s.word.kind == sockets.Req ||
		errors.As(err, &timeout) && (s.word.kind == sockets.Req || s.socket.Stats().Peers == 0)
}

// report says err, unless an event said it already.
func (s *session) report(err error) {
	var refused *sockets.RefusedError
	switch {
	case err == nil, errors.Is(err, errClosedOutput):
	case errors.As(err, &refused) && s.witness.told(refused.Endpoint):
	default:
		s.say.failure(err)
	}
}

// count says what did not arrive. A refusal may come as late as the linger,
// where only its event tells of it.
func (s *session) count(err, closeErr error) {
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
	refused, protocol := s.witness.refused()
	switch {
	case errors.As(err, &told):
	case refused && protocol:
		s.verdict.add(statusFailed)
	case refused:
		s.verdict.add(statusRefused)
	case unsent > 0:
		s.verdict.add(statusUnsent)
	case s.word.is(sockets.Pub) && stats.Sent > 0 && s.witness.met() == 0 && (!s.waitSubs.asked || s.waitSubs.n > 0):
		// A publisher cannot know who misses what, but that nobody was there at all
		// is never a success.
		s.say.fail("no peer was there: %s left unsent", plural(stats.Sent, "message"))
		s.verdict.add(statusUnsent)
	}
	if unsent > 0 {
		s.say.fail("%s left unsent", plural(unsent, "message"))
	}
	if stats.Dropped > 0 {
		s.say.notice("%s dropped for peers that were too slow or gone", plural(stats.Dropped, "message"))
	}
	s.say.strangers(stats)
	if n := s.input.skipped.Load(); n > 0 {
		s.say.notice("%s skipped", plural(n, "bad line"))
	}
}

// show counts the messages of b, and says them at -vvv.
func (s *session) show(direction string, b *frames.Batch) {
	s.moved.count(direction, b)
	s.say.messages(direction, b)
}
