package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/sockets"
)

// openAll opens the socket, attaches its endpoints in command-line order and
// writes the endpoint file.
func (s *Session) openAll(c *line.Config) error {
	flags.Describe(c.Command, s.Options, s.Say)
	w, err := life.NewMonitor(life.Watched(c), s.Say, s.endInput)
	if err != nil {
		return err
	}
	s.monitor = w
	s.Tally.Hears(w)
	if s.granted, err = s.Grant(s.Access); err != nil {
		return err
	}
	if err := s.openSocket(); err != nil {
		return err
	}
	return s.Place.Publish(s.bound)
}

// openSocket makes the socket and attaches it. Done a second time, it binds to
// the very endpoints of the first.
func (s *Session) openSocket() error {
	socket, err := sockets.New(s.command.Kind, func(o *sockets.Options) {
		*o = s.Options
		s.granted.Secure(o, true)
		o.Monitor = s.monitor.See
		o.Backlog = s.OthersAhead
		o.Presence = s.Presence
	})
	if err != nil {
		return &outcome.UsageError{Sentence: err.Error(), Hint: s.command.Line("--help")}
	}
	s.socket = socket
	s.Tally.Watch(socket, &s.Options)
	s.Opens(socket)
	for _, prefix := range s.Subscribe {
		if err := socket.Subscribe(prefix); err != nil {
			return fmt.Errorf("subscribing: %w", err)
		}
	}
	for _, group := range s.Groups {
		if err := socket.Join(group); err != nil {
			return fmt.Errorf("joining: %w", err)
		}
	}
	bound, err := s.Join(socket, s.Endpoints, s.bound, s.elsewhere)
	if s.bound == nil {
		s.bound = bound
	}
	return err
}

// reopen gives up the socket with all that is queued, and takes a fresh one.
func (s *Session) reopen() error {
	gone, cancel := context.WithCancel(s.Hard)
	cancel()
	var unsent *sockets.UnsentError
	if err := s.socket.CloseContext(gone); err != nil && !errors.As(err, &unsent) {
		return err
	}
	return s.openSocket()
}
