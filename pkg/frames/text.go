package frames

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
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
