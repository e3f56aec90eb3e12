package sockets

import (
	"context"
	"fmt"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// The tricks of the hot path, each with and without. What a trick buys stands with
// its code; these measure it again. Of the direct send and of the tree of topics the
// benchmarks are in their packages.

// BenchmarkPace is BenchmarkPushPull over tcp, with a sender that waits while a
// little is on its way, and with one that fills its queue.
func BenchmarkPace(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		for _, paced := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d B/paced %v", size, paced), func(b *testing.B) {
				push, pull := newSocket(b, Push), newSocket(b, Pull)
				push.row.full = func(*Socket) queue.Policy { return queue.Policy{Paced: paced, Reoffered: true} }
				join(b, pull, push, anyPort)
				stream(b, push, pull, size)
			})
		}
	}
}

// BenchmarkLease is a round trip over tcp in one process, where the REQ reads the reply
// itself or leaves that to the reader of its connection. The REP has no lease, since
// two sockets of a process take it from each other.
func BenchmarkLease(b *testing.B) {
	for _, leased := range []bool{true, false} {
		b.Run(fmt.Sprintf("leased %v", leased), func(b *testing.B) {
			req, rep := newSocket(b, Req), newSocket(b, Rep)
			if rep.lease = nil; !leased {
				req.lease = nil
			}
			join(b, rep, req, anyPort)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go echo(ctx, rep)
			request := frames.Message{make([]byte, 16)}
			for b.Loop() {
				try(b, req.Send(ctx, request))
				_, err := req.Recv(ctx)
				try(b, err)
			}
		})
	}
}

// BenchmarkDirect is BenchmarkPushPull over ipc, where the receiver reads the connection
// itself or leaves that to its reader.
func BenchmarkDirect(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20} {
		for _, direct := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d KiB/direct %v", size>>10, direct), func(b *testing.B) {
				push, pull := newSocket(b, Push), newSocket(b, Pull)
				if !direct {
					pull.direct = nil
				}
				join(b, pull, push, "ipc://*")
				stream(b, push, pull, size)
			})
		}
	}
}
