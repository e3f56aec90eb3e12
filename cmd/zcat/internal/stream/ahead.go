package stream

import (
	"bytes"

	"github.com/zcat/zcat/pkg/frames"
)

// Who waits behind a message that cannot leave: a peer that takes nothing has to go
// only where somebody does.

// Ahead looks at the lines that are there to be read.
func (l *LineSource) Ahead(id []byte) bool {
	return l.bad == nil && l.Input.Ahead(l.Decoder, l.Reach, id, func(m frames.Message) bool { return !bytes.Equal(m[0], id) })
}

// Ahead reports whether is holds for a message that d will decode, or whether there
// is more than can be looked at. Those that were looked at for the same id are not
// looked at again.
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
