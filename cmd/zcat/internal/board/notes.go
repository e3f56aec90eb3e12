package board

import (
	"sync"
	"sync/atomic"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// notes are the lines about messages that come back, and of the clock, which wait for a
// turn of their own. Whoever writes to the command must not wait for it to read: the
// two would wait for each other.
type notes struct {
	mu    sync.Mutex
	lines []note
	size  int  // bytes of memory
	tick  bool // the time is to be told
	over  bool // nothing more comes

	wake chan struct{}
	done chan struct{} // closed once all is told
}

// note is a line for the command, and the count of those like it that it was not told of.
type note struct {
	line   []byte
	missed *atomic.Uint64
}

// mostNotes bounds the notes that wait while the command does not read, in bytes of
// memory; each takes noteCost besides its text.
const mostNotes, noteCost = 16 << 20, 64

func (n *notes) init() { n.wake, n.done = make(chan struct{}, 1), make(chan struct{}) }

// finish says that nothing more comes.
func (n *notes) finish() {
	n.mu.Lock()
	n.over, n.tick = true, false
	n.mu.Unlock()
	life.Rouse(n.wake)
}

// note has a line told that is no message. Where there is no room for it, or nothing is told
// any more, it is counted in missed.
func (b *Board) note(line []byte, missed *atomic.Uint64) {
	n := &b.notes
	n.mu.Lock()
	defer n.mu.Unlock()
	size := cap(line) + noteCost
	if n.over || n.size > 0 && n.size+size > mostNotes {
		missed.Add(1)
		return
	}
	n.lines = append(n.lines, note{line, missed})
	n.size += size
	life.Rouse(n.wake)
}

// NoteTimeout has it told that a request was given up.
func (b *Board) NoteTimeout(at string, request frames.Message) {
	b.note(stream.EventOf("timeout", at, "", request), &b.unanswered)
}

// tick has the command told of the time. Where it has not been told of the last time
// yet, that will do.
func (b *Board) tick() {
	n := &b.notes
	n.mu.Lock()
	n.tick = !n.over
	n.mu.Unlock()
	life.Rouse(n.wake)
}

// tellNotes tells the notes until there are no more, or nobody to tell them to.
func (b *Board) tellNotes() {
	n := &b.notes
	defer close(n.done)
	defer life.Every(b.Tick, b.tick)()
	for {
		n.mu.Lock()
		lines, tick, over := n.lines, n.tick, n.over
		n.lines, n.size, n.tick = nil, 0, false
		n.mu.Unlock()
		if tick && !over && b.tellTime() != nil {
			n.finish()
			miss(lines)
			return
		}
		for i, note := range lines {
			if b.tell(b.Hard, note.line) != nil {
				n.finish()
				miss(lines[i:])
				return
			}
		}
		switch {
		case len(lines) > 0 || tick && !over:
		case over:
			return
		default:
			<-n.wake
		}
	}
}

// miss counts notes that the command is not told.
func miss(notes []note) {
	for _, n := range notes {
		n.missed.Add(1)
	}
}
