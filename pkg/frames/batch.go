package frames

// Batch is a queue of whole messages, held in the wire form of RFC 37 in one
// buffer, so that a thousand messages cost one allocation and go to a socket
// with one write. Messages are added at the end and taken from the front. The
// zero value is an empty batch, ready for use. A Batch serves one goroutine at
// a time.
type Batch struct {
	wire    []byte
	head    int // where the first message not yet taken begins
	count   int // messages in wire[head:]
	sources []source
}

// source says where a run of messages came from.
type source struct {
	name  string
	count int
}

// Len is the number of messages.
func (b *Batch) Len() int { return b.count }

// Size is the number of bytes of the messages in wire form.
func (b *Batch) Size() int { return len(b.wire) - b.head }

// Payload is the sum of the lengths of the frames in bytes.
func (b *Batch) Payload() int {
	n := 0
	for wire := b.Wire(); len(wire) > 0; {
		var frame []byte
		frame, _, wire = CutFrame(wire)
		n += len(frame)
	}
	return n
}

// Wire is the messages in wire form, a view that the next change ends.
func (b *Batch) Wire() []byte { return b.wire[b.head:] }

// Reset empties the batch and keeps its buffer.
func (b *Batch) Reset() {
	b.wire, b.head, b.count, b.sources = b.wire[:0], 0, 0, b.sources[:0]
}

// Append adds a copy of m, which has at least one frame.
func (b *Batch) Append(m Message) {
	b.reclaim()
	b.wire = AppendMessage(b.wire, m)
	b.count++
}

// AppendFrame adds a copy of one frame of a message. Frames with more set must
// be followed by one without before the batch is used in another way.
func (b *Batch) AppendFrame(body []byte, more bool) {
	b.reclaim()
	b.wire = AppendFrame(b.wire, body, more)
	if !more {
		b.count++
	}
}

// AppendWire adds a copy of count whole messages in wire form.
func (b *Batch) AppendWire(wire []byte, count int) {
	b.reclaim()
	b.wire = append(b.wire, wire...)
	b.count += count
}

// AppendBatch adds a copy of the messages of other with their sources.
func (b *Batch) AppendBatch(other *Batch) {
	b.AppendWire(other.Wire(), other.count)
	for _, s := range other.sources {
		b.AppendSource(s.name, s.count)
	}
}

// AppendPart adds a copy of frames in wire form, each with MORE set: the
// beginning of the message that the next addition ends.
func (b *Batch) AppendPart(wire []byte) { b.wire = append(b.wire, wire...) }

// AppendSource names the source of the count messages added last: an endpoint.
func (b *Batch) AppendSource(name string, count int) {
	if last := len(b.sources) - 1; last >= 0 && b.sources[last].name == name {
		b.sources[last].count += count
		return
	}
	b.sources = append(b.sources, source{name, count})
}

// Source is the source of the first message, "" where none was named.
func (b *Batch) Source() string {
	if len(b.sources) == 0 {
		return ""
	}
	return b.sources[0].name
}

// Next takes the first message and returns it in wire form, a view that the
// next addition to the batch ends. It returns nil when the batch is empty.
func (b *Batch) Next() []byte {
	if b.count == 0 {
		return nil
	}
	message, _ := CutMessage(b.wire[b.head:])
	b.take(len(message), 1)
	return message
}

// Discard takes count messages, which are size bytes in wire form, off the
// front of the batch.
func (b *Batch) Discard(size, count int) { b.take(size, count) }

// Swap exchanges the messages of two batches without copying them.
func (b *Batch) Swap(other *Batch) { *b, *other = *other, *b }

// Use makes wire, which holds count whole messages, the content of the batch.
// The batch owns wire from here on; the buffer it had is returned.
func (b *Batch) Use(wire []byte, count int) []byte {
	old := b.wire[:0]
	b.wire, b.head, b.count, b.sources = wire, 0, count, b.sources[:0]
	return old
}

func (b *Batch) take(size, count int) {
	b.head += size
	b.count -= count
	for count > 0 && len(b.sources) > 0 {
		n := min(count, b.sources[0].count)
		count -= n
		if b.sources[0].count -= n; b.sources[0].count == 0 {
			// Shifting down instead of slicing off the front keeps the array for reuse.
			b.sources = b.sources[:copy(b.sources, b.sources[1:])]
		}
	}
	if b.count == 0 {
		b.wire, b.head = b.wire[:0], 0
	}
}

// reclaim moves the messages to the front of the buffer once more than half of
// it is behind them: a batch that never runs empty would grow without end. What
// is moved is less than what was taken since the last time.
func (b *Batch) reclaim() {
	if b.head > len(b.wire)/2 {
		b.wire = b.wire[:copy(b.wire, b.wire[b.head:])]
		b.head = 0
	}
}
