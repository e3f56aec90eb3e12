package stream

import (
	"bytes"
	"io"
	"os"
	"sync"
)

// Tail is a writer to a pipe that knows how far the reader of the pipe has come. A nil one
// knows nothing.
type Tail struct {
	w    io.Writer
	pipe *os.File // the end that w writes to; nil where that is not known
	// Between stands behind each message; nil where they cannot be told apart.
	Between []byte

	mu      sync.Mutex
	end     []byte // the last that was written, a pipe full and more
	written uint64 // bytes
	ticked  uint64 // written, when the last tick was
	begun   int    // lines that ended in what was taken of a write that failed
}

// pipeSize is what a pipe holds, in bytes, unless somebody made it larger.
const pipeSize = 64 << 10

// NewTail makes a Tail of w, which writes to pipe.
func NewTail(w io.Writer, pipe *os.File) *Tail { return &Tail{w: w, pipe: pipe, Between: []byte{'\n'}} }

// Write implements io.Writer.
func (t *Tail) Write(b []byte) (int, error) {
	n, err := t.w.Write(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.written += uint64(n)
	b = b[:n]
	t.begun = 0
	if err != nil {
		t.begun = bytes.Count(b, []byte{'\n'})
	}
	if len(b) >= pipeSize {
		t.end, b = t.end[:0], b[len(b)-pipeSize:]
	} else if len(t.end) > 3*pipeSize {
		t.end = t.end[:copy(t.end, t.end[len(t.end)-pipeSize:])]
	}
	t.end = append(t.end, b...)
	return n, err
}

// Begun returns the number of lines that ended in what was taken of the last write,
// where that failed.
func (t *Tail) Begun() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return uint64(t.begun)
}

// Ticked notes that the last line written is a tick.
func (t *Tail) Ticked() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ticked = t.written
}

// TickWaits reports whether the last tick has not been read yet.
func (t *Tail) TickWaits() bool {
	if t == nil {
		return false
	}
	waiting := Pending(t.pipe)
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written-min(t.written, uint64(waiting)) < t.ticked
}

// Waits reports whether the reader has not read all.
func (t *Tail) Waits() bool { return Pending(t.pipe) > 0 }

// Unread returns the number of messages that the reader has not read to
// their end. It looks at no more than a pipe holds.
func (t *Tail) Unread() (count uint64) {
	waiting := Pending(t.pipe)
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting = min(waiting, len(t.end))
	for i, read := 0, len(t.end)-waiting; i < len(t.end); {
		line := t.end[i:]
		end := bytes.Index(line, t.Between)
		if end < 0 || len(t.Between) == 0 {
			break // not written to its end
		}
		i += end + len(t.Between)
		if i > read && !isEvent(line[:end]) {
			count++
		}
	}
	return count
}

// isEvent reports whether a line is one of ours that is no message; see events.go.
func isEvent(line []byte) bool {
	rest, ours := bytes.CutPrefix(line, []byte(`{"time":"`))
	_, rest, ended := bytes.Cut(rest, []byte(`"`))
	return ours && ended && bytes.HasPrefix(rest, []byte(`,"event":`))
}
