package sockets

import "time"

// throttle is a time in which something fails again and again: it is reported at its
// beginning, and then ever more rarely, down to once a minute.
type throttle struct {
	next time.Time     // when it is reported again
	gap  time.Duration // since it was reported last
}

// tell reports whether a failure that comes now is to be reported.
func (f *throttle) tell(now time.Time) bool {
	switch {
	case now.Before(f.next):
		return false
	case now.After(f.next.Add(f.gap)): // all was well meanwhile
		f.gap = 0
	}
	f.gap = min(max(2*f.gap, time.Second), time.Minute)
	f.next = now.Add(f.gap)
	return true
}
