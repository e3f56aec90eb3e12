package sockets

import "github.com/zcat/zcat/pkg/internal/framing"

// cutSubscription reads a subscription in the form of a frame: 01 or 00 and the
// prefix (RFC 23).
func cutSubscription(frame []byte) (cancel bool, prefix []byte, ok bool) {
	if len(frame) == 0 || frame[0] > 1 {
		return false, nil, false
	}
	return frame[0] == 0, frame[1:], true
}

// frameScan goes through the frames of a message in search of subscriptions, by
// libzmq's rule for XPUB, PUB and XSUB: each frame that has their form is one,
// wherever it stands and whatever stands beside it. With OnlyFirstSubscribe the
// first frame decides for all of them: where it is no subscription, no other is.
type frameScan struct {
	rest      []byte
	onlyFirst bool
	begun     bool
	frame     []byte
	last      bool // of the message

	subscribes, cancel bool
	prefix             []byte
}

// next goes to the next frame.
func (s *frameScan) next() bool {
	if s.last || len(s.rest) == 0 {
		return false
	}
	frame, more, rest := framing.CutFrame(s.rest)
	s.frame, s.last, s.rest = frame, !more, rest
	s.subscribes = false
	if !s.begun || !s.onlyFirst {
		s.cancel, s.prefix, s.subscribes = cutSubscription(frame)
	}
	if !s.begun {
		s.begun, s.onlyFirst = true, s.onlyFirst && !s.subscribes
	}
	return true
}

// any reports whether there is a subscription among the frames.
func (s frameScan) any() bool {
	for s.next() {
		if s.subscribes {
			return true
		}
	}
	return false
}

// openFrames builds a message from frames, some of which may be left out.
type openFrames struct {
	wire []byte
	at   int // where the last frame begins
}

func (o *openFrames) add(frame []byte) {
	o.at = len(o.wire)
	o.wire = framing.AppendFrame(o.wire, frame, true)
}

// end makes the last frame the end of the message, which is nil if it has none,
// and lives until the next add.
func (o *openFrames) end() (message []byte) {
	if len(o.wire) == 0 {
		return nil
	}
	o.wire[o.at] &^= framing.FlagMore
	message, o.wire = o.wire, o.wire[:0]
	return message
}
