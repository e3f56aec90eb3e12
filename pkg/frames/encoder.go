package frames

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// EncoderOptions are the separators that Text is written with.
type EncoderOptions struct {
	Separator []byte // between frames; nil is a TAB
	Delimiter []byte // after each message; nil is a line feed
}

// Encoder writes messages as text to a writer. It holds nothing back: all messages
// are written when its methods return, in pieces of about 128 KiB, so that a
// message of any size takes little memory. Its methods serve one goroutine at a
// time, except Append, AppendRecord and Written, which serve any number.
type Encoder struct {
	w                    io.Writer
	format               Format
	separator, delimiter []byte
	buf                  []byte
	whole                uint64 // messages that end in buf
	written              atomic.Uint64

	headLock sync.Mutex // of the next two
	headOf   Record
	head     []byte // of the record made last; nil before the first
}

// Record holds what a line of JSON may tell about a message besides its frames.
// Empty fields are left out, except Time and Peer.
type Record struct {
	Time     string // when it was seen, in the form of RFC 3339
	Peer     string // the endpoint of the peer it came from
	Endpoint string // our own endpoint that it came through
	User     string // whom the mechanism took the peer for
	From     string // the socket it came from: front or back of a proxy
	To       string // the socket it is for
}

const (
	// writeSize is the amount written at a time, in bytes. A pipe holds 64 KiB, and
	// a larger piece saves calls where there is room for it.
	writeSize = 128 << 10
	// keepSize is the largest buffer that is kept for what comes next.
	keepSize = 1 << 20
)

// errNoWriter is the error of an Encoder without a writer.
var errNoWriter = errors.New("an encoder without a writer can only append")

// NewEncoder makes an Encoder that writes messages in format f to w, which may be
// nil where nothing but Append and AppendRecord is called.
func NewEncoder(w io.Writer, f Format, o EncoderOptions) *Encoder {
	e := &Encoder{w: w, format: f, separator: o.Separator, delimiter: o.Delimiter}
	if e.separator == nil {
		e.separator = []byte{'\t'}
	}
	if e.delimiter == nil {
		e.delimiter = []byte{'\n'}
	}
	return e
}

// Append appends the text of m to dst. A message without frames adds nothing; the
// same holds for all methods.
func (e *Encoder) Append(dst []byte, m Message) []byte {
	if len(m) == 0 {
		return dst
	}
	return e.format.form().encode(e, dst, m)
}

// AppendRecord appends m to dst as a record: a line of JSON, whatever the format
// of the Encoder.
func (e *Encoder) AppendRecord(dst []byte, r Record, m Message) []byte {
	if len(m) == 0 {
		return dst
	}
	dst = appendJSONFrames(e.appendHead(dst, &r), m)
	return append(dst, '}', '\n')
}

// Encode writes m. It fails with the writer's error.
func (e *Encoder) Encode(m Message) error {
	if err := e.add(m); err != nil {
		return err
	}
	return e.flush()
}

// EncodeRecord writes m as a record; see AppendRecord.
func (e *Encoder) EncodeRecord(r Record, m Message) error {
	if err := e.addRecord(&r, m); err != nil {
		return err
	}
	return e.flush()
}

// EncodeBatch writes the messages of b and takes them off it. After an error, which
// is the writer's, b holds those that were not begun.
func (e *Encoder) EncodeBatch(b *Batch) error {
	if b == nil {
		return nil
	}
	for form := e.format.form(); b.Len() > 0; {
		if form.encodeRun != nil && e.w != nil {
			size, count := 0, 0
			e.buf, size, count = form.encodeRun(e, e.buf, b.own().Wire())
			b.own().Discard(size, count)
			e.whole += uint64(count)
			if err := e.flushPiece(); err != nil {
				return err
			}
			if count > 0 {
				continue
			}
		}
		if err := e.add(b.Next()); err != nil {
			return err
		}
	}
	return e.flush()
}

// EncodeRecords is EncodeBatch for records. The function record makes the record of
// a message from the message's source.
func (e *Encoder) EncodeRecords(b *Batch, record func(Source) Record) error {
	if b == nil {
		return nil
	}
	for b.Len() > 0 {
		r := Record{}
		if record != nil {
			r = record(b.Source())
		}
		if err := e.addRecord(&r, b.Next()); err != nil {
			return err
		}
	}
	return e.flush()
}

// Written returns the number of messages that were written whole so far.
func (e *Encoder) Written() uint64 { return e.written.Load() }

// add puts m into the buffer, and writes that once it is large enough.
func (e *Encoder) add(m Message) error {
	if e.w == nil {
		return errNoWriter
	}
	if len(m) == 0 {
		return nil
	}
	form := e.format.form()
	if form.encodePieces != nil && large(m) {
		if err := form.encodePieces(e, m); err != nil {
			return err
		}
	} else {
		e.buf = form.encode(e, e.buf, m)
	}
	return e.added()
}

func (e *Encoder) addRecord(r *Record, m Message) error {
	if e.w == nil {
		return errNoWriter
	}
	if len(m) == 0 {
		return nil
	}
	e.buf = e.appendHead(e.buf, r)
	if large(m) {
		if err := e.addFrames(m, "[", ",", "]}\n", (*Encoder).jsonFrame); err != nil {
			return err
		}
	} else {
		e.buf = append(appendJSONFrames(e.buf, m), '}', '\n')
	}
	return e.added()
}

// added counts a message that ends in the buffer.
func (e *Encoder) added() error {
	e.whole++
	return e.flushPiece()
}

// flushPiece writes the buffer where it is large enough.
func (e *Encoder) flushPiece() error {
	if len(e.buf) < writeSize {
		return nil
	}
	return e.flush()
}

// flush writes the buffer. What could not be written is gone with the error.
func (e *Encoder) flush() error {
	if len(e.buf) == 0 {
		return nil
	}
	_, err := e.w.Write(e.buf)
	if e.buf = e.buf[:0]; cap(e.buf) > keepSize {
		e.buf = nil
	}
	if err == nil {
		e.written.Add(e.whole)
	}
	e.whole = 0
	return err
}

// appendHead appends the head of a record. Messages that came together have the same,
// which is made once; only who finds another goroutine at it makes its own.
func (e *Encoder) appendHead(dst []byte, r *Record) []byte {
	if !e.headLock.TryLock() {
		return appendRecordHead(dst, r)
	}
	defer e.headLock.Unlock()
	if e.head == nil || e.headOf != *r {
		e.headOf, e.head = *r, appendRecordHead(e.head[:0], r)
	}
	return append(dst, e.head...)
}

// appendRecordHead appends what stands in front of a record's array of frames.
func appendRecordHead(dst []byte, r *Record) []byte {
	dst = append(dst, `{"time":`...)
	dst = AppendJSONString(dst, r.Time)
	dst = append(dst, `,"peer":`...)
	dst = AppendJSONString(dst, r.Peer)
	for _, field := range [...]struct{ name, value string }{
		{`,"endpoint":`, r.Endpoint}, {`,"user":`, r.User}, {`,"from":`, r.From}, {`,"to":`, r.To},
	} {
		if field.value != "" {
			dst = append(dst, field.name...)
			dst = AppendJSONString(dst, field.value)
		}
	}
	return append(dst, `,"frames":`...)
}
