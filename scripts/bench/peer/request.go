//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// requests is req for N clients, each a socket of its own.
func (t task) requests() error {
	type result struct {
		took []time.Duration
		err  error
	}
	clients := max(1, t.clients)
	results := make(chan result)
	var begin sync.WaitGroup
	begin.Add(clients)
	for range clients {
		go func() {
			var r result
			r.err = t.with(sockets.Req, func(s *sockets.Socket) (err error) {
				begin.Done()
				begin.Wait()
				r.took, err = t.request(s)
				return err
			})
			results <- r
		}()
	}
	var took []time.Duration
	for range clients {
		r := <-results
		if r.err != nil {
			return r.err
		}
		took = append(took, r.took...)
	}
	slices.Sort(took)
	microseconds := func(permille int) float64 {
		return float64(took[len(took)*permille/1000].Nanoseconds()) / 1e3
	}
	_, err := fmt.Fprintf(os.Stdout, "%d %.3f %.3f %.3f\n", len(took), microseconds(500), microseconds(990), microseconds(999))
	return err
}

// request returns how long each request took, but for the first ones, which wait for the
// connection and for warm caches.
func (t task) request(s *sockets.Socket) ([]time.Duration, error) {
	ctx := context.Background()
	rest, err := newRest(t.clients <= 1)
	if err != nil {
		return nil, err
	}
	defer rest.end()
	var b frames.Batch
	took := make([]time.Duration, 0, (1<<20)/max(1, t.clients)) // one that grew would cost time
	body := bytes.Repeat([]byte("x"), t.size)
	m := frames.Message{body}
	limit := time.Duration(t.seconds * float64(time.Second))
	start := time.Now()
	for n := uint64(0); ; n++ {
		begin := time.Now()
		if begin.Sub(start) > limit {
			break
		}
		if t.rate > 0 {
			// Measured from when it was due: a late reply delays those behind it.
			begin = start.Add(time.Duration(float64(n) / t.rate * float64(time.Second)))
			if begin, err = rest.until(begin); err != nil {
				return nil, err
			}
		}
		number(body, n)
		b.Reset()
		b.Append(m)
		if err := s.SendBatch(ctx, &b); err != nil {
			return nil, err
		}
		if err := s.RecvBatch(ctx, &b); err != nil {
			return nil, err
		}
		if _, err := verify(b.Next()[0], t.size, n); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
	return took[len(took)/20:], nil
}

// echo sends back what it gets, until the end of stdin.
func echo(s *sockets.Socket) error {
	closed := make(chan error, 1)
	go func() {
		awaitEnd()
		closed <- s.Close()
	}()
	ctx := context.Background()
	var b frames.Batch
	for {
		err := s.RecvBatch(ctx, &b)
		if err == nil {
			err = s.SendBatch(ctx, &b)
		}
		if errors.Is(err, sockets.ErrClosed) {
			return <-closed
		}
		if err != nil {
			return err
		}
	}
}

func (t task) client(s *sockets.Socket) error {
	const burst, window = 100, 400 // half an HWM: libzmq learns late what was read
	ctx := context.Background()
	var out, in frames.Batch
	body := bytes.Repeat([]byte("x"), t.size)
	request := frames.Message{nil, body}
	limit := time.Duration(t.seconds * float64(time.Second))
	begin := time.Now()
	counted, sent, received := uint64(0), uint64(0), uint64(0)
	for over, end := false, false; !end; {
		for !over && sent-received <= window-burst {
			over = time.Since(begin) > limit
			for range burst {
				t.number(body, sent)
				sent++
				if over && sent%burst == 0 {
					t.number(body, (sent-1)|last)
				}
				out.Append(request)
			}
			if err := s.SendBatch(ctx, &out); err != nil {
				return err
			}
		}
		if err := s.RecvBatch(ctx, &in); err != nil {
			return err
		}
		if received == 0 {
			begin = time.Now()
			counted = uint64(in.Len())
		}
		for m := in.Next(); m != nil; m = in.Next() {
			var err error
			if end, err = t.verifyReply(m, received); err != nil {
				return err
			}
			received++
		}
	}
	return span{received - counted, begin, time.Now()}.print()
}

// verifyReply is verify behind an empty delimiter.
func (t task) verifyReply(m frames.Message, n uint64) (bool, error) {
	if len(m) < 2 || len(m[0]) > 0 {
		return false, damage(fmt.Sprintf("reply %d came without its delimiter", n))
	}
	return t.verify(m[1], n)
}
