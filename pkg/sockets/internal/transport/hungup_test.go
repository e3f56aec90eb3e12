package transport

import (
	"net"
	"runtime"
	"testing"
	"time"
)

// TestHungUp: a side that closed or ended its half is seen to have hung up, before
// its bytes are read and after, and no other side is.
func TestHungUp(t *testing.T) {
	for _, endpoint := range []string{"tcp://127.0.0.1:*", "ipc://*", "inproc://hung-up"} {
		for name, leave := range map[string]func(nc net.Conn) error{
			"closed": net.Conn.Close,
			"ended":  func(nc net.Conn) error { return nc.(interface{ CloseWrite() error }).CloseWrite() },
		} {
			t.Run(endpoint[:3]+"/"+name, func(t *testing.T) {
				if endpoint[0] != 'i' || endpoint[1] != 'n' {
					if runtime.GOOS != "linux" {
						t.Skip("it is not known there")
					}
				}
				e, err := Parse(endpoint)
				if err != nil {
					t.Fatal(err)
				}
				l, err := e.Listen(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = l.Close() }()
				to, err := Parse(l.Endpoint())
				if err != nil {
					t.Fatal(err)
				}
				far, err := to.Dial(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = far.Close() }()
				near, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = near.Close() }()
				if _, err := far.Write([]byte("said")); err != nil {
					t.Fatal(err)
				}
				if HungUp(near) || HungUp(far) {
					t.Fatal("nobody did")
				}
				if err := leave(far); err != nil {
					t.Fatal(err)
				}
				for end := time.Now().Add(60 * time.Second); !HungUp(near); runtime.Gosched() {
					if time.Now().After(end) {
						t.Fatal("it is not seen")
					}
				}
				got := make([]byte, 10)
				if n, err := near.Read(got); string(got[:n]) != "said" || err != nil || !HungUp(near) {
					t.Errorf("%q, %v", got[:n], err)
				}
			})
		}
	}
}
