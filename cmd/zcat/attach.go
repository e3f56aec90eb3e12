package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/zcat/zcat/pkg/sockets"
)

// openAll opens the socket, attaches its endpoints in command-line order and
// writes the endpoint file.
func (s *session) openAll(c *config) error {
	describe(c.command, s.options, s.say)
	w, err := newMonitor(watched(c), s.say, s.endInput)
	if err != nil {
		return err
	}
	s.monitor = w
	s.tally.hears(w)
	if s.granted, err = s.grant(s.access); err != nil {
		return err
	}
	if err := s.openSocket(); err != nil {
		return err
	}
	return s.place.publish(s.bound)
}

// openSocket makes the socket and attaches it. Done a second time, it binds to
// the very endpoints of the first.
func (s *session) openSocket() error {
	again := s.bound != nil
	socket, err := sockets.New(s.command.kind, func(o *sockets.Options) {
		*o = s.options
		s.granted.Secure(o, true)
		o.Monitor = s.monitor.see
		o.Backlog = s.othersAhead
	})
	if err != nil {
		return &usageError{err.Error(), s.command.line("--help")}
	}
	s.socket = socket
	s.tally.watch(socket)
	s.opens(socket)
	for _, prefix := range s.subscribe {
		if err := socket.Subscribe(prefix); err != nil {
			return fmt.Errorf("subscribing: %w", err)
		}
	}
	binds := 0
	for _, a := range s.endpoints {
		if !a.bind {
			if err := socket.Connect(a.endpoint); err != nil {
				return fmt.Errorf("connect: %w", err)
			}
			continue
		}
		endpoint := a.endpoint
		if again {
			endpoint = s.bound[binds]
		}
		resolved, err := socket.Bind(s.stop, endpoint)
		if err != nil {
			if s.stop.Err() != nil {
				return errHalted
			}
			return bindFailed(a.endpoint, err, func(endpoint string) string { return s.hint("--bind " + endpoint) })
		}
		if binds++; !again {
			s.bound = append(s.bound, resolved)
			s.say.announce(a.endpoint, resolved)
		}
	}
	return nil
}

// reopen gives up the socket with all that is queued, and takes a fresh one.
func (s *session) reopen() error {
	gone, cancel := context.WithCancel(s.hard)
	cancel()
	var unsent *sockets.UnsentError
	if err := s.socket.CloseContext(gone); err != nil && !errors.As(err, &unsent) {
		return err
	}
	return s.openSocket()
}
