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
