package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets/internal/ws"
)

// TestWSHeads: requests that are not whole take a bounded amount of memory in all. Beyond it
// a long one is refused, a short one never is, and what a request took is given back.
func TestWSHeads(t *testing.T) {
	e, err := Parse("ws://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := e.Listen(Settings{WebSocket: &WebSocket{Mechanism: "NULL"}}.With(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	l, _ := listener.(*wsListener)
	l.heads.most = 3 * shortHead // as if the limit were low
	address := strings.TrimPrefix(listener.Endpoint(), "ws://")

	// begin sends a part of a request, and returns both ends and how the reader fared.
	begin := func(said string) (far net.Conn, done <-chan error) {
		far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = far.Close() })
		if _, err := io.WriteString(far, said); err != nil {
			t.Fatal(err)
		}
		near, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = near.Close() })
		ended := make(chan error, 1)
		go func() {
			_, err := near.Read(make([]byte, 64))
			ended <- err
		}()
		return far, ended
	}
	const start = "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ZWS2.0\r\n"
	long := start + "Cookie: " + strings.Repeat("x", 2*shortHead) + "\r\n\r\n"
	const others = 3 * shortHead
	for _, c := range []struct {
		name, said string
		others     int64
		refused    bool
	}{
		{"a long one", long, 0, false},
		{"a long one among many", long, others, true},
		{"a short one among many", start + "\r\n", others, false},
		{"a long one after them", long, 0, false},
		{"no HTTP", strings.Repeat("\x00", 2*shortHead), 0, true},
	} {
		l.heads.held.Store(c.others)
		far, done := begin(c.said)
		err := <-done
		var failed *ws.Error
		if errors.As(err, &failed) != c.refused {
			t.Errorf("%s: %v", c.name, err)
		}
		if held := l.heads.held.Load(); held != c.others {
			t.Errorf("%s: %d bytes are counted, want those of others: %d", c.name, held, c.others)
		}
		if answer := make([]byte, 12); c.others > 0 && c.refused {
			if _, err := io.ReadFull(far, answer); err != nil || string(answer) != "HTTP/1.1 503" || !strings.Contains(failed.Error(), "while too many others are not whole") {
				t.Errorf("%s: %q, %v, %v", c.name, answer, err, failed)
			}
		}
	}
}
