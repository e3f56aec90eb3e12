// Package throttle thins out what comes in floods, so that a stranger who provokes
// a line of a log cannot fill it.
package throttle

import "time"

// The shortest and the longest stretches of time that are summed up in one line.
const (
	shortest = time.Second
	longest  = time.Minute
)

// Throttle lets the first few things of each kind pass, and counts the rest of a
// stretch of time, which begins with the first: a second at first, twice as long
// each time that it was exceeded, up to a minute, and then one thing alone
// passes. The first of a kind, and the first after a calm stretch, always passes.
// Its zero value is ready. It has no clock of its own and serves one goroutine.
type Throttle[K comparable] struct {
	kinds map[K]*stretch
	sums  []Sum[K] // of stretches that are over
}

// stretch is the current stretch of time of a kind.
type stretch struct {
	begin  time.Time
	length time.Duration
	left   int // how many may still pass
	more   int // how many did not
}

// Sum is the number of things of a kind that did not pass within a time.
type Sum[K comparable] struct {
	Kind   K
	More   int
	Within time.Duration
}

// Pass reports whether a thing of a kind that comes now passes, as one of at
// most burst in a stretch.
func (r *Throttle[K]) Pass(kind K, burst int, now time.Time) bool {
	if r.kinds == nil {
		r.kinds = map[K]*stretch{}
	}
	s := r.kinds[kind]
	switch {
	case s == nil:
		s = &stretch{begin: now, length: shortest, left: burst}
		r.kinds[kind] = s
	case now.Before(s.begin.Add(s.length)):
	default:
		r.end(kind, s, now, burst)
	}
	if s.left == 0 {
		s.more++
		return false
	}
	s.left--
	return true
}

// end begins the next stretch, and notes the sum of the last one.
func (r *Throttle[K]) end(kind K, s *stretch, now time.Time, burst int) {
	calm := s.more == 0
	r.note(kind, s)
	s.begin = now
	if calm {
		s.length, s.left = shortest, burst
		return
	}
	s.length, s.left = min(2*s.length, longest), 1
}

func (r *Throttle[K]) note(kind K, s *stretch) {
	if s.more > 0 {
		r.sums = append(r.sums, Sum[K]{kind, s.more, s.length})
		s.more = 0
	}
}

// Sums returns, once, what did not pass in the stretches that are over by now.
func (r *Throttle[K]) Sums(now time.Time) []Sum[K] {
	for kind, s := range r.kinds {
		if s.more > 0 && !now.Before(s.begin.Add(s.length)) {
			r.end(kind, s, now, 1)
		}
	}
	sums := r.sums
	r.sums = nil
	return sums
}

// Next returns the time at which Sums will have something to return, false where
// nothing is held back.
func (r *Throttle[K]) Next() (at time.Time, waits bool) {
	for _, s := range r.kinds {
		if end := s.begin.Add(s.length); s.more > 0 && (!waits || end.Before(at)) {
			at, waits = end, true
		}
	}
	return at, waits
}

// Rest returns, at the very end, what did not pass so far.
func (r *Throttle[K]) Rest() []Sum[K] {
	for kind, s := range r.kinds {
		r.note(kind, s)
	}
	return r.Sums(time.Time{})
}
