package frames

import (
	"bytes"
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/internal/vector"
)

var textForm = form{ //nolint:gochecknoglobals // a table that is only read
	name: "text", separated: true,
	encode: func(e *Encoder, dst []byte, m Message) []byte {
		return append(appendFrames(dst, m, e.separator), e.delimiter...)
	},
	encodePieces: func(e *Encoder, m Message) error {
		return e.addFrames(m, "", string(e.separator), string(e.delimiter), (*Encoder).plainFrame)
	},
	decodeLine: decodeTextLine,
	decodeRun:  decodeTextRun,
	encodeRun:  encodeTextRun,
}

// appendFrames appends the frames of a message, with separator between them.
func appendFrames(dst []byte, m Message, separator []byte) []byte {
	for i, body := range m {
		if i > 0 {
			dst = append(dst, separator...)
		}
		dst = append(dst, body...)
	}
	return dst
}

// plainFrame encodes a frame in pieces.
func (e *Encoder) plainFrame(body []byte) error {
	return e.cut(body, anywhere, func(dst, piece []byte) []byte { return append(dst, piece...) })
}

// decodeTextLine reads a line of Text.
func decodeTextLine(d *Decoder, wire, text []byte, n int) (_ []byte, count, size int, bad *LineError) {
	line, separator := text[:n], d.options.Separator
	for count = 1; ; count++ {
		n := indexSeparator(line, separator)
		if n < 0 {
			return framing.AppendFrame(wire, line, false), count, size + len(line), nil
		}
		wire = framing.AppendFrame(wire, line[:n], true)
		size += n
		line = line[n+len(separator):]
	}
}

func indexSeparator(line, separator []byte) int {
	switch len(separator) {
	case 0:
		return -1
	case 1:
		return bytes.IndexByte(line, separator[0])
	}
	return bytes.Index(line, separator)
}

// decodeTextRun reads lines of Text whose separators are single bytes.
func decodeTextRun(d *Decoder, r *lineRun) {
	delimiter, stops := d.lines.delimiter[0], d.stops
	if stops == nil {
		return
	}
	text, out := r.text, r.out
	for r.w+r.last < r.limit {
		at, w, count, size := r.used, r.w, 0, 0
		for more := byte(framing.FlagMore); more != 0; count++ {
			if w+2 > len(out) {
				return
			}
			n := vector.CopyUntil(out[w+2:], text[at:], stops)
			if at+n == len(text) || w+2+n == len(out) {
				return
			}
			if text[at+n] == delimiter {
				more = 0
			}
			if w = r.closeFrame(w, n, more); w == 0 {
				return
			}
			at, size = at+n+1, size+n
		}
		if !d.fits(at-1-r.used, count, size) {
			return
		}
		r.last, r.w, r.used = w-r.w, w, at
		r.count++
	}
}

// encodeTextRun writes messages as lines of Text whose separators are single bytes.
func encodeTextRun(e *Encoder, dst, wire []byte) (_ []byte, size, count int) {
	if len(e.separator) != 1 || len(e.delimiter) != 1 {
		return dst, 0, 0
	}
	separator, delimiter := e.separator[0], e.delimiter[0]
	// A header is longer than a separator.
	most := min(len(wire), max(0, writeSize-len(dst))+pieceSize)
	w := len(dst)
	out := slices.Grow(dst, most)
	out = out[:cap(out)]
	for at := 0; at < len(wire) && w < writeSize; {
		to := w
		for {
			flags, n := wire[at], int(wire[at+1])
			if flags&^framing.FlagMore != 0 || at-size+n > pieceSize {
				return out[:w], size, count
			}
			to += copy(out[to:], wire[at+2:at+2+n])
			at += 2 + n
			if flags == 0 {
				break
			}
			out[to] = separator
			to++
		}
		out[to] = delimiter
		w, size = to+1, at
		count++
	}
	return out[:w], size, count
}
