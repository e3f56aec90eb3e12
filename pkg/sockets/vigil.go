package sockets

import (
	"container/list"
	"context"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

// vigil is the wait of all dialers of this process that have found nobody at the same
// endpoint on this machine: thousands of them cost no more than one. The first of those
// that wait is the lookout, the only one that pauses for a time. When it tries, the next
// one takes its place, so that none depends on what becomes of another's attempt; when
// it finds nobody, it waits behind the others. Who gets in calls two others, as long as
// not too many are on their way: a listener's backlog is short.
type vigil struct {
	since    time.Time // when the last dialer came that had not waited before
	attempts int       // of lookouts since then
	waiting  list.List // of *absence, the lookout in front
	trying   int       // that waited, and are making an attempt
}

// vigilKey is what dialers have in common that can try for each other: the way to an
// endpoint, and the pauses of an absence that has become long.
type vigilKey struct {
	endpoint, device string
	least, most      time.Duration
}

// mostTrying is the number of dialers that may be called to an endpoint at a time. It is
// below the 100 connections that libzmq lets wait to be accepted: one too many waits a
// second for its next packet.
const mostTrying = 64

//nolint:gochecknoglobals // what the dialers of a process share
var vigils = struct {
	mu locks.Mutex[locks.Leaf]
	of map[vigilKey]*vigil
}{of: map[vigilKey]*vigil{}}

// absence is a dialer's part in a vigil.
type absence struct {
	key   vigilKey      // zero where an absence is like any other failure
	vigil *vigil        // nil while somebody listens, as far as is known
	place *list.Element // nil while it makes an attempt
	told  chan struct{} // that it is called, or the lookout
}

// begin notes that nobody listens.
func (a *absence) begin(now time.Time) {
	vigils.mu.Lock()
	defer vigils.mu.Unlock()
	v := a.vigil
	if v != nil {
		v.trying--
	} else {
		if v = vigils.of[a.key]; v == nil {
			v = &vigil{}
			vigils.of[a.key] = v
		}
		v.since, v.attempts = now, 0 // for who is new the absence is
		v.tellLookout()
		a.vigil = v
	}
	if a.told == nil {
		a.told = make(chan struct{}, 1)
	}
	a.place = v.waiting.PushBack(a)
}

// pause returns the pause before the next attempt: that of the lookout, or the longest
// for one that waits for it. It is false where the absence has lasted too long.
func (a *absence) pause(now time.Time) (d time.Duration, early bool) {
	vigils.mu.Lock()
	defer vigils.mu.Unlock()
	v := a.vigil
	if !a.watches() {
		return earlyLongest, now.Sub(v.since) < earlyEnd
	}
	d, early = earlyPause(now.Sub(v.since), v.attempts, len(vigils.of), a.key.most)
	v.attempts++
	return d, early
}

// watches reports whether a is the lookout. The lock is held.
func (a *absence) watches() bool { return a.place != nil && a.vigil.waiting.Front() == a.place }

// await waits until it is a's turn to try, and reports whether ctx is not done. The
// lookout pauses for gap, and who becomes it for what next returns.
func (a *absence) await(ctx context.Context, gap time.Duration, next func() time.Duration) bool {
	timer := time.NewTimer(gap)
	defer timer.Stop()
	for {
		vigils.mu.Lock()
		watches, called := a.watches(), a.place == nil
		vigils.mu.Unlock()
		if called {
			return ctx.Err() == nil
		}
		over := timer.C
		if !watches {
			over = nil
		}
		select {
		case <-over:
			a.try()
			return true
		case <-a.told:
			timer.Reset(next())
		case <-ctx.Done():
			return false
		}
	}
}

// try has the lookout leave its place for an attempt.
func (a *absence) try() {
	vigils.mu.Lock()
	defer vigils.mu.Unlock()
	a.leavePlace()
}

// leavePlace ends a wait, if there still is one. The lock is held.
func (a *absence) leavePlace() {
	if a.place == nil {
		return
	}
	v, watched := a.vigil, a.watches()
	v.waiting.Remove(a.place)
	a.place = nil
	v.trying++
	if watched {
		v.tellLookout()
	}
}

// tellLookout tells the lookout, if there is one, that it is, or that its pause is
// another. The lock is held.
func (v *vigil) tellLookout() {
	if first := v.waiting.Front(); first != nil {
		first.Value.(*absence).tell() //nolint:forcetypeassert // all are
	}
}

// tell wakes a to look at its place again.
func (a *absence) tell() {
	select {
	case a.told <- struct{}{}:
	default: // it will
	}
}

// met notes that the handshake succeeded, and calls others.
func (a *absence) met() {
	if a.key == (vigilKey{}) {
		return
	}
	vigils.mu.Lock()
	defer vigils.mu.Unlock()
	a.leave()
	v := vigils.of[a.key]
	for called := 0; v != nil && called < 2 && v.trying < mostTrying && v.waiting.Len() > 0; called++ {
		other := v.waiting.Back().Value.(*absence) //nolint:forcetypeassert // all are
		other.leavePlace()
		other.tell()
	}
}

// end notes that somebody listens, or that nobody wants to know.
func (a *absence) end() {
	vigils.mu.Lock()
	defer vigils.mu.Unlock()
	a.leave()
}

// leave takes a out of its vigil, if it is in one. The lock is held.
func (a *absence) leave() {
	v := a.vigil
	if v == nil {
		return
	}
	a.leavePlace()
	v.trying--
	a.vigil = nil
	if v.trying == 0 && v.waiting.Len() == 0 {
		delete(vigils.of, a.key)
	}
}
