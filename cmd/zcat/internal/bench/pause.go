package bench

import (
	"context"
	"time"
)

// sleepUntil waits until about then, or until ctx is done.
func sleepUntil(ctx context.Context, then time.Time) {
	left := time.Until(then)
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
