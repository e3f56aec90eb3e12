package capture

import (
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/pkg/frames"
)

// recorder writes a copy of what passes through a command to a file, a record a line.
// The command only hands over a copy; encoding and writing go on in a goroutine
// of its own, behind a queue of limited size. What does not fit, or cannot be
// written, is counted.
type recorder struct {
	open  func() (out io.Writer, torn bool, err error) // waits for the reader of a FIFO
	limit int                                          // bytes that wait; 0 is no limit
	// failed is called for the first write that fails.
	failed func(error)

	mu      sync.Mutex
	queue   []*piece // the last is filled
	held    int      // bytes of memory of the queue and of what is being written
	spare   *piece   // used again
	closed  bool
	writing int  // messages that are being written
	opened  bool // somebody may be reading

	missed atomic.Uint64
	wake   chan struct{}
	done   chan struct{}

	// For the writing goroutine only.
	form   recordForm
	lines  []byte
	file   stream.WholeLines
	broken bool // a write failed
}

// piece is a part of the queue. A queue in one piece would be copied as it grows,
// and take several times the memory of its content.
type piece struct {
	batch frames.Batch
	runs  []stretch
}

const (
	// pieceSize is the size at which a piece ends, in bytes.
	pieceSize = 256 << 10
	// stretchCost is the memory of a stretch beside its messages: itself, and its
	// source in the batch, in slices that have room for more.
	stretchCost = 160
)

// recordForm appends the first message of b, which is one of s, in whole lines, and
// takes it off b. A large one it writes to w itself, after all of dst.
type recordForm func(dst []byte, s stretch, b *frames.Batch, w io.Writer) ([]byte, error)

// asRecord writes a record per line.
func asRecord() recordForm {
	encoder := frames.NewEncoder(nil, frames.JSON, frames.EncoderOptions{})
	var (
		seen time.Time
		at   string // seen, as text
	)
	return func(dst []byte, s stretch, b *frames.Batch, w io.Writer) ([]byte, error) {
		if !s.time.Equal(seen) || at == "" {
			seen, at = s.time, stream.Stamp(s.time)
		}
		record := stream.RecordOf(b.Source(), at)
		record.From, record.To = s.from, s.to
		m := b.Next()
		if m.Size() <= stream.OutputPiece {
			return encoder.AppendRecord(dst, record, m), nil
		}
		if _, err := w.Write(dst); err != nil {
			return dst[:0], err
		}
		return dst[:0], frames.NewEncoder(w, frames.JSON, frames.EncoderOptions{}).EncodeRecord(record, m)
	}
}

// stretch is a run of messages that were taken together.
type stretch struct {
	time     time.Time
	from, to string
	count    int
}

func newRecorder(open func() (io.Writer, bool, error), limit int, form recordForm, failed func(error)) *recorder {
	r := &recorder{
		open: open, limit: limit, form: form, failed: failed,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go r.work()
	return r
}

// take queues a copy of b. It serves several goroutines and never waits for the
// file.
func (r *recorder) take(from, to string, b *frames.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	cost := b.Size() + stretchCost
	if r.limit > 0 && r.held > 0 && r.held+cost > r.limit {
		r.missed.Add(uint64(b.Len()))
		return
	}
	r.held += cost
	p := r.room(b.Size())
	p.batch.AppendBatch(b)
	// Read under the lock: the times in the file never go back.
	p.runs = append(p.runs, stretch{time.Now(), from, to, b.Len()})
	life.Rouse(r.wake)
}

// room returns a piece with room for so many bytes, or one for them alone.
func (r *recorder) room(size int) *piece {
	if last := len(r.queue) - 1; last >= 0 && r.queue[last].batch.Size()+size <= pieceSize {
		return r.queue[last]
	}
	p := r.spare
	if r.spare = nil; p == nil {
		p = &piece{}
	}
	r.queue = append(r.queue, p)
	return p
}

// close returns when all that was taken is written, when ctx is done, or at once
// where nothing was taken and nobody has opened the FIFO that it would go to.
func (r *recorder) close(ctx context.Context) {
	r.mu.Lock()
	r.closed = true
	idle := !r.opened && len(r.queue) == 0
	r.mu.Unlock()
	life.Rouse(r.wake)
	if idle {
		return
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		r.mu.Lock()
		defer r.mu.Unlock()
		n := r.writing
		for _, p := range r.queue {
			n += p.batch.Len()
		}
		r.missed.Add(uint64(n))
		r.queue = nil
	}
}

func (r *recorder) work() {
	defer close(r.done)
	out, torn, err := r.open()
	r.mu.Lock()
	r.opened = true
	r.mu.Unlock()
	if err != nil {
		r.fail(err)
		out = nowhere{err}
	}
	r.file = stream.WholeLines{Out: out, Torn: torn}
	for r.writeNext() {
	}
	if f, ok := out.(*os.File); ok && f != os.Stdout {
		if err := f.Close(); err != nil {
			r.fail(err)
		}
	}
}

// nowhere stands for a file that could not be opened.
type nowhere struct{ error }

func (n nowhere) Write([]byte) (int, error) { return 0, n.error }

// writeNext waits for a piece and writes it, and reports whether there may be
// another.
func (r *recorder) writeNext() bool {
	r.mu.Lock()
	for len(r.queue) == 0 {
		closed := r.closed
		r.mu.Unlock()
		if closed {
			return false
		}
		<-r.wake
		r.mu.Lock()
	}
	p := r.queue[0]
	r.queue[0] = nil
	r.queue = r.queue[1:]
	r.writing = p.batch.Len()
	cost := p.batch.Size() + stretchCost*len(p.runs)
	r.mu.Unlock()
	for _, s := range p.runs {
		r.record(s, &p.batch)
	}
	_ = r.flush() // it is reported, and counted
	r.mu.Lock()
	if r.held, r.writing = r.held-cost, 0; cost <= stream.OutputKeep {
		p.batch.Reset()
		r.spare = p
		p.runs = p.runs[:0]
	}
	r.mu.Unlock()
	return true
}

// record encodes the messages of a stretch, which it takes off b.
func (r *recorder) record(s stretch, b *frames.Batch) {
	for range s.count {
		var err error
		if r.lines, err = r.form(r.lines, s, b, (*recorderFile)(r)); err != nil {
			r.missed.Add(1) // the line that was begun
		}
		if len(r.lines) >= stream.OutputPiece {
			_ = r.flush() // it is reported, and counted
		}
	}
}

// recorderFile is the file of a recorder, and counts what is missed.
type recorderFile recorder

// Write writes lines, of which the last may be a part.
func (f *recorderFile) Write(lines []byte) (int, error) {
	if len(lines) == 0 {
		return 0, nil
	}
	r := (*recorder)(f)
	missed, err := r.file.Write(lines)
	if err != nil {
		r.missed.Add(uint64(missed))
		r.fail(err)
		return 0, err
	}
	return len(lines), nil
}

// flush writes the lines.
func (r *recorder) flush() error {
	_, err := (*recorderFile)(r).Write(r.lines)
	if r.lines = r.lines[:0]; cap(r.lines) > stream.OutputKeep {
		r.lines = nil
	}
	return err
}

// fail reports the first failure only: on a full disk there is one for each batch.
func (r *recorder) fail(err error) {
	if !r.broken {
		r.broken = true
		r.failed(err)
	}
}
