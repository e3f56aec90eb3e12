package zmtp

import "testing"

// A poll begins by yielding exactly where the one before found what it looked for after
// one yield, whether it had begun with that or not.
func TestYieldsBeforeTheFirstRead(t *testing.T) {
	var y yields
	for i, inVain := range []int{0, 1, 0, 0, 1, 2, 3, 1, 0, 7, 1} { // reads of each poll
		first := y.first
		y.begin()
		if begun := y.n == 1; begun != first {
			t.Fatalf("poll %d: it began with %d yields", i, y.n)
		}
		for range inVain {
			y.yield()
		}
		y.found()
		if want := y.n == 1; y.first != want {
			t.Errorf("poll %d found something after %d yields: the next begins with one: %t", i, y.n, y.first)
		}
	}
}
