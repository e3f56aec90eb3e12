package sockets

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// A WebSocket peer by hand (RFC 6455), which speaks ZWS 2.0 (RFC 45) as a web page or
// libzmq does.

// onWS is the endpoint to bind of most tests.
const onWS = "ws://127.0.0.1:*"

// The kinds of WebSocket frames.
const (
	wsContinue = 0
	wsBinary   = 2
	wsClose    = 8
	wsPing     = 9
	wsPong     = 10
)

// wsRequest returns the request of a client for a path, with further fields.
func wsRequest(path, protocols string, fields ...string) string {
	return strings.Join(append([]string{
		"GET " + path + " HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: " + protocols,
	}, fields...), "\r\n") + "\r\n\r\n"
}

// wsFrame returns a frame of a client, masked.
func wsFrame(op byte, final bool, payload string) string {
	return wsMasked(op, final, uint64(len(payload)), payload)
}

// wsMasked is wsFrame with an announced size.
func wsMasked(op byte, final bool, size uint64, payload string) string {
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], rand.Uint32())
	b := wsHead(op, final, size, key[:])
	for i := range len(payload) {
		b = append(b, payload[i]^key[i%4])
	}
	return string(b)
}

// wsHead returns the head of a frame of a client.
func wsHead(op byte, final bool, size uint64, key []byte) []byte {
	b := []byte{op, 0x80}
	if final {
		b[0] |= 0x80
	}
	switch {
	case size <= 125:
		b[1] |= byte(size)
	case size <= 65535:
		b[1] |= 126
		b = binary.BigEndian.AppendUint16(b, uint16(size))
	default:
		b[1] |= 127
		b = binary.BigEndian.AppendUint64(b, size)
	}
	return append(b, key...)
}

// wsMessage returns the frames of a message in ZWS 2.0.
func wsMessage(parts ...string) string {
	var b strings.Builder
	for i, part := range parts {
		flags := "\x01"
		if i == len(parts)-1 {
			flags = "\x00"
		}
		b.WriteString(wsFrame(wsBinary, true, flags+part))
	}
	return b.String()
}

// wsCommand returns a command of ZMTP.
func wsCommand(name, data string) string {
	return wsFrame(wsBinary, true, "\x02"+string([]byte{byte(len(name))})+name+data)
}

// wsReady returns a READY.
func wsReady(peerType string, props ...string) string {
	return wsCommand("READY", prop("Socket-Type", peerType)+strings.Join(props, ""))
}

// dialWS connects to a bound endpoint and asks for subprotocols.
func dialWS(tb testing.TB, endpoint, protocols string, fields ...string) (p *rawPeer, answer string) {
	tb.Helper()
	p = dialRaw(tb, endpoint)
	p.send(wsRequest("/", protocols, fields...))
	return p, p.readHead()
}

// readHead reads the head of an answer.
func (p *rawPeer) readHead() string {
	p.t.Helper()
	p.patient()
	var b strings.Builder
	for !strings.HasSuffix(b.String(), "\r\n\r\n") {
		c, err := p.in.ReadByte()
		if err != nil {
			p.t.Fatalf("after %q: %v", b.String(), err)
		}
		b.WriteByte(c)
	}
	return b.String()
}

// meetWS connects as a peer of a type, and does the handshake of NULL.
func meetWS(tb testing.TB, endpoint, peerType string, props ...string) *rawPeer {
	tb.Helper()
	p, answer := dialWS(tb, endpoint, "ZWS2.0/NULL, ZWS2.0")
	if !strings.HasPrefix(answer, "HTTP/1.1 101 ") || !strings.Contains(answer, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") ||
		!strings.Contains(answer, "\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n") {
		tb.Fatal(answer)
	}
	p.send(wsReady(peerType, props...))
	if op, payload := p.readWS(); op != wsBinary || !strings.HasPrefix(payload, "\x02\x05READY\x0bSocket-Type") {
		tb.Fatalf("%d %q", op, payload)
	}
	return p
}

// meetPlain connects as a web page does, without a mechanism.
func meetPlain(tb testing.TB, endpoint, id string, fields ...string) *rawPeer {
	tb.Helper()
	p, answer := dialWS(tb, endpoint, "ZWS2.0", fields...)
	if !strings.HasPrefix(answer, "HTTP/1.1 101 ") || !strings.Contains(answer, "\r\nSec-WebSocket-Protocol: ZWS2.0\r\n") {
		tb.Fatal(answer)
	}
	p.send(wsMessage(id))
	return p
}

// readWS reads a frame of a server, which is not masked and never a fragment.
func (p *rawPeer) readWS() (op byte, payload string) {
	p.t.Helper()
	p.patient()
	read := func(n uint64) []byte {
		b := make([]byte, n)
		if _, err := io.ReadFull(p.in, b); err != nil {
			p.t.Fatalf("waiting for a WebSocket frame: %v", err)
		}
		return b
	}
	head := read(2)
	size := uint64(head[1])
	switch {
	case head[0]&0x80 == 0 || head[1] > 127:
		p.t.Fatalf("head %x", head)
	case size == 126:
		size = uint64(binary.BigEndian.Uint16(read(2)))
	case size == 127:
		size = binary.BigEndian.Uint64(read(8))
	}
	return head[0] & 0xF, string(read(size))
}

// expectWS reads a frame and compares it.
func (p *rawPeer) expectWS(op byte, payload string) {
	p.t.Helper()
	if gotOp, got := p.readWS(); gotOp != op || got != payload {
		p.t.Fatalf("frame %d %s, want %d %s", gotOp, cutShort(got), op, cutShort(payload))
	}
}

// relayed reads a frame of either side as it is.
func (p *rawPeer) relayed() (f []byte, op byte, size uint64, err error) {
	read := func(n uint64) []byte {
		b := make([]byte, n)
		if err == nil {
			_, err = io.ReadFull(p.in, b)
		}
		f = append(f, b...)
		return b
	}
	head := read(2)
	size = uint64(head[1] & 0x7F)
	switch size {
	case 126:
		size = uint64(binary.BigEndian.Uint16(read(2)))
	case 127:
		size = binary.BigEndian.Uint64(read(8))
	}
	if head[1]&0x80 != 0 {
		read(4)
	}
	read(size)
	return f, head[0] & 0xF, size, err
}
