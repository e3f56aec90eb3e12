package sockets

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

func TestSmoke(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, ep := range []string{"tcp://127.0.0.1:*", "ipc:///tmp/zcat-smoke", "inproc://smoke"} {
		t.Run(ep, func(t *testing.T) {
			req, _ := New(Req)
			rep, _ := New(Rep)
			r, err := rep.Bind(ctx, ep)
			if err != nil {
				t.Fatal(err)
			}
			if err := req.Connect(r); err != nil {
				t.Fatal(err)
			}
			for i := range 10 {
				if err := req.Send(ctx, frames.Strings(fmt.Sprint("hello", i))); err != nil {
					t.Fatal(err)
				}
				m, err := rep.Recv(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if err := rep.Send(ctx, m); err != nil {
					t.Fatal(err)
				}
				if m, err = req.Recv(ctx); err != nil {
					t.Fatal(err)
				}
				t.Logf("%s", m)
			}
			if err := req.Close(); err != nil {
				t.Fatal(err)
			}
			if err := rep.Close(); err != nil {
				t.Fatal(err)
			}
			pub, _ := New(Pub)
			sub, _ := New(Sub)
			r, err = pub.Bind(ctx, ep)
			if err != nil {
				t.Fatal(err)
			}
			sub.Subscribe([]byte("A"))
			sub.Connect(r)
			if err := pub.WaitSubscribers(ctx, 1, []byte("Ax")); err != nil {
				t.Fatal(err)
			}
			pub.Send(ctx, frames.Strings("B", "1"))
			pub.Send(ctx, frames.Strings("A", "2"))
			m, err := sub.Recv(ctx)
			t.Logf("%s %v", m, err)
			pub.Close()
			sub.Close()
			push, _ := New(Push)
			pull, _ := New(Pull)
			r, _ = pull.Bind(ctx, ep)
			push.Connect(r)
			go func() {
				b := &frames.Batch{}
				for range 1000 {
					for j := range 1000 {
						b.Append(frames.Strings("a", fmt.Sprint(j)))
					}
					if err := push.SendBatch(ctx, b); err != nil {
						t.Error(err)
					}
				}
				push.Close()
			}()
			b := &frames.Batch{}
			start := time.Now()
			for n := 0; n < 1000000; n += b.Len() {
				if err := pull.RecvBatch(ctx, b); err != nil {
					t.Fatal(err, n)
				}
			}
			t.Log(time.Since(start))
			pull.Close()
		})
	}
}
