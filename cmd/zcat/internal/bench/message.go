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

// numbered is the least size of a body, in bytes, that can carry its number.
const numbered = 1 + 8

// newBody makes the body of a message. Size is at least 1.
func newBody(size int, first byte) []byte {
	body := bytes.Repeat([]byte("x"), size)
	body[0] = first
	return body
}

// number writes a message's number into its body, so that an old one is not
// taken for it.
func number(body []byte, n uint64) {
	if len(body) >= numbered {
		binary.LittleEndian.PutUint64(body[1:], n)
	}
}

// messageOf puts a body behind an envelope, which may be empty. It shares the body.
func messageOf(envelope frames.Message, body []byte) frames.Message {
	return frames.Join(envelope, frames.Message{body})
}

// cutBody splits a message in front of its last frame.
func cutBody(m frames.Message) (envelope frames.Message, body []byte) {
	last := len(m) - 1
	return m[:last:last], m[last]
}
