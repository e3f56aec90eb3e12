package session

import (
	"context"
	"fmt"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// A script learns how it ended; a person, who has nothing to look at meanwhile, is
// told why after this time.
const (
	longAbsence = 2 * time.Second
	longLinger  = time.Second
)

// mentionAbsence tells a person who waits without a limit that no peer is there: a
// connect never fails, so that a wrong port looks like a quiet one. The returned
// function ends it.
func (s *Session) mentionAbsence() (end func() bool) {
	if !s.person || s.Timeout > 0 || s.monitor.Dialed == 0 || s.Say.Says(say.LevelEvents) {
		return noMention
	}
	return time.AfterFunc(longAbsence, func() {
		if s.monitor.Met() == 0 && s.Stop.Err() == nil {
			s.Say.Notice("no peer so far%s: still trying", s.why())
		}
	}).Stop
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

// mentionLinger tells a person what the end waits for, and how to end at once: with
// two signals, or with one more after the first, when it is told again.
func (s *Session) mentionLinger() (end func()) {
	if !s.person || s.Options.Linger == 0 {
		return func() {}
	}
	limit := "until it has left"
	if s.Options.Linger > 0 {
		limit = "up to " + s.Options.Linger.String()
	}
	begun := time.Now()
	say := func(keys string) {
		s.Say.Notice("sending what is left, %s (--linger): Ctrl-C %s ends that", limit, keys)
	}
	timer := time.AfterFunc(longLinger, func() {
		keys := "twice"
		if s.Stop.Err() != nil {
			keys = "again"
		}
		say(keys)
	})
	if s.Stop.Err() != nil {
		return func() { timer.Stop() }
	}
	unwatch := context.AfterFunc(s.Stop, func() {
		if time.Since(begun) >= longLinger && s.Hard.Err() == nil {
			say("again")
		}
	})
	return func() {
		timer.Stop()
		unwatch()
	}
}

func noMention() bool { return false }
