package zmtp

import (
	"testing"
	"testing/synctest"
)

// TestCurveTurns: so many of a server's connections work with keys at a time, and
// each gives its turn back, whatever it worked on.
func TestCurveTurns(t *testing.T) {
	server := newPair(t)
	synctest.Test(t, func(t *testing.T) {
		attend := CurveServer(server)
		first, _ := attend().(*curveServer)
		second, _ := attend().(*curveServer)
		if first.turns != second.turns || cap(first.turns) < 1 {
			t.Fatal("two connections that know nothing of each other")
		}
		for range cap(first.turns) {
			first.takeTurn()
		}
		done := make(chan error)
		go func() {
			_, err := second.welcome(make([]byte, helloSize))
			done <- err
		}()
		go func() {
			_, err := second.admitClient(make([]byte, leastInit-1))
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("one too many: %v", err)
		default:
		}
		<-first.turns
		for range 2 {
			if <-done == nil {
				t.Error("zeros are understood")
			}
		}
		if len(first.turns) != cap(first.turns)-1 {
			t.Errorf("%d at work, and %d may be", len(first.turns), cap(first.turns))
		}
	})
}
