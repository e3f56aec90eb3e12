package frames

import (
	"iter"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// Batch is a queue of whole messages, held in the wire form of RFC 37 in one
// buffer, so that a thousand messages cost one allocation and go to a socket
// with one write. Messages are added at the end and taken from the front. The
// zero value is an empty batch, ready for use. A Batch serves one goroutine at
// a time.
type Batch framing.Batch

// Source tells where a message came from, as far as that is known; the zero value
// tells nothing.
type Source struct {
	// Peer is the endpoint of the peer that sent it: tcp://127.0.0.1:53412. For
	// ipc and inproc it is Endpoint, since their peers have none, with a number behind it
	// where answers name their peer (sockets.Options.Manual).
	Peer string
	// Endpoint is the endpoint that the receiving socket bound or connected to,
	// in its canonical form.
	Endpoint string
	// User is the user that the socket's security mechanism identified: the name of
	// PLAIN, or the name that a ZAP handler gives the owner of a CURVE key. Mostly
	// empty.
	User string
	// Notice is 0 for a message. What tells of a peer instead, where somebody asked a
	// socket for that, stands among messages as one of one frame: the routing id by
	// which the socket knows the peer, empty where it has none.
	Notice Notice
}

// Notice is what tells of a peer, in the place of a message.
type Notice = framing.Notice

// A peer that joined is told of before its first message, one that left behind its last.
const (
	Joined = framing.Joined
	Left   = framing.Left
)

func (b *Batch) own() *framing.Batch { return (*framing.Batch)(b) }

// Len is the number of messages.
func (b *Batch) Len() int { return b.own().Len() }

// Size is the number of bytes that the messages take: their frames, and 2 or 9
// bytes a frame for its header on the wire.
func (b *Batch) Size() int { return b.own().Size() }

// Payload is the sum of the lengths of all frames in bytes. It goes through all
// frames.
func (b *Batch) Payload() int { return b.own().Payload() }

// Append adds a copy of m. A message without frames is not added.
func (b *Batch) Append(m Message) { b.own().Append(m) }

// AppendFrom is Append for a message that came from somewhere.
func (b *Batch) AppendFrom(source Source, m Message) {
	if len(m) == 0 {
		return
	}
	b.own().Append(m)
	b.own().AppendSourceValue(framing.Source(source))
}

// AppendBatch adds a copy of the messages of other, with their sources.
func (b *Batch) AppendBatch(other *Batch) {
	if other != nil {
		b.own().AppendBatch(other.own())
	}
}

// Next takes the first message off the batch; it is nil where there is none. Its
// frames are views, valid until the next addition to the batch; its list of frames
// is valid until the next Next. Message.Clone makes a copy that lives longer.
func (b *Batch) Next() Message { return b.own().Next() }

// Source is the source of the first message, which Next takes.
func (b *Batch) Source() Source { return sourceOf(b.own().Source()) }

// Messages goes through the messages without taking them. Each is a view, valid
// until the next step and the next change of the batch.
func (b *Batch) Messages() iter.Seq[Message] {
	return func(yield func(Message) bool) {
		b.own().Sources(func(_ *framing.Source, m [][]byte) bool { return yield(m) })
	}
}

// Sources is Messages with the source of each.
func (b *Batch) Sources() iter.Seq2[Source, Message] {
	return func(yield func(Source, Message) bool) {
		b.own().Sources(func(source *framing.Source, m [][]byte) bool { return yield(sourceOf(source), m) })
	}
}

// Truncate drops all messages after the first n.
func (b *Batch) Truncate(n int) { b.own().Truncate(n) }

// Shift moves the first n messages, or all where there are fewer, to the end of other,
// with their sources.
func (b *Batch) Shift(other *Batch, n int) {
	if other != nil {
		b.own().Shift(other.own(), n)
	}
}

// Swap exchanges the messages of two batches without copying them.
func (b *Batch) Swap(other *Batch) {
	if other != nil {
		b.own().Swap(other.own())
	}
}

// Reset empties the batch and keeps its buffer for what comes next.
func (b *Batch) Reset() { b.own().Reset() }

func sourceOf(source *framing.Source) Source {
	if source == nil {
		return Source{}
	}
	return Source(*source)
}
