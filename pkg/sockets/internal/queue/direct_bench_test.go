package queue

import (
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// unhurried is a connection that takes nothing at once, so that a goroutine writes.
type unhurried struct{ Conn }

func (unhurried) TryWrite([]byte) (int, error) { return 0, nil }

// BenchmarkDirectSend is the time until the other end of a tcp connection has read a
// message, where the sender writes it to the kernel itself, and where it leaves that
// to a goroutine.
func BenchmarkDirectSend(b *testing.B) {
	for _, size := range []int{100, 64 << 10} {
		for _, direct := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d B/direct %v", size, direct), func(b *testing.B) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				try(b, err)
				defer func() { _ = l.Close() }()
				near, err := net.Dial("tcp", l.Addr().String())
				try(b, err)
				far, err := l.Accept()
				try(b, err)
				defer func() { _ = far.Close() }()
				own := zmtp.NewConn(near, zmtp.Peer{Major: 3, Minor: 1}, nil, zmtp.Setup{})
				defer own.Close()
				var conn Conn = own
				if !direct {
					conn = unhurried{own}
				}
				var out Outbox
				out.Open(Settings{Marks: Marks{Messages: 10}, Wake: func() {}})
				out.Online(conn)
				wire := []byte(message(string(make([]byte, size))))
				got := make([]byte, len(wire))
				for b.Loop() {
					if _, taken := out.Offer(wire, 1, nil); taken != 1 {
						b.Fatal("there is no room")
					}
					_, err := io.ReadFull(far, got)
					try(b, err)
				}
				out.Offline(conn)
			})
		}
	}
}
