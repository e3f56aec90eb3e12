package ws

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// WebSocket's frames as RFC 6455, 5.2 has them, written for the tests: byte by byte, apart
// from what is tested.

// raw is a frame of a WebSocket.
type raw struct {
	op      byte
	final   bool
	masked  bool
	payload string
}

func (r raw) String() string {
	return fmt.Sprintf("kind %d, final %v, masked %v, %q", r.op, r.final, r.masked, r.payload)
}

// bytes returns the frame as it is sent.
func (r raw) bytes(key [4]byte) []byte {
	b := []byte{r.op, 0}
	if r.final {
		b[0] |= 0x80
	}
	switch n := len(r.payload); {
	case n <= 125:
		b[1] = byte(n)
	case n <= 65535:
		b[1] = 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] = 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	if !r.masked {
		return append(b, r.payload...)
	}
	b[1] |= 0x80
	b = append(b, key[:]...)
	for i := range len(r.payload) {
		b = append(b, r.payload[i]^key[i%4])
	}
	return b
}

// parseRaw reads all frames in b, which are whole.
func parseRaw(tb testing.TB, b []byte) (all []raw) {
	tb.Helper()
	for len(b) > 0 {
		if len(b) < 2 {
			tb.Fatalf("half a head: %x", b)
		}
		r := raw{op: b[0] & 15, final: b[0]&0x80 != 0, masked: b[1]&0x80 != 0}
		size := int(b[1] & 0x7F)
		b = b[2:]
		switch size {
		case 126:
			size = int(binary.BigEndian.Uint16(b))
			b = b[2:]
		case 127:
			size = int(binary.BigEndian.Uint64(b))
			b = b[8:]
		}
		var key [4]byte
		if r.masked {
			b = b[copy(key[:], b):]
		}
		if len(b) < size {
			tb.Fatalf("half a frame of %d bytes: %d", size, len(b))
		}
		payload := bytes.Clone(b[:size])
		for i := range payload {
			payload[i] ^= key[i%4]
		}
		r.payload = string(payload)
		all, b = append(all, r), b[size:]
	}
	return all
}

// command returns a command of ZMTP.
func command(name, data string) []byte {
	body := string([]byte{byte(len(name))}) + name + data
	return append(framing.AppendHeader(nil, framing.FlagCommand, len(body)), body...)
}

// someSize draws the size of a body, often at the edge of a form.
func someSize(r *rand.Rand) int {
	edges := []int{0, 1, 2, 7, 8, 123, 124, 125, 126, 254, 255, 256, 1000, 65533, 65534, 65535, 65536, 70000}
	if r.IntN(2) == 0 {
		return r.IntN(40)
	}
	return edges[r.IntN(len(edges))]
}

func someBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
