package session

import (
	"testing"
	"testing/synctest"
	"time"
)

// --idle counts from the end of the wait for peers, and from the first of the input or a
// second after that began; before that the receiver looks again and again.
func TestIdleCountsFromTheFirstInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const idle = 50 * time.Millisecond
		var q quiet
		expect := func(want time.Duration) {
			t.Helper()
			if got := q.left(idle); got != want {
				t.Errorf("%v are left, want %v", got, want)
			}
		}
		expect(0) // nothing is sent beside
		q.begin = time.Now()
		q.enter(gathers)
		<-time.After(time.Hour)
		expect(idle)
		q.heard() // which it cannot be yet
		expect(idle)
		q.enter(listens)
		expect(idle)
		<-time.After(firstInput - time.Millisecond)
		expect(time.Millisecond)
		<-time.After(time.Millisecond)
		expect(0)
		q.enter(listens)
		<-time.After(time.Millisecond)
		q.heard()
		expect(idle)
		<-time.After(idle - 1)
		q.heard() // further lines are none of its business
		expect(1)
	})
}
