package main

import (
	"context"
	"fmt"
	"time"
)

// A script is told how it ended; a person, who looks at nothing meanwhile, is told
// why after so long.
const (
	longAbsence = 2 * time.Second
	longLinger  = time.Second
)

// mentionAbsence tells a person who waits without a limit that nobody is there:
// a connect never fails, so that a wrong port looks like a quiet one. The returned
// function ends it.
func (s *session) mentionAbsence() (end func() bool) {
	if !s.person || s.timeout > 0 || s.monitor.dialed == 0 || s.say.says(levelEvents) {
		return noMention
	}
	return time.AfterFunc(longAbsence, func() {
		if s.monitor.met() == 0 && s.stop.Err() == nil {
			s.say.notice("no peer so far%s: still trying", s.why())
		}
	}).Stop
}

// why is the reason for which nobody is there, for the end of a sentence.
func (s *session) why() string {
	pending := s.socket.Pending()
	switch {
	case len(pending) == 0:
		return s.monitor.why()
	case pending[0].Heard:
		return fmt.Sprintf(": %s accepted the connection and did not finish its handshake", pending[0].Endpoint)
	}
	return fmt.Sprintf(": %s accepted the connection and said nothing", pending[0].Endpoint)
}

// mentionLinger tells a person what the end waits for, and how to have it at once:
// by a second signal, which the first does not look like, so that it is said again
// after one.
func (s *session) mentionLinger() (end func()) {
	if !s.person || s.options.Linger == 0 {
		return func() {}
	}
	limit := "until it has left"
	if s.options.Linger > 0 {
		limit = "up to " + s.options.Linger.String()
	}
	begun := time.Now()
	say := func(keys string) {
		s.say.notice("sending what is left, %s (--linger): Ctrl-C %s ends that", limit, keys)
	}
	timer := time.AfterFunc(longLinger, func() {
		keys := "twice"
		if s.stop.Err() != nil {
			keys = "again"
		}
		say(keys)
	})
	if s.stop.Err() != nil {
		return func() { timer.Stop() }
	}
	unwatch := context.AfterFunc(s.stop, func() {
		if time.Since(begun) >= longLinger && s.hard.Err() == nil {
			say("again")
		}
	})
	return func() {
		timer.Stop()
		unwatch()
	}
}

func noMention() bool { return false }
