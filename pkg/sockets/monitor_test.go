package sockets

import (
	"errors"
	"slices"
	"sync"
	"testing"
)

// eventLog is a socket's monitor, whose events a test can await.
type eventLog struct {
	t      testing.TB
	mu     sync.Mutex
	events []Event
	seen   int
	news   chan struct{}
}

// monitor returns an option that logs a socket's events.
func monitor(tb testing.TB) (*eventLog, Option) {
	tb.Helper()
	l := &eventLog{t: tb, news: make(chan struct{}, 1)}
	return l, func(o *Options) { o.Monitor = l.note }
}

func (l *eventLog) note(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// await waits for the next event of one of the kinds, after those that were awaited
// before.
func (l *eventLog) await(kinds ...EventKind) Event {
	l.t.Helper()
	ctx := within(l.t)
	for {
		l.mu.Lock()
		for l.seen < len(l.events) {
			e := l.events[l.seen]
			l.seen++
			if slices.Contains(kinds, e.Kind) {
				l.mu.Unlock()
				return e
			}
		}
		l.mu.Unlock()
		select {
		case <-l.news:
		case <-ctx.Done():
			l.t.Fatalf("no event %v among %v", kinds, l.kinds())
		}
	}
}

// kinds lists the events so far.
func (l *eventLog) kinds() []EventKind {
	l.mu.Lock()
	defer l.mu.Unlock()
	var kinds []EventKind
	for _, e := range l.events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// heard reports whether an event with this error came so far.
func (l *eventLog) heard(err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.events, func(e Event) bool { return errors.Is(e.Err, err) })
}

// count returns the number of events of a kind so far.
func (l *eventLog) count(kind EventKind) int {
	n := 0
	for _, k := range l.kinds() {
		if k == kind {
			n++
		}
	}
	return n
}
