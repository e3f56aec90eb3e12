package frames

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/internal/vector"
)

// batchSize is the most that one Decode adds to a batch, in bytes of wire form, before
// its caller gets to send it; a message that is longer comes alone. It is what
// pkg/sockets gives to a tcp connection in two system calls.
const batchSize = 2 * 65483

// DecoderOptions say what a Decoder accepts. The zero value accepts all.
type DecoderOptions struct {
	// MaxSize is the largest message in bytes, the sum of its frames; 0 is no
	// limit. A line may be longer, up to 8*MaxSize + 64 KiB.
	MaxSize int
	// MaxLine is the longest line in bytes, where that does not follow from MaxSize; 0
	// is no limit but that.
	MaxLine int
	// MinFrames is the least number of frames: 2 for a ROUTER, a routing id and
	// what to send there. 0 and 1 are the same.
	MinFrames int
	// MaxFrames is the largest number of frames: 1 for a CLIENT. 0 is no limit.
	MaxFrames int
	// Frames names the frames of a message, for the error where there are others: "a
	// group and a body". It may be empty.
	Frames string
	// MaxGroup is the largest size in bytes of the first frame where that is the group of a
	// RADIO, which has no zero byte either; 0 where it is none.
	MaxGroup int
	// Separator stands between the frames of a line of Text; nil is a TAB. Where
	// it is empty but not nil, a line is one frame.
	Separator []byte
	// Delimiter ends a line of Text; empty is a line feed.
	Delimiter []byte
	// Grown, where it is not nil, is called with the size of the buffer for a long line
	// whenever it has grown to more than 16 MiB. Nobody refers then to the one that it was
	// copied from, which the collector mostly leaves where it is: a line takes up to three
	// times its length. A program that bounds its memory may call debug.FreeOSMemory.
	Grown func(bytes int)
	// Peers has the peer that a record of JSON names be the Source of its message.
	Peers bool
}

// errNoBatch is the error of a Decoder without a place for messages.
var errNoBatch = errors.New("a decoder needs a batch to put messages into")

// Decoder reads messages from a stream of text. It serves one goroutine at a time.
// The zero value, as one without a reader, is at its end.
type Decoder struct {
	lines   lines
	format  Format
	options DecoderOptions
	plain   bool          // a line is a message, whatever it holds, within the limits of fits
	stops   *vector.Stops // separator and delimiter of Text, if they are single bytes
	run     lineRun
	runFrom int // the number of lines before the next run
	json    jsonParser
}

// NewDecoder makes a Decoder that reads messages in format f from r.
func NewDecoder(r io.Reader, f Format, o DecoderOptions) *Decoder {
	d := &Decoder{format: f, options: o}
	d.lines = lines{r: r, delimiter: []byte{'\n'}, most: o.longest(), grown: o.Grown}
	if f.Separated() && len(o.Delimiter) > 0 {
		d.lines.delimiter = o.Delimiter
	}
	if o.Separator == nil {
		d.options.Separator = []byte{'\t'}
	}
	d.plain = o.MaxGroup <= 0 && !o.Peers
	if len(d.options.Separator) == 1 && len(d.lines.delimiter) == 1 {
		d.stops = vector.NewStops(d.options.Separator[0], d.lines.delimiter[0], math.MinInt8)
	}
	return d
}

// Decode waits for a message and adds it to b, along with all others that are at
// hand without another read, up to 128 KiB. A reader that has a method Ready() bool is
// read on for more as long as that returns true, which says that a Read would not wait.
// At the end of the input it returns io.EOF. A line that is no message is a *LineError: what came before it is
// in b, and the next Decode goes on after it. Any other error is the reader's. In
// format Raw all of the input is one message of one frame; see Format.Lines.
func (d *Decoder) Decode(b *Batch) error { return d.decode(b, batchSize) }

// Midway reports whether bytes other than blanks were read that are in no message yet:
// mostly the half of a line, which is lost when nothing more is read. In format Raw it
// reports false.
func (d *Decoder) Midway() bool {
	l := &d.lines
	return !l.skipping && len(bytes.TrimSpace(l.buf[l.at:l.end])) > 0
}

// DecodeRecord is Decode for one message only, and also returns its record. The
// record is empty where the line is not a record.
func (d *Decoder) DecodeRecord(b *Batch) (Record, error) {
	d.json.wantRecord, d.json.record = true, Record{}
	err := d.decode(b, 1)
	d.json.wantRecord = false
	return d.json.record, err
}

// decode adds messages to b until it has grown by size bytes, or waiting would
// be needed for more.
func (d *Decoder) decode(b *Batch, size int) error {
	switch {
	case b == nil:
		return errNoBatch
	case d.lines.r == nil:
		return io.EOF // without a reader there is no input
	}
	form := d.format.form()
	if form.decodeAll != nil {
		return form.decodeAll(d, b)
	}
	most, count := b.Size()+size, b.Len()
	for last := 0; b.Size()+last < most; {
		if d.lines.number >= d.runFrom {
			if n := d.decodeRun(form, b, most); n > 0 {
				if last = n; b.Size()+last >= most {
					return nil
				}
			}
		}
		start, n, state := d.lines.next()
		var bad *LineError
		switch state {
		case linePartial:
			if b.Len() > count && !d.lines.ready() {
				return nil
			}
			if err := d.lines.fill(); err != nil {
				return err
			}
		case lineWhole:
			before := b.Size()
			bad = d.decodeLine(form, b, d.lines.buf[start:], n)
			last = b.Size() - before
			d.lines.shrink()
		case lineTooLong:
			bad = d.options.tooLong(d.lines.most)
		}
		if bad != nil {
			bad.Line, bad.Cut = d.lines.number, d.lines.cut
			return bad
		}
	}
	return nil
}

// decodeLine adds the message in the line text[:n] to b. The line has slack after
// it.
func (d *Decoder) decodeLine(form *form, b *Batch, text []byte, n int) (bad *LineError) {
	own := b.own()
	wire := own.Buffer()
	before := len(wire)
	if d.options.Peers {
		d.json.wantRecord, d.json.record = true, Record{}
	}
	wire, count, size, bad := form.decodeLine(d, wire, text, n)
	if bad == nil && count > 0 {
		if bad = d.options.check(count, size); bad == nil && d.options.MaxGroup > 0 {
			first, _, _ := framing.CutFrame(wire[before:])
			bad = d.options.checkGroup(first)
		}
	}
	if bad != nil {
		own.SetBuffer(wire[:before], 0)
		return bad
	}
	own.SetBuffer(wire, min(count, 1)) // none where the line was blank
	if d.options.Peers && count > 0 && d.json.record.Peer != "" {
		own.AppendSourceValue(framing.Source{Peer: d.json.record.Peer})
	}
	return nil
}

// longest is the longest line that is read.
func (o *DecoderOptions) longest() int {
	most := maxLine(o.MaxSize)
	if o.MaxLine > 0 {
		most = min(most, o.MaxLine)
	}
	return most
}

// tooLong is the error for a line of more than most bytes.
func (o *DecoderOptions) tooLong(most int) *LineError {
	if o.MaxSize <= 0 {
		return &LineError{TooLarge: true, Reason: fmt.Sprintf("expected a line of at most %d bytes", most)}
	}
	return &LineError{TooLarge: true, Reason: fmt.Sprintf("expected a message of at most %d bytes, in a line of at most %d", o.MaxSize, most)}
}

// check holds a message against the limits.
func (o *DecoderOptions) check(count, size int) *LineError {
	if o.MaxSize > 0 && size > o.MaxSize {
		return &LineError{TooLarge: true, Reason: fmt.Sprintf("expected a message of at most %d bytes", o.MaxSize)}
	}
	switch {
	case count == 0:
		return &LineError{Reason: "expected at least one frame, found none"}
	case count >= o.MinFrames && (o.MaxFrames <= 0 || count <= o.MaxFrames):
		return nil
	case o.Frames != "":
		return &LineError{Reason: fmt.Sprintf("expected %s, found %s", o.Frames, counted(count))}
	case count > o.MinFrames:
		return &LineError{Reason: fmt.Sprintf("expected at most %d frames, found %d", o.MaxFrames, count)}
	case o.MinFrames == 2:
		return &LineError{Reason: "expected a routing id and at least one more frame, found one frame"}
	}
	return &LineError{Reason: fmt.Sprintf("expected at least %d frames, found %d", o.MinFrames, count)}
}

// checkGroup holds the first frame of a message against MaxGroup.
func (o *DecoderOptions) checkGroup(first []byte) *LineError {
	if o.MaxGroup <= 0 || len(first) <= o.MaxGroup && bytes.IndexByte(first, 0) < 0 {
		return nil
	}
	return &LineError{Reason: fmt.Sprintf("expected a group of up to %d bytes, none of them zero, as the first frame", o.MaxGroup)}
}

// counted is a number of frames in words.
func counted(frames int) string {
	if frames == 1 {
		return "one frame"
	}
	return fmt.Sprintf("%d frames", frames)
}
