package show

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/zcat/zcat/cmd/zcat/internal/dissect"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/stream"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
)

// buffered is a writer of lines.
type buffered struct {
	w   io.Writer
	buf []byte
}

func (b *buffered) flush() error {
	if len(b.buf) == 0 {
		return nil
	}
	_, err := b.w.Write(b.buf)
	if b.buf = b.buf[:0]; cap(b.buf) > stream.OutputKeep {
		b.buf = nil
	}
	return err
}

func (b *buffered) end() error { return b.flush() }

// full writes the lines where there are many.
func (b *buffered) full() error {
	if len(b.buf) < stream.OutputPiece {
		return nil
	}
	return b.flush()
}

// records writes records as lines of JSON.
type records struct {
	buffered
	encoder *frames.Encoder
}

func newRecords(w io.Writer) *records {
	return &records{buffered{w: w}, frames.NewEncoder(w, frames.JSON, frames.EncoderOptions{})}
}

func (r *records) add(s *seen) error {
	switch {
	case s.Kind != dissect.Message:
		r.buf = appendEvent(r.buf, s)
	case s.Frames.Size() > stream.OutputPiece:
		if err := r.flush(); err != nil {
			return err
		}
		return r.encoder.EncodeRecord(s.record, s.Frames)
	default:
		r.buf = r.encoder.AppendRecord(r.buf, s.record, s.Frames)
	}
	return r.full()
}

// appendEvent appends the line of what is no message.
func appendEvent(dst []byte, s *seen) []byte {
	text := func(name, value string) {
		if value != "" {
			dst = frames.AppendJSONString(append(append(append(dst, ',', '"'), name...), '"', ':'), value)
		}
	}
	dst = frames.AppendJSONString(append(dst, `{"time":`...), s.record.Time)
	text("peer", s.From.Endpoint)
	text("endpoint", s.To.Endpoint)
	text("from", s.record.From)
	bytes := dissect.Field{Name: "bytes", Number: true, Value: decimal(s.Bytes)}
	switch s.Kind {
	case dissect.Sealed:
		dst = appendField(append(dst, `,"event":"sealed"`...), bytes)
	case dissect.Lost:
		dst = appendField(append(dst, `,"event":"lost"`...), bytes)
		text("reason", s.Reason)
	case dissect.Command, dissect.Message:
		dst = append(dst, `,"event":"command"`...)
		text("name", s.Name)
		for _, f := range s.Fields {
			dst = appendField(dst, f)
		}
		if len(s.Metadata) > 0 {
			dst = append(dst, `,"metadata":{`...)
			at := len(dst)
			for _, f := range s.Metadata {
				dst = appendField(dst, f)
			}
			dst = append(append(dst[:at], dst[at+1:]...), '}') // without the first comma
		}
	}
	return append(dst, '}', '\n')
}

// appendField appends a part of a command: a number, a string, or bytes as a frame has
// them.
func appendField(dst []byte, f dissect.Field) []byte {
	dst = append(frames.AppendJSONString(append(dst, ','), f.Name), ':')
	switch {
	case f.Number:
		return append(dst, f.Value...)
	case utf8.Valid(f.Value):
		return frames.AppendJSONString(dst, string(f.Value))
	}
	const digits = "0123456789abcdef"
	dst = append(dst, `{"hex":"`...)
	for _, c := range f.Value {
		dst = append(dst, digits[c>>4], digits[c&0xf])
	}
	return append(dst, '"', '}')
}

// hexes writes messages in hex, and nothing else.
type hexes struct {
	buffered
	encoder *frames.Encoder
}

func newHexes(w io.Writer) *hexes {
	return &hexes{buffered{w: w}, frames.NewEncoder(w, frames.Hex, frames.EncoderOptions{})}
}

func (h *hexes) add(s *seen) error {
	if s.Kind == dissect.Message {
		h.buf = h.encoder.Append(h.buf, s.Frames)
	}
	return h.full()
}

// views shows messages to people.
type views struct {
	buffered
	view.View
	columns func() int
}

func newViews(asked line.Output, w io.Writer) *views {
	return &views{
		buffered: buffered{w: w}, View: view.View{Color: asked.Colour.Onto(w), Full: asked.Full, ASCII: !say.UTF8()},
		columns: func() int { return say.Columns(w) },
	}
}

func (v *views) add(s *seen) error {
	if len(v.buf) == 0 {
		v.Width = v.columns()
	}
	m := viewOf(s)
	switch s.Kind {
	case dissect.Message:
		v.buf = v.Append(v.buf, m)
	case dissect.Command, dissect.Sealed, dissect.Lost:
		v.buf = v.Note(v.buf, m, words(s))
	}
	return v.full()
}

// viewOf is what was seen, for people.
func viewOf(s *seen) view.Message {
	m := view.Message{
		Frames: s.Frames, Time: s.Time, Peer: s.From.Endpoint, Goal: s.To.Endpoint, Wire: true,
		Sender: s.kinds.of(s.From), Kind: s.kinds.of(s.To),
	}
	switch {
	case s.packet:
	case s.record.To != "": // what a hub sends
		m.Peer, m.Goal = sender(s), s.record.To
	case s.record.From != "": // of a command of ours, which names its own sockets
		m.Goal = strings.TrimSpace(m.Goal + " (" + s.record.From + ")")
	}
	return m
}

// words tells what is no message in a few words.
func words(s *seen) string {
	switch s.Kind {
	case dissect.Sealed:
		return "sealed: " + say.Plural(s.Bytes, "byte")
	case dissect.Lost:
		return "lost: " + say.Plural(s.Bytes, "byte") + ", " + s.Reason
	case dissect.Command, dissect.Message:
	}
	text := s.Name
	for _, list := range [][]dissect.Field{s.Fields, s.Metadata} {
		for _, f := range list {
			const longest = 200
			value := f.Value[:min(len(f.Value), longest)]
			text += " " + f.Name + "=" + frames.FormatBytes(value)
			if len(value) < len(f.Value) {
				text += "..."
			}
		}
	}
	return text
}
