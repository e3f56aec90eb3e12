package framing

// Where the messages of a batch came from.

// Source tells where a message came from, as frames.Source does.
type Source struct {
	Peer, Endpoint, User string
	Notice               Notice
}

// Notice is what stands in a batch in the place of a message, as frames.Notice says it.
type Notice uint8

// The notices of a peer; a message is none.
const (
	NoNotice Notice = iota
	Joined
	Left
)

// run is a row of messages from one source, which is nil where it is not known.
type run struct {
	source *Source
	until  int // the number of the first message behind it
}

// AppendSource names the source of the count messages added last. The batch keeps
// the pointer, so that many messages of one source cost nothing.
func (b *Batch) AppendSource(source *Source, count int) {
	b.nameUpTo(b.added-count, nil)
	b.nameUpTo(b.added, source)
}

// AppendSourceValue is AppendSource for the last message and a source that may be
// the same as that of the message before.
func (b *Batch) AppendSourceValue(source Source) {
	if last := len(b.sources) - 1; last >= 0 && b.sources[last].until == b.added-1 && b.sources[last].source != nil && *b.sources[last].source == source {
		b.AppendSource(b.sources[last].source, 1)
		return
	}
	b.AppendSource(&source, 1)
}

// nameUpTo names the source of all messages before number n that have none yet.
func (b *Batch) nameUpTo(n int, source *Source) {
	last := len(b.sources) - 1
	switch {
	case last < 0 && n <= b.taken, last >= 0 && n <= b.sources[last].until:
	case last >= 0 && b.sources[last].source == source:
		b.sources[last].until = n
	default:
		b.near = 0
		b.sources = append(b.sources, run{source, n})
	}
}

// nameAs names the count messages added last after those of another batch from its
// message first on, which has these runs.
func (b *Batch) nameAs(runs []run, first, count int) {
	begin := b.added - count
	for _, r := range runs {
		b.nameUpTo(begin, nil) // nothing, but before the first run
		b.nameUpTo(begin+min(r.until-first, count), r.source)
	}
}

// Source is the source of the first message, nil where none was named.
func (b *Batch) Source() *Source {
	if len(b.sources) == 0 {
		return nil
	}
	return b.sources[0].source
}

// Sources calls yield with each message, without taking it, and its source. The
// list of frames serves one message after the other.
func (b *Batch) Sources(yield func(source *Source, m [][]byte) bool) {
	m := b.scanned
	b.scanned = nil // a look from within yield needs a list of its own
	defer func() { b.scanned = m[:0] }()
	at, n := 0, b.taken
	for wire := b.Wire(); len(wire) > 0; n++ {
		for at < len(b.sources) && b.sources[at].until <= n {
			at++
		}
		var source *Source
		if at < len(b.sources) {
			source = b.sources[at].source
		}
		m, wire = ParseMessage(m[:0], wire)
		if !yield(source, m) {
			return
		}
	}
}
