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
	view    *shower // in the place of encoder, nil without
	buf     []byte

	mu      sync.Mutex  // held while a batch is printed
	last    atomic.Bool // nothing is to be printed behind what is being printed
	coded   uint64      // messages in buf
	printed atomic.Uint64
}

// The pieces that a batch is written in. A pipe holds 64 KiB, and a larger piece
// saves calls where there is room for it.
const (
	outputPiece = 128 << 10
	// outputKeep is the largest buffer that is kept for the next batch.
	outputKeep = 1 << 20
)

func newOutput(asked Output, kind sockets.Type, w io.Writer) *output {
	o := &output{
		name: "stdout", w: w, meta: asked.meta,
		encoder: frames.NewEncoder(asked.out.format, frames.EncoderOptions{Separator: asked.text.frame, Delimiter: asked.text.message}),
	}
	if asked.out.view {
		o.view = newShower(asked.colour, kind, w)
	}
	return o
}

// print writes the messages of b and takes them off it.
func (o *output) print(b *frames.Batch) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	record := frames.Record{}
	if o.meta {
		record.Time = stamp(time.Now())
	}
	if o.view != nil && b.Len() > 0 {
		o.view.begin()
	}
	for b.Len() > 0 {
		if o.view != nil {
			o.buf = o.view.show(o.buf, b)
		} else if err := o.add(record, b); err != nil {
			return err
		}
		o.coded++
		if len(o.buf) >= outputPiece {
			if err := o.flush(); err != nil {
				return err
			}
		}
	}
	return o.flush()
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

// add encodes the first message of b; of a large one not more than a piece is in
// memory at a time.
func (o *output) add(record frames.Record, b *frames.Batch) (err error) {
	record.Peer = b.Source()
	m := b.Next()
	switch large := len(m) > outputPiece; {
	case o.meta && large:
		o.buf, err = o.encoder.EncodeRecord(o.buf, record, m, o.flushPiece)
	case o.meta:
		o.buf = o.encoder.AppendRecord(o.buf, record, m)
	case large:
		o.buf, err = o.encoder.Encode(o.buf, m, o.flushPiece)
	default:
		o.buf = o.encoder.Append(o.buf, m)
	}
	return err
}

func (o *output) flushPiece(buf []byte) ([]byte, error) {
	if len(buf) < outputPiece {
		return buf, nil
	}
	o.buf = buf
	err := o.flush()
	return o.buf, err
}

func (o *output) flush() error {
	if len(o.buf) == 0 {
		return nil
	}
	_, err := o.w.Write(o.buf)
	if o.buf = o.buf[:0]; cap(o.buf) > outputKeep {
		o.buf = nil
	}
	switch {
	case err == nil:
		o.printed.Add(o.coded)
		o.coded = 0
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
