package queue

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// lend splits a message in wire form.
func lend(wire []byte, front int) Lent { return Lent{wire[:front:front], wire[front:]} }

// never is the over of a sender that waits.
func never() bool { return false }

// narrowConn takes one byte at a time, as long as it takes any.
type narrowConn struct {
	slowConn
	takes int // bytes
	lent  int // of those taken
}

func (c *narrowConn) TryWrite(wire []byte) (int, error) {
	n := min(len(wire), c.takes, 1)
	c.takes -= n
	c.taken = append(c.taken, wire[:n]...)
	return n, nil
}

func (c *narrowConn) WriteWithin(_ time.Duration, step func(write func([]byte) (int, error)) bool) (bool, error) {
	done := step(c.TryWrite)
	c.lent = len(c.taken)
	return done, nil
}

func (c *narrowConn) WriteSteps(step func(write func([]byte) (int, error)) bool) error {
	c.takes = 1 << 20
	for !step(c.TryWrite) {
	}
	return nil
}

// A lent message leaves the sender's memory while its peer takes some of it at each look.
// What is left once it takes nothing, or the sender wants no more, is copied, and follows.
func TestLent(t *testing.T) {
	want := message("routing id", strings.Repeat("long", 100))
	for name, c := range map[string]struct{ takes, looks, lent int }{
		"taken":       {1 << 20, 1 << 20, len(want)},
		"not taken":   {0, 1 << 20, 0},
		"in the end":  {100, 1 << 20, 100},
		"it is over":  {1 << 20, 50, 51}, // one look finds room at the end of the front and behind it
		"over before": {1 << 20, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var o Outbox
			o.Open(Settings{Marks: Marks{Messages: 1}, Wake: func() {}})
			o.Arrange(Policy{Paced: true})
			conn := &narrowConn{takes: c.takes}
			o.mu.Lock()
			o.conn = conn
			o.mu.Unlock()
			wire := []byte(want)
			if !o.OfferLent(lend(wire, 30), func() bool {
				c.looks--
				return c.looks < 0
			}) {
				t.Fatal("it was not taken")
			}
			clear(wire) // it is the sender's again
			eventually(t, o.Drained)
			o.mu.Lock()
			defer o.mu.Unlock()
			if !bytes.Equal(conn.taken, []byte(want)) {
				t.Errorf("the peer has %q", conn.taken)
			}
			if conn.lent != c.lent || o.taken != 1 || o.held != (Load{}) {
				t.Errorf("%d bytes were lent, want %d; %d taken, %v held", conn.lent, c.lent, o.taken, o.held)
			}
		})
	}
}
