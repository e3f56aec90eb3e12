package queue

import "time"

const (
	// slowest is how fast a peer moves that is not slow, in bytes a second.
	slowest = 32 << 10
	// LookPause is the time over which that is measured. Progress is seen in steps
	// of up to 64 KiB.
	LookPause = time.Second
)

// Gauge tells how fast something moves.
type Gauge struct {
	at    time.Time
	moved int64
}

// Slow notes that moved bytes have moved by now, and reports whether that is slow
// for the time since the last look. Where this process was held up itself, it
// cannot tell.
func (g *Gauge) Slow(now time.Time, moved int64) bool {
	last := *g
	*g = Gauge{now, moved}
	since := now.Sub(last.at)
	return since <= 2*LookPause && float64(moved-last.moved) < slowest*since.Seconds()
}
