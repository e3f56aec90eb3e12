package sockets

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// BenchmarkRoute finds the peer of each message among many; none of them takes it.
// The cost grows with the number of peers only because memory is slower than the
// caches.
func BenchmarkRoute(b *testing.B) {
	for _, peers := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("%d peers", peers), func(b *testing.B) {
			s := newSocket(b, Router)
			r, ok := s.pattern.(*router)
			if !ok {
				b.Fatal("not a router")
			}
			ids := make([][]byte, peers)
			for i := range ids {
				p := newPeer(s, "inproc://nobody", false)
				p.out.Close()
				ids[i] = binary.BigEndian.AppendUint32([]byte{0}, uint32(i))
				p.id = string(ids[i])
				r.byID[p.id] = p
			}
			body := make([]byte, 100)
			var batch framing.Batch
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				batch.Append(frames.Message{ids[i*7919%peers], body})
				if batch.Len() == 500 {
					try(b, r.send(&batch))
				}
			}
		})
	}
}

// BenchmarkFanOut gives messages with distinct topics to the one of n subscribers
// that wants each; none of them takes any.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("%d prefixes", n), func(b *testing.B) {
			s := newSocket(b, Pub)
			f := &s.pattern.(*pub).out //nolint:forcetypeassert // what newSocket made
			for i := range n {
				p := newPeer(s, "inproc://nobody", false)
				p.out.Close()
				f.add(p)
				_, err := f.subscribe(p, fmt.Appendf(nil, "topic %d.", i))
				try(b, err)
			}
			topics := make([][]byte, n)
			for i := range topics {
				topics[i] = fmt.Appendf(nil, "topic %d. and more", i)
			}
			var batch framing.Batch
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				batch.Append(frames.Message{topics[i*7919%n]})
				if batch.Len() == 500 {
					f.send(&batch)
				}
			}
		})
	}
}

// BenchmarkProxy is BenchmarkPushPull through a streamer.
func BenchmarkProxy(b *testing.B) {
	for _, size := range []int{100, 64 << 10} {
		b.Run(fmt.Sprintf("%d B", size), func(b *testing.B) {
			push, pull, run := streamer(b)
			defer run()()
			stream(b, push, pull, size)
		})
	}
}

// streamer joins a PUSH and a PULL by a proxy; run runs it until the function
// that run returns is called.
func streamer(tb testing.TB) (push, pull *Socket, run func() (stop func())) {
	tb.Helper()
	front, back := newSocket(tb, Pull), newSocket(tb, Push)
	push, pull = newSocket(tb, Push), newSocket(tb, Pull)
	join(tb, front, push, anyPort)
	join(tb, back, pull, anyPort)
	proxy := proxyOf(tb, front, back)
	return push, pull, func() func() {
		ended := make(chan error, 1)
		go func() { ended <- proxy.Run(context.Background(), context.Background()) }()
		return func() {
			proxy.Terminate()
			try(tb, <-ended)
		}
	}
}

// TestNothingAllocated sends batches from PUSH to PULL, and through a proxy: once
// the buffers are there, a message costs no allocation. The bound leaves room for
// buffers that the race detector takes away at random.
func TestNothingAllocated(t *testing.T) {
	const perBatch, rounds = 1000, 50
	check := func(t *testing.T, push, pull *Socket) {
		t.Helper()
		ctx := within(t)
		m := frames.Message{make([]byte, 100)}
		var out, in frames.Batch
		per := testing.AllocsPerRun(rounds, func() {
			for range perBatch {
				out.Append(m)
			}
			try(t, push.SendBatch(ctx, &out))
			for n := 0; n < perBatch; n += in.Len() {
				try(t, pull.RecvBatch(ctx, &in))
			}
		}) / perBatch
		if per > 0.1 {
			t.Errorf("%.3f allocations a message", per)
		}
	}
	t.Run("direct", func(t *testing.T) {
		push, pull := newSocket(t, Push), newSocket(t, Pull)
		join(t, pull, push, anyPort)
		check(t, push, pull)
	})
	t.Run("proxy", func(t *testing.T) {
		push, pull, run := streamer(t)
		defer run()()
		check(t, push, pull)
	})
}
