package zmtp

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// endless is a peer that sends the same for ever, as much in each read as there is
// room for.
type endless struct {
	net.Conn
	said string
	at   int
}

func (c *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		k := copy(b[n:], c.said[c.at:])
		n += k
		c.at = (c.at + k) % len(c.said)
	}
	return n, nil
}

func (c *endless) Close() error { return nil }

// BenchmarkRead measures the cost of finding the messages in a busy peer's bytes.
// The cost of the kernel's copy is in it, that of its calls is not. There is a slab
// for each read instead of a slice for each message, so nothing is allocated.
func BenchmarkRead(b *testing.B) {
	for _, parts := range []frames.Message{
		frames.Strings(strings.Repeat("x", 16)),
		frames.Strings(strings.Repeat("x", 100)),
		frames.Strings(strings.Repeat("x", 1024)),
		frames.Strings("topic", "", strings.Repeat("x", 100)),
	} {
		b.Run(fmt.Sprintf("size=%d/frames=%d", parts.Size(), len(parts)), func(b *testing.B) {
			wire := string(framing.AppendMessage(nil, parts))
			c := NewConn(&endless{said: strings.Repeat(wire, 1000)}, Peer{}, nil, Setup{Limits: Limits{MaxSize: 64 << 20, MaxFrames: 1 << 20}})
			defer c.Close()
			b.SetBytes(int64(len(wire)))
			b.ReportAllocs()
			for read := 0; read < b.N; {
				slab, err := c.Read()
				if err != nil {
					b.Fatal(err)
				}
				read += slab.Count
				slab.Recycle()
			}
		})
	}
}
