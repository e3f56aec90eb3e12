package queue

import "time"

const (
	// slowest is the least speed of a peer that is not slow, in bytes a second.
	slowest = 32 << 10
	// LookPause is the time over which the speed is measured. Progress is seen in
	// steps of up to 64 KiB.
	LookPause = time.Second
)

// Gauge measures how fast something moves.
type Gauge struct {
	at    time.Time
	moved int64
}

// Slow notes that moved bytes have moved by now, and reports whether that is slow
// for the time since the last look. It reports false where this process was held up
// itself.
func (g *Gauge) Slow(now time.Time, moved int64) bool {
	last := *g
	*g = Gauge{now, moved}
	since := now.Sub(last.at)
	return since <= 2*LookPause && float64(moved-last.moved) < slowest*since.Seconds()
}
