package stream

import (
	"bytes"

	"github.com/zcat/zcat/pkg/frames"
)

// Whether others wait behind a message that cannot leave: only then does a peer
// that takes nothing have to go.

// Ahead looks at the lines that are there to be read.
func (l *LineSource) Ahead(id []byte) bool {
	return l.bad == nil && l.Input.Ahead(l.Decoder, l.Reach, id, func(m frames.Message) bool { return !bytes.Equal(m[0], id) })
}

// Ahead reports whether is holds for a message that d will decode, or whether there
// is more than can be examined. Messages that were examined for the same id are not
// examined again.
func (in *Input) Ahead(d *frames.Decoder, reach int, id []byte, is func(frames.Message) bool) bool {
	found := false
	ready := func() bool { return in.taking.Err() == nil && in.tap.Ready() }
	anew := !bytes.Equal(id, in.aheadOf)
	in.aheadOf = append(in.aheadOf[:0], id...)
	more := d.Ahead(anew, reach, ready, func(m frames.Message) bool {
		found = is(m)
		return !found
	})
	return found || more
}
