package sockets

import (
	"context"
	"fmt"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// BenchmarkPushPull sends batches of about 64 KiB from a PUSH to a PULL and
// counts messages.
func BenchmarkPushPull(b *testing.B) {
	for _, transport := range transports {
		for _, size := range []int{16, 100, 1 << 10, 64 << 10} {
			b.Run(fmt.Sprintf("%s/%d B", transport, size), func(b *testing.B) {
				push, pull := newSocket(b, Push), newSocket(b, Pull)
				join(b, pull, push, endpointOn(b, transport))
				stream(b, push, pull, size)
			})
		}
	}
}

// BenchmarkPubSub is BenchmarkPushPull for one subscriber of everything and one
// of a prefix, at a publisher that waits instead of dropping.
func BenchmarkPubSub(b *testing.B) {
	for _, prefix := range []string{"", "\x00\x00"} {
		b.Run(fmt.Sprintf("%d B prefix", len(prefix)), func(b *testing.B) {
			pub, sub := newSocket(b, Pub, func(o *Options) { o.NoDrop = true }), newSocket(b, Sub)
			try(b, sub.Subscribe([]byte(prefix)))
			join(b, pub, sub, anyPort)
			stream(b, pub, sub, 100)
		})
	}
}

// stream sends b.N messages of one frame of size zero bytes.
func stream(b *testing.B, from, to *Socket, size int) {
	b.Helper()
	const batchBytes = 64 << 10
	perBatch := max(1, batchBytes/(size+2))
	body := make([]byte, size)
	ctx := context.Background()
	failed := make(chan error, 1)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		var batch frames.Batch
		for left := b.N; left > 0; {
			n := min(left, perBatch)
			for range n {
				batch.Append(frames.Message{body})
			}
			left -= n
			if err := from.SendBatch(ctx, &batch); err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	var batch frames.Batch
	for n := 0; n < b.N; n += batch.Len() {
		try(b, to.RecvBatch(ctx, &batch))
	}
	b.StopTimer()
	try(b, <-failed)
}

// BenchmarkReqRep is the time of a round trip.
func BenchmarkReqRep(b *testing.B) {
	for _, transport := range transports {
		b.Run(transport, func(b *testing.B) {
			req, rep := newSocket(b, Req), newSocket(b, Rep)
			join(b, rep, req, endpointOn(b, transport))
			ctx := context.Background()
			failed := make(chan error, 1)
			b.ReportAllocs()
			b.ResetTimer()
			go func() {
				var batch frames.Batch
				for range b.N {
					if err := rep.RecvBatch(ctx, &batch); err != nil {
						failed <- err
						return
					}
					if err := rep.SendBatch(ctx, &batch); err != nil {
						failed <- err
						return
					}
				}
				failed <- nil
			}()
			var batch frames.Batch
			request := make([]byte, 16)
			for range b.N {
				batch.Reset()
				batch.Append(frames.Message{request})
				try(b, req.SendBatch(ctx, &batch))
				try(b, req.RecvBatch(ctx, &batch))
			}
			b.StopTimer()
			try(b, <-failed)
		})
	}
}

// BenchmarkSend is PushPull one message at a time: what a batch saves.
func BenchmarkSend(b *testing.B) {
	push, pull := newSocket(b, Push), newSocket(b, Pull)
	join(b, pull, push, anyPort)
	ctx := context.Background()
	m := frames.Message{make([]byte, 100)}
	failed := make(chan error, 1)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for range b.N {
			if err := push.Send(ctx, m); err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	for range b.N {
		_, err := pull.Recv(ctx)
		try(b, err)
	}
	b.StopTimer()
	try(b, <-failed)
}
