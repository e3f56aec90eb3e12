package life

import (
	"context"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// A script learns how it ended; a person, who has nothing to look at meanwhile, is
// told why after this time.
const (
	longAbsence = 2 * time.Second
	longLinger  = time.Second
)

// MentionAbsence tells a person who waits without a limit that no peer is there: a
// connect never fails, so that a wrong port looks like a quiet one. The returned
// function ends it.
func (l *Life) MentionAbsence(m *Monitor, why func() string) (end func() bool) {
	if m.Dialed == 0 || l.Say.Says(say.LevelEvents) {
		return func() bool { return false }
	}
	return time.AfterFunc(longAbsence, func() {
		if m.Met() == 0 && l.Stop.Err() == nil {
			l.Say.Notice("no peer so far%s: still trying", why())
		}
	}).Stop
}

// MentionLinger tells a person what the end waits for, and how to end at once: with
// two signals, or with one more after the first, when it is told again.
func (l *Life) MentionLinger(linger time.Duration) (end func()) {
	if linger == 0 {
		return func() {}
	}
	limit := "until it has left"
	if linger > 0 {
		limit = "up to " + linger.String()
	}
	begun := time.Now()
	say := func(keys string) {
		l.Say.Notice("sending what is left, %s (--linger): Ctrl-C %s ends that", limit, keys)
	}
	timer := time.AfterFunc(longLinger, func() {
		keys := "twice"
		if l.Stop.Err() != nil {
			keys = "again"
		}
		say(keys)
	})
	if l.Stop.Err() != nil {
		return func() { timer.Stop() }
	}
	unwatch := context.AfterFunc(l.Stop, func() {
		if time.Since(begun) >= longLinger && l.Hard.Err() == nil {
			say("again")
		}
	})
	return func() {
		timer.Stop()
		unwatch()
	}
}
