package main

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// output prints messages. All that was received at a time is on stdout before
// the next wait.
type output struct {
	name    string // for people
	w       io.Writer
	encoder *frames.Encoder
	meta    bool
	view    *viewer // in the place of encoder, nil without
	buf     []byte  // of the view

	mu    sync.Mutex    // held while a batch is printed
	last  atomic.Bool   // nothing is to be printed behind what is being printed
	shown atomic.Uint64 // messages of the view that are printed
}

// What is written in lines of our own is written in pieces, as an Encoder writes.
const (
	outputPiece = 128 << 10
	// outputKeep is the largest buffer that is kept for the next batch.
	outputKeep = 1 << 20
)

func newOutput(asked Output, kind sockets.Type, w io.Writer) *output {
	o := &output{
		name: "stdout", w: w, meta: asked.meta,
		encoder: frames.NewEncoder(w, asked.out.format, frames.EncoderOptions{Separator: asked.text.frame, Delimiter: asked.text.message}),
	}
	if asked.out.view {
		o.view = newViewer(asked.colour, kind, w)
	}
	return o
}

// print writes the messages of b and takes them off it.
func (o *output) print(b *frames.Batch) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if b.Len() == 0 {
		return nil
	}
	switch {
	case o.view != nil:
		return o.result(o.show(b))
	case o.meta:
		now := stamp(time.Now())
		return o.result(o.encoder.EncodeRecords(b, func(s frames.Source) frames.Record { return frames.Record{Time: now, Peer: s.Peer} }))
	}
	return o.result(o.encoder.EncodeBatch(b))
}

// printed is how many messages are printed whole. Any goroutine may ask.
func (o *output) printed() uint64 { return o.encoder.Written() + o.shown.Load() }

// show prints the messages of b for people.
func (o *output) show(b *frames.Batch) error {
	o.view.begin()
	for b.Len() > 0 {
		count := b.Len()
		for o.buf = o.buf[:0]; b.Len() > 0 && len(o.buf) < outputPiece; {
			o.buf = o.view.show(o.buf, b)
		}
		if _, err := o.w.Write(o.buf); err != nil {
			return err
		}
		o.shown.Add(uint64(count - b.Len()))
	}
	if cap(o.buf) > outputKeep {
		o.buf = nil
	}
	return nil
}

// finish says that what is printed next is the last: from then on nobody needs to
// read stdout any longer than that.
func (o *output) finish() { o.last.Store(true) }

// final reports whether the last is printed. It waits for a write under way.
func (o *output) final() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last.Load()
}

// result is what a write came to.
func (o *output) result(err error) error {
	switch {
	case err == nil:
		return nil
	case readerLeft(err):
		return errClosedOutput
	}
	return fmt.Errorf("writing %s: %w", o.name, err)
}

// readerLeft reports whether a write failed because nobody reads.
func readerLeft(err error) bool {
	return isBrokenPipe(err) || errors.Is(err, io.ErrClosedPipe)
}

// stampForm is a time in UTC with nine digits of the second, so that records
// sort as text.
const stampForm = "2006-01-02T15:04:05.000000000Z"

func stamp(t time.Time) string { return t.UTC().Format(stampForm) }
