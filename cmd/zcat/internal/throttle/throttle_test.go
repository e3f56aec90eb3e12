package throttle

import (
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return start.Add(d) }

// passed counts how many of n things at a time pass.
func passed(r *Throttle[string], kind string, n int, now time.Time) int {
	count := 0
	for range n {
		if r.Pass(kind, 3, now) {
			count++
		}
	}
	return count
}

func wantSums(t *testing.T, got []Sum[string], want ...Sum[string]) {
	t.Helper()
	slices.SortFunc(got, func(a, b Sum[string]) int { return a.More - b.More })
	if !slices.Equal(got, want) {
		t.Errorf("sums %v, want %v", got, want)
	}
}

// The first few of each kind pass, the rest comes as one sum when its second is
// over; after a calm second everything starts anew.
func TestRation(t *testing.T) {
	var r Throttle[string]
	if n := passed(&r, "a", 10, start); n != 3 {
		t.Errorf("%d passed", n)
	}
	if n := passed(&r, "b", 2, at(100*time.Millisecond)); n != 2 {
		t.Errorf("%d of another kind passed", n)
	}
	if next, waits := r.Next(); !waits || next != at(time.Second) {
		t.Errorf("next at %v, %v", next, waits)
	}
	wantSums(t, r.Sums(at(999*time.Millisecond)))
	wantSums(t, r.Sums(at(time.Second)), Sum[string]{"a", 7, time.Second})
	wantSums(t, r.Sums(at(time.Second)))
	if _, waits := r.Next(); waits {
		t.Error("something waits")
	}
	// The stretch after a flood is longer; it was calm, so the one behind it is not.
	if n := passed(&r, "a", 10, at(3*time.Second)); n != 3 {
		t.Errorf("%d passed after a calm stretch", n)
	}
	wantSums(t, r.Rest(), Sum[string]{"a", 7, time.Second})
}

// While a flood lasts it is reported ever more rarely, but never less often than
// once a minute, and nothing is left out of the sums.
func TestFlood(t *testing.T) {
	var r Throttle[string]
	const each = 10 * time.Millisecond
	lines, told, count := 0, 0, 0
	for now := time.Duration(0); now < 10*time.Minute; now += each {
		count++
		if r.Pass("flood", 5, at(now)) {
			lines++
			told++
		}
		for _, s := range r.Sums(at(now)) {
			lines++
			told += s.More
			if s.Within < time.Second || s.Within > time.Minute {
				t.Fatalf("%+v", s)
			}
		}
	}
	for _, s := range r.Rest() {
		told += s.More
	}
	if told != count {
		t.Errorf("%d told of %d", told, count)
	}
	if lines > 40 {
		t.Errorf("%d lines in ten minutes", lines)
	}
}

// A trickle below the limit passes whole, for ever.
func TestTrickle(t *testing.T) {
	var r Throttle[string]
	for i := range 1000 {
		if !r.Pass("trickle", 3, at(time.Duration(i)*400*time.Millisecond)) {
			t.Fatalf("number %d did not pass", i)
		}
	}
	wantSums(t, r.Rest())
}
