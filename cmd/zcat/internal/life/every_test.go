package life

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestEvery reports as often as was asked for, and no more once it is over.
func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var count atomic.Int64
		finish := Every(time.Second, func() { count.Add(1) })
		<-time.After(10*time.Second + time.Second/2)
		if finish(); count.Load() != 10 {
			t.Errorf("reported %d times", count.Load())
		}
		synctest.Wait()
		Every(0, func() { t.Error("nobody asked") })()
	})
}
