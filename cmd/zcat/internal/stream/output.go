package stream

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Output prints messages. All that was received at a time is on stdout before
// the next wait.
type Output struct {
	Name    string // for people
	W       io.Writer
	encoder *frames.Encoder
	meta    bool
	view    *viewer // in place of encoder, nil without
	buf     []byte  // of the view

	mu    sync.Mutex    // held while a batch is printed
	Last  atomic.Bool   // nothing will be printed after what is being printed
	shown atomic.Uint64 // messages of the view that are printed

	ticking atomic.Bool // a record of the time is being written
	tail    *Tail       // of what is written, where records of the time are; else nil
}

// Our own lines are written in pieces, as an Encoder writes.
const (
	OutputPiece = 128 << 10
	// OutputKeep is the largest buffer that is kept for the next batch.
	OutputKeep = 1 << 20
)

// NewOutput makes an output that prints the messages of a socket of type kind to w. Where
// records of the time are written as well, w is a *Tail.
func NewOutput(asked line.Output, kind sockets.Type, w io.Writer) *Output {
	format := asked.Out.Format
	if asked.Meta {
		format = frames.JSON
	}
	o := &Output{
		Name: "stdout", W: w, meta: asked.Meta,
		encoder: frames.NewEncoder(say.OnTerminal(w, format, asked.Text.Frame, asked.Text.Message), asked.Out.Format, frames.EncoderOptions{Separator: asked.Text.Frame, Delimiter: asked.Text.Message}),
	}
	o.tail, _ = w.(*Tail)
	if asked.Out.View {
		o.view = NewViewer(asked, kind, w)
	}
	return o
}

// Between is what stands behind each message of an output, nil where they cannot be told
// apart.
func Between(asked line.Output) []byte {
	switch {
	case asked.Out.View, asked.Out.Format == frames.Raw:
		return nil
	case asked.Out.Format == frames.Text && !asked.Meta && len(asked.Text.Message) > 0:
		return asked.Text.Message
	}
	return []byte{'\n'}
}

// ShowNames has peers shown with short names, where messages are shown to people.
func (o *Output) ShowNames(names *view.Names) {
	if o.view != nil {
		o.view.Names = names
	}
}

// Print writes the messages of b and takes them off it.
func (o *Output) Print(b *frames.Batch) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if b.Len() == 0 {
		return nil
	}
	switch {
	case o.view != nil:
		return o.result(o.show(b))
	case o.meta:
		now := Stamp(time.Now())
		return o.result(o.encoder.EncodeRecords(b, func(s frames.Source) frames.Record { return RecordOf(s, now) }))
	}
	return o.result(o.encoder.EncodeBatch(b))
}

// Announce writes records of the peers that a batch of notices tells of, and takes them
// off it.
func (o *Output) Announce(b *frames.Batch) error {
	var lines []byte
	for b.Len() > 0 {
		source := b.Source()
		lines = append(lines, Presence("", source, b.Next()[0])...)
	}
	return o.tell(lines)
}

// Tick writes a record of the time, unless the one before still waits for the reader.
func (o *Output) Tick() error {
	if o.ticking.Swap(true) {
		return nil
	}
	defer o.ticking.Store(false)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tail.TickWaits() {
		return nil
	}
	_, err := o.W.Write(Tick())
	o.tail.Ticked()
	return o.result(err)
}

// tell writes lines that are no messages.
func (o *Output) tell(lines []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err := o.W.Write(lines)
	return o.result(err)
}

// Printed returns the number of messages that are printed whole. Any goroutine may
// call it.
func (o *Output) Printed() uint64 { return o.encoder.Written() + o.shown.Load() }

// show prints the messages of b for people.
func (o *Output) show(b *frames.Batch) error {
	o.view.begin()
	for b.Len() > 0 {
		count := b.Len()
		for o.buf = o.buf[:0]; b.Len() > 0 && len(o.buf) < OutputPiece; {
			o.buf = o.view.show(o.buf, b)
		}
		if _, err := o.W.Write(o.buf); err != nil {
			return err
		}
		o.shown.Add(uint64(count - b.Len()))
	}
	if cap(o.buf) > OutputKeep {
		o.buf = nil
	}
	return nil
}

// Finish says that what is printed next is the last: the reader of stdout may leave
// after that.
func (o *Output) Finish() { o.Last.Store(true) }

// Final reports whether the last is printed. It waits for a write under way.
func (o *Output) Final() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Last.Load()
}

// result returns the error for the outcome of a write.
func (o *Output) result(err error) error {
	switch {
	case err == nil:
		return nil
	case ReaderLeft(err):
		return outcome.ErrClosedOutput
	}
	return fmt.Errorf("writing %s: %w", o.Name, err)
}

// ReaderLeft reports whether a write failed because nobody reads.
func ReaderLeft(err error) bool {
	return isBrokenPipe(err) || errors.Is(err, io.ErrClosedPipe)
}

// StampForm is a time in UTC with nine digits of the second, so that records
// sort as text.
const StampForm = "2006-01-02T15:04:05.000000000Z"

// RecordOf is the record of a message from a source that came at a time.
func RecordOf(s frames.Source, at string) frames.Record {
	return frames.Record{Time: at, Peer: s.Peer, Endpoint: s.Endpoint, User: s.User}
}

// Stamp is a time in a record.
func Stamp(t time.Time) string { return t.UTC().Format(StampForm) }
