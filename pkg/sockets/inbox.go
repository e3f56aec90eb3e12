package sockets

import (
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// inbox is the queue of messages from one peer, in slabs as they were read. The
// socket's lock guards it.
type inbox struct {
	slabs []*slab.Slab
	off   int // bytes of the first slab already taken
	begun int // messages within them
	taken int // messages taken that the connection was not told of
	count int // messages waiting
	size  int // their bytes in wire form
	held  int // bytes of memory that they take

	spent *slab.Slab // the last message taken is a view into it

	waiting  bool          // the reader waits for room
	room     chan struct{} // and is told here
	watching bool          // until then it watches for the end of its connection
	pace     pace
}

// joined is the size up to which small slabs are copied together, so that a
// thousand lone messages do not hold a thousand slabs.
const joined = 64 << 10

// add queues a slab, which the inbox owns from here on.
func (in *inbox) add(s *slab.Slab) {
	in.count += s.Count
	in.size += len(s.Wire)
	if last := len(in.slabs) - 1; last >= 0 && len(in.slabs[last].Wire)+len(s.Wire) <= joined {
		joint := in.slabs[last]
		in.held -= cap(joint.Wire)
		joint.Wire = append(joint.Wire, s.Wire...)
		in.held += cap(joint.Wire)
		joint.Count += s.Count
		s.Recycle()
		return
	}
	in.held += cap(s.Wire)
	in.slabs = append(in.slabs, s)
}

// addMessage queues one message that is not part of a slab.
func (in *inbox) addMessage(wire []byte) {
	s := slab.New(len(wire))
	s.Wire, s.Count = append(s.Wire, wire...), 1
	in.add(s)
}

// keepNewest drops all messages but the newest.
func (in *inbox) keepNewest() {
	for in.count > 1 {
		in.next()
	}
}

// full reports whether the high-water marks keep the reader from going on.
func (in *inbox) full(hwm, hwmBytes int) bool {
	return hwm > 0 && in.count >= hwm || hwmBytes > 0 && in.size >= hwmBytes
}

// ahead reports whether the reader should wait for the application.
func (in *inbox) ahead() bool { return in.size >= paceSize && !in.pace.stalled }

// next takes the first message. The view lives until the inbox's next change.
func (in *inbox) next() []byte {
	in.recycle()
	s := in.slabs[0]
	message, rest := frames.CutMessage(s.Wire[in.off:])
	in.off += len(message)
	in.begun++
	in.taken++
	in.count--
	in.size -= len(message)
	if len(rest) == 0 {
		in.pop()
		in.spent = s
	}
	return message
}

func (in *inbox) recycle() {
	if in.spent != nil {
		in.spent.Recycle()
		in.spent = nil
	}
}

// first is what is left of the first slab, ready how many messages that is.
func (in *inbox) first() []byte { return in.slabs[0].Wire[in.off:] }
func (in *inbox) ready() int    { return in.slabs[0].Count - in.begun }

// handOver moves the first slab, or what is left of it, to b without copying it.
func (in *inbox) handOver(b *frames.Batch) {
	s, wire, count := in.slabs[0], in.first(), in.ready()
	in.count -= count
	in.taken += count
	in.size -= len(wire)
	in.pop()
	s.Wire = b.Use(wire, count)
	s.Recycle()
}

func (in *inbox) pop() {
	in.held -= cap(in.slabs[0].Wire)
	last := copy(in.slabs, in.slabs[1:])
	in.slabs[last] = nil
	in.slabs, in.off, in.begun = in.slabs[:last], 0, 0
}
