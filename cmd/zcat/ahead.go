package main

import (
	"bytes"

	"github.com/zcat/zcat/pkg/frames"
)

// Who waits behind a message that cannot leave: a peer that takes nothing has to go
// only where somebody does.

// sending is what is still to be sent, of the goroutine that sends.
type sending struct {
	from source
	rest *frames.Batch // taken from there, and not given to the socket yet
}

// reachAhead is how far the input is looked at, in bytes, where the high-water mark
// sets no limit. What is farther away may be for anybody.
const reachAhead = 64 << 20

// othersAhead reports whether there is a message to send to another peer than the
// one with this routing id. The socket asks while it waits for that one.
func (s *session) othersAhead(id []byte) bool {
	w := &s.sending
	if w.from == nil {
		return false // what is sent are replies
	}
	for wire := w.rest.Wire(); len(wire) > 0; _, wire = frames.CutMessage(wire) {
		if !beginsWith(wire, id) {
			return true
		}
	}
	return w.from.ahead(id)
}

// beginsWith reports whether a frame is the first of a message in wire form.
func beginsWith(message, frame []byte) bool {
	first, _, _ := frames.CutFrame(message)
	return bytes.Equal(first, frame)
}

// ahead looks at the lines that are there to be read.
func (l *lineSource) ahead(id []byte) bool {
	return l.bad == nil && l.input.ahead(l.decoder, l.reach, id, func(message []byte) bool { return !beginsWith(message, id) })
}

// ahead looks at what was recorded, due or not.
func (r *recording) ahead(id []byte) bool {
	return r.input.ahead(r.decoder, r.config.reachAhead(), id, func(message []byte) bool {
		for range r.surplus(frames.Record{From: r.config.replay.from}, message) {
			if _, _, message = frames.CutFrame(message); len(message) == 0 {
				return false // which is no message to send
			}
		}
		return !beginsWith(message, id)
	})
}

// ahead reports whether is holds for a message that d will decode, or whether there
// is more than can be looked at. Those that were looked at for the same id are not
// looked at again.
func (in *input) ahead(d *frames.Decoder, reach int, id []byte, is func(message []byte) bool) bool {
	found := false
	ready := func() bool { return in.taking.Err() == nil && in.tap.ready() }
	anew := !bytes.Equal(id, in.aheadOf)
	in.aheadOf = append(in.aheadOf[:0], id...)
	more := d.Ahead(anew, reach, ready, func(message []byte) bool {
		found = is(message)
		return !found
	})
	return found || more
}

// reachAhead is how far the input is looked at, in bytes.
func (c *config) reachAhead() int {
	if mark := c.options.SendHWMBytes; mark > 0 {
		return min(mark, reachAhead)
	}
	return reachAhead
}
