package bench

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// pauseUntil waits until due, or until ctx is done. The timers of Go, up to a
// millisecond late, do the long part; the kernel's sleep and then a loop do the
// rest.
func pauseUntil(ctx context.Context, due time.Time) {
	sleepUntil(ctx, due.Add(-2*time.Millisecond))
	if left := time.Until(due) - 100*time.Microsecond; left > 0 {
		t := unix.NsecToTimespec(left.Nanoseconds())
		_ = unix.Nanosleep(&t, nil) // an interrupted one is too short, which is as good
	}
	for time.Now().Before(due) && ctx.Err() == nil {
		_, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
}
