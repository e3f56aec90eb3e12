// Package session has the socket commands: what the traits of a type make of its command,
// the words of the help, and the conversations, each in a file: send, receive, duplex,
// request, reply, and handle for commands that run for each message.
package session

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/progress"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Session is one run of a socket command. The runner gives it its life: open,
// attach, wait for peers, let the shape converse, linger, close.
type Session struct {
	*life.Life
	command line.Command
	line.Socket
	line.Input
	line.Output
	line.Course
	hint func(flags string) string // a command line that would work
	// elsewhere makes the command line with another endpoint in the place of one that is taken.
	elsewhere func(taken, endpoint string) string
	socket    *sockets.Socket
	bound     []string // the resolved endpoints
	monitor   *life.Monitor
	granted   *access.Access
	Lines     *stream.Input
	prints    *stream.Output
	moved     progress.Moved
	filter    *filtering       // nil without one; then input and output are its own
	Sending   Sending          // what is still to be sent
	unsent    atomic.Int64     // messages to send that the socket did not take
	unheard   uint64           // messages that a publisher sent, and nobody was ever there
	replies   bool             // each message gets a reply, to the peer that sent it
	tickets   []sockets.Ticket // of the messages taken last

	Bad                          say.Flood // reports of bad lines
	unrouted, failing, different say.Flood // and of what cannot be sent, is handled in vain, is not as expected

	counted atomic.Bool // what is left is reported, or is being reported

	quiet    quiet
	held     held
	deserted atomic.Bool // the reader of stdout left while something was to be printed
	asking   bool        // a request has no reply yet

	expectation expectation
	person      bool // stderr is a terminal

	recorded func(*Session) stream.Source // in place of the input, nil without
	Taking   context.Context              // ends with the input, at the latest with stop
	endInput context.CancelFunc
}

// converse runs a command to its end and returns the exit status.
func converse(c *line.Config, std say.Streams) outcome.Status { return ConverseFrom(nil, c, std) }

// ConverseFrom is converse with another source of messages than the input.
func ConverseFrom(recorded func(*Session) stream.Source, c *line.Config, std say.Streams) outcome.Status {
	s := New(c, std)
	s.recorded, s.person = recorded, say.IsTerminal(std.Console.Errs)
	s.Taking, s.endInput = context.WithCancel(s.Stop)
	s.prints = stream.NewOutput(c.Output, s.command.Kind, s.ticked(std.Out))
	s.Lines = stream.NewInput(s.Taking, s.settleOn(std))
	if c.Summary {
		s.AtEnd = s.summarise
	}
	s.Abandon = s.giveUp
	return s.Lead(func() {
		silence := s.moved.Report(c.Reports, std, s.Leave != nil, s.command.Prints() && say.IsTerminal(std.Out))
		s.live(c, std)
		silence()
	})
}

// New makes a session from its parts.
func New(c *line.Config, std say.Streams) *Session {
	s := &Session{
		command: c.Command, Socket: c.Socket, Input: c.Input, Output: c.Output, Course: c.Course,
		Life: life.New(life.Asked(c), std), hint: c.Line, elsewhere: c.Elsewhere,
	}
	for _, flood := range s.floods() {
		flood.Say, flood.Most = s.Say, say.ManyLines
	}
	s.unrouted.Most = mostUnrouted
	return s
}

// floods are the reports of which others decide how many there are.
func (s *Session) floods() []*say.Flood {
	return []*say.Flood{&s.unrouted, &s.Bad, &s.failing, &s.different}
}

// live runs the session: from opening the socket to closing it.
func (s *Session) live(c *line.Config, std say.Streams) {
	err := s.openAll(c)
	s.Heed()
	if err == nil {
		if s.person && s.Timeout == 0 {
			defer s.MentionAbsence(s.monitor, s.why)()
		}
	}
	if err == nil && s.FilterCommand != "" {
		err = s.startFilter()
	}
	if err == nil {
		s.Ready()
	}
	if in, ok := std.In.(*os.File); ok && err == nil && s.Exec != "" {
		go func() {
			if stream.AwaitUnread(in) {
				s.Say.Notice("stdin is not read: --exec runs CMD for what comes from peers")
			}
		}()
	}
	if err == nil {
		if s.ToStdout {
			stream.WatchClosed(std.Out, s.desert)
		}
		// A record of the time that cannot be printed ends nothing: the next message will.
		silence := life.Every(s.Tick, func() { _ = s.prints.Tick() })
		err = s.shape()
		silence()
	}
	if s.filter != nil {
		s.endFilter(err)
	}
	s.conclude(err)
}

// ticked is w as records of the time are printed to it, of which no more than one waits.
func (s *Session) ticked(w io.Writer) io.Writer {
	if s.Tick == 0 {
		return w
	}
	pipe, _ := w.(*os.File)
	return stream.NewTail(w, pipe)
}

// shape is the conversation that the socket type has.
func (s *Session) shape() error {
	if s.Exec != "" && !s.command.Traits().Answers {
		return s.handleShape()
	}
	return shapeOf(s.command)(s)
}

// conclude reports the reason for which the conversation ended, lingers, closes,
// and counts what was lost on the way.
func (s *Session) conclude(err error) {
	s.endInput()
	halted := errors.Is(err, outcome.ErrHalted)
	if s.deserted.Load() && err != nil && (!halted || !s.exhausted()) {
		s.Verdict.Add(outcome.Pipe)
	}
	if halted || errors.Is(err, outcome.ErrIdle) {
		err = nil
	}
	s.Verdict.Add(outcome.OfError(err))
	s.report(err)
	s.settleExpectation()
	if s.socket == nil {
		if s.monitor != nil {
			s.Hush(s.monitor)
		}
		return
	}
	ctx := s.Hard
	if s.nobodyLeft(err, halted) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		ctx = gone
	}
	said := func() {}
	if s.person {
		said = s.MentionLinger(s.Options.Linger)
	}
	s.Ending()
	closeErr := s.socket.CloseContext(ctx)
	said()
	s.Hush(s.monitor)
	s.count(err, closeErr)
}

// nobodyLeft reports whether err, a signal or a reply that did not come ended the
// conversation in a way that leaves nothing to linger for, as with a request whose reply
// nobody awaits.
func (s *Session) nobodyLeft(err error, halted bool) bool {
	var (
		timeout *outcome.TimeoutError
		refused *sockets.RefusedError
	)
	return errors.As(err, &refused) ||
		(halted || s.asking) && s.command.Traits().Asks ||
		errors.As(err, &timeout) && (s.command.Traits().Asks || s.socket.Stats().Peers == 0)
}

// report reports err, unless an event already did.
func (s *Session) report(err error) {
	var refused *sockets.RefusedError
	switch {
	case err == nil, errors.Is(err, outcome.ErrClosedOutput):
	case errors.As(err, &refused) && s.monitor.Told(refused.Endpoint):
	default:
		s.Say.Failure(err)
	}
}

// show counts the messages that came in b, and shows b at -vvv. What is sent counts only
// once the socket has taken it.
func (s *Session) show(direction string, b *frames.Batch) {
	if direction == "received" {
		s.moved.Count(direction, b.Len(), b.Size())
	}
	s.Say.Messages(direction, b)
}
