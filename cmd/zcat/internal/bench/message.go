package bench

import (
	"bytes"
	"encoding/binary"

	"github.com/zcat/zcat/pkg/frames"
)

// The first bytes of bodies.
const (
	countMe = '.'
	echoMe  = 'E'
)

// numbered is how many bytes a body must have to carry its number.
const numbered = 1 + 8

// newBody makes the body of a message. Size is at least 1.
func newBody(size int, first byte) []byte {
	body := bytes.Repeat([]byte("x"), size)
	body[0] = first
	return body
}

// appendBody appends a message. The envelope may be empty.
func appendBody(b *frames.Batch, envelope frames.Message, body []byte) {
	for _, frame := range envelope {
		b.AppendFrame(frame, true)
	}
	b.AppendFrame(body, false)
}

// number writes a message's number into its body, so that an old one is not
// taken for it.
func number(body []byte, n uint64) {
	if len(body) >= numbered {
		binary.LittleEndian.PutUint64(body[1:], n)
	}
}

// cutBody splits a message in wire form in front of its last frame.
func cutBody(message []byte) (envelope, body []byte) {
	for rest := message; ; {
		frame, more, next := frames.CutFrame(rest)
		if !more {
			return message[:len(message)-len(rest)], frame
		}
		rest = next
	}
}
