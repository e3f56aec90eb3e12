package queue

import (
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// BenchmarkInbox queues slabs of 500 messages and takes them out again, one message
// in each operation: singly, as where several peers take turns, and whole slabs, as
// from a single peer.
func BenchmarkInbox(b *testing.B) {
	const perSlab = 500
	wire := []byte{}
	for range perSlab {
		wire = framing.AppendFrame(wire, make([]byte, 100), false)
	}
	fill := func(in *Inbox) {
		s := slab.New(len(wire))
		s.Wire, s.Count = append(s.Wire, wire...), perSlab
		in.Add(s)
	}
	b.Run("messages", func(b *testing.B) {
		var in Inbox
		b.ReportAllocs()
		for range b.N {
			if in.Count() == 0 {
				fill(&in)
			}
			in.Next()
		}
	})
	b.Run("slabs", func(b *testing.B) {
		var in Inbox
		var batch framing.Batch
		b.ReportAllocs()
		for range b.N/perSlab + 1 {
			fill(&in)
			in.HandOver(&batch)
		}
	})
}
