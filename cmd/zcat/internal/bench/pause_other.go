//go:build !linux

package bench

import (
	"context"
	"runtime"
	"time"
)

// pauseUntil waits until due, or until ctx is done. Timers, which may be late, do
// the long part; a loop does the rest.
func pauseUntil(ctx context.Context, due time.Time) {
	sleepUntil(ctx, due.Add(-2*time.Millisecond))
	for time.Now().Before(due) && ctx.Err() == nil {
		runtime.Gosched()
	}
}
