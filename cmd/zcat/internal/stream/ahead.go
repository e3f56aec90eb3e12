package stream

import (
	"bytes"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// Whether others wait behind a message that cannot leave: only then does a peer
// that takes nothing have to go.

// Ahead looks at the lines that are there to be read.
func (l *LineSource) Ahead(id []byte) bool {
	return l.bad == nil && l.Input.Ahead(l.Decoder, l.Reach, id, func(m frames.Message) bool { return !bytes.Equal(m[0], id) })
}

const (
	// lookGap is how long a look at what comes waits for a writer that has just written:
	// what it blocks on is that we read, and a look for every 64 KiB of a pipe would
	// never get to the end of what it has to say.
	lookGap = 10 * time.Millisecond
	// lookTime is how long all of these waits of one look may take: meanwhile nothing is sent.
	lookTime = 200 * time.Millisecond
)

// Ahead reports whether is holds for a message that d will decode, or whether there
// is more than can be examined. Messages that were examined for the same id are not
// examined again.
func (in *Input) Ahead(d *frames.Decoder, reach int, id []byte, is func(frames.Message) bool) bool {
	found := false
	flows, end := false, time.Now().Add(lookTime)
	ready := func() bool {
		if in.taking.Err() != nil {
			return false
		}
		flows = in.tap().Ready() || flows && time.Now().Before(end) && in.tap().soon(lookGap)
		return flows
	}
	anew := !bytes.Equal(id, in.aheadOf)
	in.aheadOf = append(in.aheadOf[:0], id...)
	more := d.Ahead(anew, reach, ready, func(m frames.Message) bool {
		found = is(m)
		return !found
	})
	return found || more
}
