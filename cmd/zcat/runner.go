package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/ration"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// session is one run of a socket command. The runner gives it its life: open,
// attach, wait for peers, let the shape converse, linger, close.
type session struct {
	*life
	command command
	Socket
	Input
	Output
	Course
	row     *socketRow
	hint    func(flags string) string // a command line that would work
	socket  *sockets.Socket
	bound   []string // the resolved endpoints
	monitor *monitor
	granted *access.Access
	lines   *input
	prints  *output
	moved   movement
	filter  *filter          // nil without one; then input and output are its own
	sending sending          // what is still to be sent
	unsent  atomic.Int64     // messages to send that the socket did not take
	replies bool             // each message gets a reply, to the peer that sent it
	tickets []sockets.Ticket // of the messages taken last

	unroutedLock sync.Mutex
	unrouted     ration.Ration[string] // reports of messages that no peer had the routing id of
	counted      atomic.Bool           // what is left is said, or is being said

	deserted atomic.Bool // the reader of stdout left while something was to be printed
	asking   bool        // a request has no reply yet

	expectation expectation
	person      bool // stderr is a terminal

	recorded func(*session) source // in the place of the input, nil without
	taking   context.Context       // ends with the input, at the latest with stop
	endInput context.CancelFunc
}

// converse runs a command to its end and returns the exit status.
func converse(c *config, std streams) status { return converseFrom(nil, c, std) }

// converseFrom is converse with another source of messages than the input.
func converseFrom(recorded func(*session) source, c *config, std streams) status {
	s := newSession(c, std)
	s.recorded, s.person = recorded, isTerminal(std.console.errs)
	s.taking, s.endInput = context.WithCancel(s.stop)
	s.prints = newOutput(c.Output, s.row.kind, std.out)
	s.lines = newInput(s.taking, s.settleOn(std))
	if c.summary {
		s.atEnd = s.summarise
	}
	s.abandon = s.giveUp
	return s.lead(func() {
		silence := s.reportProgress(c.Reports, std)
		s.live(c, std)
		silence()
	})
}

// newSession gives a session its parts.
func newSession(c *config, std streams) *session {
	return &session{
		command: c.command, Socket: c.Socket, Input: c.Input, Output: c.Output, Course: c.Course,
		row: rowOf(c.command.kind), life: newLife(lifeOf(c), std), hint: c.line,
	}
}

// live is the life of the socket.
func (s *session) live(c *config, std streams) {
	err := s.openAll(c)
	if err == nil {
		defer s.mentionAbsence()()
	}
	if err == nil && s.filterCommand != "" {
		err = s.startFilter()
	}
	if in, ok := std.in.(*os.File); ok && err == nil && s.exec != "" {
		go func() {
			if awaitUnread(in) {
				s.say.notice("stdin is not read: --exec runs CMD for what comes from peers")
			}
		}()
	}
	if err == nil {
		if s.toStdout {
			watchClosed(std.out, s.desert)
		}
		err = s.shape()
	}
	if s.filter != nil {
		err = s.endFilter(err)
	}
	s.conclude(err)
}

// shape is the conversation that the socket type has.
func (s *session) shape() error {
	if s.exec != "" && !s.row.traits.answers {
		return s.handleShape()
	}
	return s.row.shape(s)
}

// conclude says why the conversation ended, lingers, closes, and counts what
// was lost on the way.
func (s *session) conclude(err error) {
	s.endInput()
	halted := errors.Is(err, errHalted)
	if s.deserted.Load() && err != nil && (!halted || !s.exhausted()) {
		s.verdict.add(statusPipe)
	}
	if halted || errors.Is(err, errIdle) {
		err = nil
	}
	s.verdict.add(ofError(err))
	s.report(err)
	s.settleExpectation()
	if s.socket == nil {
		if s.monitor != nil {
			s.hush(s.monitor)
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
	s.hush(s.monitor)
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
		halted && s.row.traits.asks ||
		errors.As(err, &timeout) && (s.row.traits.asks || s.socket.Stats().Peers == 0)
}

// report says err, unless an event said it already.
func (s *session) report(err error) {
	var refused *sockets.RefusedError
	switch {
	case err == nil, errors.Is(err, errClosedOutput):
	case errors.As(err, &refused) && s.monitor.told(refused.Endpoint):
	default:
		s.say.failure(err)
	}
}

// show counts the messages of b, and says them at -vvv.
func (s *session) show(direction string, b *frames.Batch) {
	s.moved.count(direction, b)
	s.say.messages(direction, b)
}
