//go:build linux

package ports

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
)

// A port that is held is refused, is nobody's who asks for any, and can be listened on,
// again and again.
func TestHold(t *testing.T) {
	held := map[string]bool{}
	for range 100 {
		port, release, err := Hold()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(release)
		held[fmt.Sprint("127.0.0.1:", port)] = true
	}
	if len(held) != 100 {
		t.Errorf("%d ports, want 100", len(held))
	}
	for range 300 {
		l := listen(t, "127.0.0.1:0")
		if held[l.Addr().String()] {
			t.Fatalf("%s was given away", l.Addr())
		}
	}
	for address := range held {
		for range 2 {
			if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Fatalf("%v, %v", c, err)
			}
			l := listen(t, address)
			c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
			_ = l.Close()
		}
	}
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
