package sockets

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// BenchmarkReqRepCrowd exchanges requests over tcp between pairs of one process,
// all at a time, beside goroutines that compute.
func BenchmarkReqRepCrowd(b *testing.B) {
	for _, pairs := range []int{1, 4, 16} {
		for _, busy := range []int{0, 2} {
			b.Run(fmt.Sprintf("%d pairs/%d busy", pairs, busy), func(b *testing.B) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				var requesters []*Socket
				for range pairs {
					req, rep := newSocket(b, Req), newSocket(b, Rep)
					join(b, rep, req, anyPort)
					go echo(ctx, rep)
					requesters = append(requesters, req)
				}
				var crowd sync.WaitGroup
				for range busy {
					crowd.Go(func() {
						for n := 0; ctx.Err() == nil; n++ {
							_ = n * n
						}
					})
				}
				each := b.N/pairs + 1
				took := make([]time.Duration, pairs)
				b.ResetTimer()
				var all sync.WaitGroup
				for i, req := range requesters {
					all.Go(func() {
						begin := time.Now()
						for range each {
							if err := req.Send(ctx, frames.Strings("hello")); err != nil {
								b.Error(err)
								return
							}
							if _, err := req.Recv(ctx); err != nil {
								b.Error(err)
								return
							}
						}
						took[i] = time.Since(begin)
					})
				}
				all.Wait()
				b.StopTimer()
				cancel()
				crowd.Wait()
			})
		}
	}
}
