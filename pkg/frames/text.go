package frames

import (
	"bytes"

	"github.com/zcat/zcat/pkg/internal/framing"
)

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

// decodeTextLine appends the message in a line of text to wire. count is the
// number of its frames, size the sum of their lengths.
func decodeTextLine(wire, line, separator []byte) (_ []byte, count, size int) {
	for count = 1; ; count++ {
		n := indexSeparator(line, separator)
		if n < 0 {
			return framing.AppendFrame(wire, line, false), count, size + len(line)
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
