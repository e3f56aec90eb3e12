package sockets

import "time"

// The pauses of a dialer whose endpoint is on this machine, in the first minute in which
// nobody listens there (earlyEnd): 1, 2 and 4 ms, then a sixteenth of the time so far,
// from 4 to 200 ms, each with its jitter. Two programs that are started together meet at
// once, whichever is first, and a listener that comes late is found after a sixteenth
// of what it was late by.
const (
	earlyFirst    = time.Millisecond     // doubles from attempt to attempt
	earlyDoubled  = 4 * time.Millisecond // the last of those
	earlyFraction = 16
	earlyLongest  = 200 * time.Millisecond
	earlyEnd      = time.Minute
	// earlyShare is the least pause for each endpoint that is waited for like this beyond
	// the first earlyFree: thousands make at most 2000 attempts a second, of 50 us each.
	earlyShare = 500 * time.Microsecond
	earlyFree  = 16
	// earlyLife is how long a connection has to have lived for its end to be the
	// beginning of an absence: a listener that closes each at once is not rushed.
	earlyLife = time.Second
)

// earlyPause returns the pause after some attempts since an absence began, and false
// where that has lasted too long for one of its own. Where many endpoints are waited for
// it is longer, up to longest.
func earlyPause(lasted time.Duration, attempts, endpoints int, longest time.Duration) (d time.Duration, early bool) {
	if lasted >= earlyEnd {
		return 0, false
	}
	d = earlyDoubled
	if attempts < 2 {
		d = earlyFirst << attempts
	}
	d = min(max(d, lasted/earlyFraction), earlyLongest*4/5)
	share := min(time.Duration(endpoints-earlyFree)*earlyShare, max(longest, earlyLongest)*4/5)
	d = max(d, share)
	return between(d, d*5/4), true
}
