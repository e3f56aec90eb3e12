package zmtp

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// maxCommand is the largest command that is read whole, in bytes, except for
// subscriptions. Of a longer one only the beginning is looked at (longCommand).
const maxCommand = 4 << 10

// The names of the commands for groups, each with its length.
const (
	joinName  = "\x04JOIN"
	leaveName = "\x05LEAVE"
)

// maxPingContext is the length up to which a PING's context is echoed (RFC 37).
const maxPingContext = 16

// ttlUnit is the unit of a PING's TTL.
const ttlUnit = 100 * time.Millisecond

// cutName splits a command's body into its name and data; ok is false where the
// name's length leads past the end.
func cutName(body []byte) (name, data []byte, ok bool) {
	if len(body) == 0 || 1+int(body[0]) > len(body) {
		return nil, nil, false
	}
	end := 1 + int(body[0])
	return body[1:end], body[end:], true
}

// command acts on a command that came after the handshake. For a subscription it
// returns the parts of its form as a message's frame: 01 or 00 and the prefix. A
// command that is unknown or malformed is ignored, as RFC 37 asks, and so is a
// second READY.
//
// An ERROR belongs to the handshake, and libzmq ignores it afterwards. But our own
// sockets send one with their reason when they turn a peer away, and close. So it
// is the reason of an end that follows it at once, and is ignored where the peer
// goes on.
func (c *Conn) command(body []byte) (first byte, prefix []byte, subscription bool) {
	name, data, ok := cutName(body)
	c.in.refusal = nil
	if !ok {
		return 0, nil, false
	}
	if c.commanded != nil {
		c.commanded(string(name))
	}
	switch string(name) {
	case "PING":
		c.ping(data)
	case "SUBSCRIBE":
		return 1, data, c.publisher && !c.groups
	case "CANCEL":
		return 0, data, c.publisher && !c.groups
	case joinName[1:]:
		return 1, data, c.publisher && c.groups
	case leaveName[1:]:
		return 0, data, c.publisher && c.groups
	case "ERROR":
		reason := data[:min(len(data), 255)]
		if len(data) > 0 && int(data[0]) == len(data)-1 {
			reason = data[1:]
		}
		c.in.refusal = &HandshakeError{Kind: FailureRefused, Err: fmt.Errorf("the peer refused: %q", reason)}
	}
	return 0, nil, false
}

// ping answers a PING with a PONG of the same context, or of its first 16 bytes
// as libzmq does. A PING without a whole TTL promises nothing and has no context:
// libzmq goes on too, though it answers with whatever is in its memory.
func (c *Conn) ping(data []byte) {
	var context []byte
	if len(data) >= 2 {
		c.beat.promised(time.Duration(binary.BigEndian.Uint16(data)) * ttlUnit)
		context = data[2:]
		if c.upgraded == nil { // those of WebSocket are longer, and echoed whole
			context = context[:min(len(context), maxPingContext)]
		}
	}
	pong := append(framing.AppendHeader(make([]byte, 0, 32), framing.FlagCommand, 5+len(context)), "\x04PONG"...)
	c.control(append(pong, context...))
}

// protocolError is the error of a peer that broke the protocol after its handshake.
func protocolError(format string, args ...any) error {
	return protocolFailure(format, args...)
}

// tooBig is the error of a peer that sent more at a time than it may.
func tooBig(format string, args ...any) error {
	failed := protocolFailure(format, args...)
	failed.tooBig = true
	return failed
}
