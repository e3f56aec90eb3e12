package queue_test

import (
	"sync/atomic"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// TestInboxSettles holds the memory of the last message until it is given up, and not
// beyond: nothing more may come.
func TestInboxSettles(t *testing.T) {
	var (
		in      queue.Inbox
		account atomic.Int64
	)
	s := slab.New(1 << 20)
	s.Wire, s.Count = framing.AppendMessage(s.Wire, [][]byte{make([]byte, 1<<20-9)}), 1
	s.Charge(&account)
	in.Add(s)
	if in.Next(); account.Load() == 0 {
		t.Error("the message was given up while it is looked at")
	}
	in.Settle()
	if held := account.Load(); held != 0 {
		t.Errorf("%d bytes are held of an empty queue", held)
	}
}

// TestInboxYields has the end of a long message change hands without a copy, and that of a
// short one in a large slab not.
func TestInboxYields(t *testing.T) {
	var (
		in      queue.Inbox
		account atomic.Int64
	)
	for _, c := range []struct {
		room, size int
		yields     bool
	}{{1 << 20, 1<<20 - 20, true}, {1 << 20, 1 << 18, false}, {queue.LongRest, queue.LongRest - 20, false}} {
		s := slab.New(c.room)
		s.Wire, s.Count = framing.AppendMessage(s.Wire, [][]byte{nil, make([]byte, c.size)}), 1
		s.Charge(&account)
		memory := &s.Wire[0]
		in.Add(s)
		envelope, body, ok := framing.Split(in.Next())
		var b framing.Batch
		if got := in.Yield(&b, body); !ok || got != c.yields {
			t.Errorf("%+v: %v", c, got)
		}
		if !c.yields {
			in.Settle()
			continue
		}
		if m := b.Next(); len(m) != 1 || len(m[0]) != c.size || account.Load() != 0 {
			t.Errorf("%+v: %d frames, %d bytes are held", c, len(m), account.Load())
		}
		b.Append([][]byte{[]byte("next")}) // all of the memory serves the batch
		if wire := b.Wire(); &wire[0] != memory || len(envelope) != 2 {
			t.Errorf("%+v: the memory is another one", c)
		}
	}
}
