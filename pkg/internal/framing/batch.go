package framing

import (
	"encoding/binary"
	"slices"
)

// Batch is the content of a frames.Batch; the two convert into each other. It is a
// queue of whole messages in wire form, in one buffer. The zero value is empty.
//
// Messages are numbered as they come, from 0 where the batch was last reset, so that
// taking one changes two numbers, whoever sent it.
type Batch struct {
	wire    []byte
	head    int // where the first message not yet taken begins
	taken   int // its number
	added   int // the number of the next message that is added
	near    int // see Next; 0 is always right
	sources []run
	list    [][]byte // the frames of the message that Next returned
	scanned [][]byte // those of the message that Sources shows
}

// Len is the number of messages.
func (b *Batch) Len() int { return b.added - b.taken }

// Size is the number of bytes of the messages in wire form.
func (b *Batch) Size() int { return len(b.wire) - b.head }

// Payload is the sum of the lengths of the frames in bytes.
func (b *Batch) Payload() int {
	return Payload(b.Wire())
}

// Wire is the messages in wire form, a view that the next change ends.
func (b *Batch) Wire() []byte { return b.wire[b.head:] }

// keptBuffer is the largest buffer, in bytes, that an empty batch keeps: a few messages
// of 64 MiB would stay in memory for ever, in each batch on their way.
const keptBuffer = 16 << 20

// Reset empties the batch and keeps its buffer, unless that is huge.
func (b *Batch) Reset() {
	b.sources = b.sources[:0]
	b.clearWire()
}

func (b *Batch) clearWire() {
	b.head, b.taken, b.added, b.near = 0, 0, 0, 0
	if b.wire = b.wire[:0]; cap(b.wire) > keptBuffer {
		b.wire, b.list, b.scanned = nil, nil, nil // the lists are views of it
	}
}

// Append adds a copy of m, which may be a view into the batch; it adds nothing
// where m has no frame.
func (b *Batch) Append(m [][]byte) {
	if len(m) == 0 {
		return
	}
	b.wire = AppendMessage(b.wire, m)
	b.added++
	b.reclaim()
}

// AppendWire adds a copy of count whole messages in wire form.
func (b *Batch) AppendWire(wire []byte, count int) {
	b.wire = append(b.wire, wire...)
	b.added += count
	b.reclaim()
}

// AppendBatch adds a copy of the messages of other with their sources.
func (b *Batch) AppendBatch(other *Batch) {
	runs := other.sources
	if other == b {
		runs = slices.Clone(runs)
	}
	taken, count := other.taken, other.Len()
	b.AppendWire(other.Wire(), count)
	b.nameAs(runs, taken, count)
}

// AppendPart adds a copy of frames in wire form, each with MORE set: the
// beginning of the message that the next addition ends.
func (b *Batch) AppendPart(wire []byte) { b.wire = append(b.wire, wire...) }

// Next takes the first message. Its frames are views, valid until the next addition
// to the batch; the list of them is valid until the next Next. It is nil when the
// batch is empty.
func (b *Batch) Next() [][]byte {
	// The shorter a frame, the more counts what is done beside it. Below near there are
	// more messages of the same source, and list has room for a frame: 3.7 ns instead of
	// 4.5 (BenchmarkNext).
	if b.taken >= b.near {
		return b.next()
	}
	wire := b.wire[b.head:]
	begin, end := 2, 2
	switch wire[0] {
	case 0:
		end += int(wire[1])
	case FlagLong:
		begin = MaxHeader
		end = MaxHeader + int(binary.BigEndian.Uint64(wire[1:]))
	default:
		return b.next()
	}
	list := b.list[:1:1]
	list[0] = wire[begin:end:end]
	b.head += end
	b.taken++
	return list
}

// next is Next in any case.
func (b *Batch) next() [][]byte {
	if b.Len() == 0 {
		return nil
	}
	var rest []byte
	b.list, rest = ParseMessage(b.list[:0], b.Wire())
	list, size := b.list, b.Size()-len(rest)
	if b.taken < b.near {
		b.head += size
		b.taken++
	} else if b.Discard(size, 1); len(b.sources) > 0 {
		b.near = min(b.added, b.sources[0].until) - 1
	} else {
		b.near = b.added - 1
	}
	return list[:len(list):len(list)]
}

// NextWire is Next for the message in wire form.
func (b *Batch) NextWire() []byte {
	if b.Len() == 0 {
		return nil
	}
	message, _ := CutMessage(b.wire[b.head:])
	b.Discard(len(message), 1)
	return message
}

// Truncate leaves the first n messages, and drops those after them.
func (b *Batch) Truncate(n int) {
	if n = max(n, 0); n >= b.Len() {
		return
	}
	b.wire = b.wire[:b.head+Front(b.Wire(), n)]
	b.added, b.near = b.taken+n, 0
	for i := range b.sources {
		if r := &b.sources[i]; r.until >= b.added {
			r.until = b.added
			b.sources = b.sources[:i+1]
			break
		}
	}
	if n == 0 {
		b.sources = b.sources[:0]
	}
}

// Shift moves the first n messages, or all there are, to the end of other, with their
// sources.
func (b *Batch) Shift(other *Batch, n int) {
	n = min(n, b.Len())
	if n <= 0 || other == b {
		return
	}
	if n == b.Len() && other.Len() == 0 {
		// The lists of frames stay: the last one may still be looked at.
		b.wire, other.wire = other.wire, b.wire
		b.sources, other.sources = other.sources, b.sources
		other.head, other.taken, other.added, other.near = b.head, b.taken, b.added, 0
		b.Reset()
		return
	}
	size := Front(b.Wire(), n)
	other.AppendWire(b.wire[b.head:b.head+size], n)
	other.nameAs(b.sources, b.taken, n)
	b.Discard(size, n)
}

// Swap exchanges the messages of two batches without copying them.
func (b *Batch) Swap(other *Batch) { *b, *other = *other, *b }

// Use makes wire, which holds count whole messages, the content of the batch.
// The batch owns wire from here on; the buffer it had is returned.
func (b *Batch) Use(wire []byte, count int) []byte {
	old := b.wire[:0]
	b.Reset()
	b.wire, b.added = wire, count
	return old
}

// Buffer returns the buffer, to which whole messages may be appended for SetBuffer.
func (b *Batch) Buffer() []byte {
	b.reclaim()
	return b.wire
}

// SetBuffer takes back what Buffer returned, with count more messages at its end.
func (b *Batch) SetBuffer(wire []byte, count int) {
	b.wire = wire
	b.added += count
}

// Discard takes count messages, which are size bytes in wire form, off the front.
func (b *Batch) Discard(size, count int) {
	b.head += size
	b.taken += count
	gone := 0
	for gone < len(b.sources) && b.sources[gone].until <= b.taken {
		gone++
	}
	if gone > 0 {
		// Shifting down instead of slicing off the front keeps the array for reuse.
		b.sources = b.sources[:copy(b.sources, b.sources[gone:])]
	}
	if b.near = 0; b.Len() == 0 {
		b.clearWire()
	}
}

// reclaim moves the messages to the front of the buffer once more than half of it
// is taken: a batch that never runs empty would grow without end. It moves less
// than what was taken since the last time.
func (b *Batch) reclaim() {
	if b.head > len(b.wire)/2 {
		b.wire = b.wire[:copy(b.wire, b.wire[b.head:])]
		for i := range b.sources {
			b.sources[i].until -= b.taken // the numbers would grow without end, too
		}
		b.head, b.taken, b.added, b.near = 0, 0, b.added-b.taken, 0
	}
}
