package session

import (
	"sync/atomic"
	"time"
)

// firstInput is the time that --idle gives the input for its first line: in a pipeline,
// who writes it may begin later than we do.
const firstInput = time.Second

// quiet says from when on --idle counts where messages are sent beside: not before those
// are there that --wait-peers and --wait-subs are about, and then not before the input
// had its chance. The zero value counts from the beginning.
type quiet struct {
	begin time.Time
	stage atomic.Int32
	since atomic.Int64 // when the stage began, after begin
}

// The stages of a sender.
const (
	sends   int32 = iota
	gathers       // waits for its audience
	listens       // waits for the first of its input
)

// enter begins a stage.
func (q *quiet) enter(stage int32) {
	q.since.Store(int64(time.Since(q.begin)))
	q.stage.Store(stage)
}

// heard notes that something of the input was read, or its end.
func (q *quiet) heard() {
	if q.stage.Load() == listens {
		q.enter(sends)
	}
}

// left returns what is left of an idle time that has ended for the receiver.
func (q *quiet) left(idle time.Duration) time.Duration {
	stage := q.stage.Load()
	switch {
	case q.begin.IsZero():
		return 0
	case stage == gathers:
		return idle
	}
	passed := time.Since(q.begin) - time.Duration(q.since.Load())
	if stage == listens {
		return min(idle, firstInput-passed)
	}
	return idle - passed
}
