package sockets

import (
	"sync/atomic"
	"time"
)

// The pauses of a dialer whose endpoint is on this machine, in the first minute in which
// nobody listens there (earlyEnd): 1, 2, 4 ... 64 ms, up to 5 s after the beginning 64 to
// 100 ms, then 100 to 200 ms. Two programs that are started together meet at once,
// whichever is first.
const (
	earlyFirst   = time.Millisecond      // doubles from attempt to attempt
	earlyDoubled = 64 * time.Millisecond // the last of those
	earlyFresh   = 5 * time.Second       // until when they stay below earlyOften
	earlyOften   = 100 * time.Millisecond
	earlyLongest = 200 * time.Millisecond
	earlyEnd     = time.Minute
	// earlyShare is the least pause for each dialer that waits like this: together
	// they make at most 2000 attempts a second, of about 40 us each.
	earlyShare = 500 * time.Microsecond
	// earlyLife is how long a connection has to have lived for its end to be the
	// beginning of an absence: a listener that closes each at once is not rushed.
	earlyLife = time.Second
)

// earlyWaiting counts the dialers of this process that have an absence.
var earlyWaiting atomic.Int64 //nolint:gochecknoglobals // what they share is the processor

// absence is the time in which nobody listens on a dialer's endpoint.
type absence struct {
	since time.Time     // zero while there is none
	wait  time.Duration // the next pause
}

// begin makes now the beginning, unless there was one.
func (a *absence) begin(now time.Time) {
	if a.since.IsZero() {
		a.since, a.wait = now, earlyFirst
		earlyWaiting.Add(1)
	}
}

func (a *absence) end() {
	if !a.since.IsZero() {
		a.since = time.Time{}
		earlyWaiting.Add(-1)
	}
}

// pause returns the pause before the next attempt, and false where the absence has
// lasted too long for one of its own.
func (a *absence) pause(now time.Time) (d time.Duration, early bool) {
	lasted := now.Sub(a.since)
	share := time.Duration(earlyWaiting.Load()) * earlyShare
	if lasted >= earlyEnd || share > earlyLongest {
		return 0, false
	}
	switch {
	case a.wait <= earlyDoubled:
		d = between(a.wait, a.wait+a.wait/4)
		a.wait *= 2
	case lasted < earlyFresh:
		d = between(earlyDoubled, earlyOften)
	default:
		d = between(earlyLongest/2, earlyLongest)
	}
	return max(d, share), true
}
