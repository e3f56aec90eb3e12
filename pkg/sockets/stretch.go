package sockets

import "time"

// stretch is a time in which something fails again and again: it is told at its
// begin, and then ever more rarely, but once a minute.
type stretch struct {
	next time.Time     // when it is told again
	gap  time.Duration // since it was told last
}

// tell reports whether to tell of a failure that comes now.
func (f *stretch) tell(now time.Time) bool {
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
