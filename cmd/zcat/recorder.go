package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// recorder writes a copy of what a proxy forwards to a file, a record a line.
// The proxy only hands over a copy; encoding and writing go on in a goroutine
// of its own, behind a queue of limited size. What does not fit, or cannot be
// written, is counted.
type recorder struct {
	out   io.Writer
	limit int // bytes in wire form that wait; 0 is no limit
	// failed is told of the first write that fails.
	failed func(error)

	mu      sync.Mutex
	queue   frames.Batch
	runs    []stretch // of the queue
	held    int       // bytes of the queue and of what is being written
	closed  bool
	writing int // messages that are being written

	missed atomic.Uint64
	wake   chan struct{}
	done   chan struct{}

	// Of the writing goroutine alone.
	form   recordForm
	lines  []byte
	torn   bool // the last line in the file is a part of one
	broken bool // a write failed
}

// recordForm appends the first message of b, which is one of s, in whole lines,
// and takes it off.
type recordForm func(dst []byte, s stretch, b *frames.Batch) []byte

// asRecord is a record a line.
func asRecord() recordForm {
	encoder := frames.NewEncoder(frames.JSON, frames.EncoderOptions{})
	return func(dst []byte, s stretch, b *frames.Batch) []byte {
		record := frames.Record{Time: stamp(s.time), From: s.from.String(), Peer: b.Source()}
		return encoder.AppendRecord(dst, record, b.Next())
	}
}

// stretch is a row of messages that were taken together.
type stretch struct {
	time  time.Time
	from  sockets.Side
	count int
}

func newRecorder(out io.Writer, limit int, torn bool, form recordForm, failed func(error)) *recorder {
	r := &recorder{
		out: out, limit: limit, torn: torn, form: form, failed: failed,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go r.work()
	return r
}

// openRecording opens a file to append records to. Where an earlier writer left
// a part of a line, the first record begins a line of its own.
func openRecording(name string) (f *os.File, torn bool, err error) {
	ignoreFileSizeSignal()
	f, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return nil, false, err
	}
	return f, endsTorn(name), nil
}

// endsTorn reports whether the last line of a file is a part of one. Of a file
// that cannot be read, and of a pipe, it is not known.
func endsTorn(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// take queues a copy of b. It serves several goroutines and never waits for the
// file.
func (r *recorder) take(from sockets.Side, b *frames.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.limit > 0 && r.held > 0 && r.held+b.Size() > r.limit {
		r.missed.Add(uint64(b.Len()))
		return
	}
	r.held += b.Size()
	r.queue.AppendBatch(b)
	// Read under the lock: the times in the file never go back.
	r.runs = append(r.runs, stretch{time.Now(), from, b.Len()})
	r.rouse()
}

func (r *recorder) rouse() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// close returns when all that was taken is written, or ctx is done.
func (r *recorder) close(ctx context.Context) {
	r.mu.Lock()
	r.closed = true
	r.rouse()
	r.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
		r.mu.Lock()
		defer r.mu.Unlock()
		r.missed.Add(uint64(r.writing + r.queue.Len()))
		r.queue, r.runs = frames.Batch{}, nil
	}
}

func (r *recorder) work() {
	defer close(r.done)
	var batch frames.Batch
	var runs []stretch
	for last := false; !last; {
		<-r.wake
		r.mu.Lock()
		r.queue.Swap(&batch)
		r.runs, runs = runs[:0], r.runs
		last, r.writing = r.closed, batch.Len()
		r.mu.Unlock()
		size := batch.Size()
		for _, s := range runs {
			r.record(s, &batch)
		}
		r.flush()
		if size > outputKeep {
			batch = frames.Batch{}
		}
		r.mu.Lock()
		r.held, r.writing = r.held-size, 0
		r.mu.Unlock()
	}
	if f, ok := r.out.(*os.File); ok && f != os.Stdout {
		if err := f.Close(); err != nil {
			r.fail(err)
		}
	}
}

// record encodes the messages of a stretch, which it takes off b.
func (r *recorder) record(s stretch, b *frames.Batch) {
	for range s.count {
		r.lines = r.form(r.lines, s, b)
		if len(r.lines) >= outputPiece {
			r.flush()
		}
	}
}

// flush writes the lines. After a write that failed half-way the file is cut
// back to whole lines; where it cannot be, the next record begins a new line.
func (r *recorder) flush() {
	if len(r.lines) == 0 {
		return
	}
	begin := 0 // of the first line
	if r.torn {
		r.lines = append([]byte{'\n'}, r.lines...)
		begin = 1
	}
	n, err := r.out.Write(r.lines)
	if err == nil {
		r.torn = false
	} else {
		r.missed.Add(uint64(bytes.Count(r.lines[max(n, begin):], []byte{'\n'})))
		part := n - 1 - bytes.LastIndexByte(r.lines[:n], '\n')
		if n > 0 {
			r.torn = part > 0 && cutBack(r.out, part) != nil
		}
		r.fail(err)
	}
	if r.lines = r.lines[:0]; cap(r.lines) > outputKeep {
		r.lines = nil
	}
}

// fail tells of the first failure only: on a full disk there is one a batch.
func (r *recorder) fail(err error) {
	if !r.broken {
		r.broken = true
		r.failed(err)
	}
}

// cutBack takes the last n bytes that were written to out off again.
func cutBack(out io.Writer, n int) error {
	noEnd := errors.New("not the end of a regular file")
	f, ok := out.(*os.File)
	if !ok {
		return noEnd
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != end {
		return noEnd
	}
	if err := f.Truncate(end - int64(n)); err != nil {
		return err
	}
	_, err = f.Seek(end-int64(n), io.SeekStart)
	return err
}
