package sockets

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// TestProxyReadersAndPump: readers and the pump send on in turns, and what a reader finds
// no room for is the pump's. Through queues and buffers that are far too small, and
// pauses, all comes back, in the order of each client.
func TestProxyReadersAndPump(t *testing.T) {
	const clients, bursts, burst = 4, 12, 25
	tight := func(o *Options) {
		o.SendHWM, o.RecvHWM, o.SendBuffer, o.RecvBuffer = 30, 60, 16384, 16384
	}
	front, back := newSocket(t, Router, tight), newSocket(t, Dealer, tight)
	frontEP, backEP := mustBind(t, front), mustBind(t, back)
	p := proxyOf(t, front, back)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(t.Context(), within(t)) }()

	worker := dialed(t, Dealer, backEP, tight)
	go func() {
		var b frames.Batch
		for n := 0; worker.RecvBatch(t.Context(), &b) == nil; n++ {
			if n%10 == 0 {
				p.Pause()
				runtime.Gosched() // what comes meanwhile is the pump's
				p.Resume()
			}
			if worker.SendBatch(t.Context(), &b) != nil {
				return
			}
		}
	}()
	var all sync.WaitGroup
	for range clients {
		client := dialed(t, Dealer, frontEP, tight)
		all.Go(func() {
			sent := make(chan error, 1)
			go func() { sent <- sendBursts(within(t), client, bursts, burst) }()
			for i := range bursts * burst {
				m, err := client.Recv(within(t))
				if err != nil {
					t.Errorf("reply %d: %v", i, err)
					return
				}
				if got := strings.TrimLeft(string(m[0]), "-"); got != fmt.Sprint(i) {
					t.Errorf("reply %d is %s", i, got)
					return
				}
			}
			if err := <-sent; err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p.Terminate()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// sendBursts sends numbered messages of 200 bytes, several at once.
func sendBursts(ctx context.Context, s *Socket, bursts, burst int) error {
	var b frames.Batch
	for i := range bursts {
		for k := range burst {
			n := fmt.Sprint(i*burst + k)
			b.Append(frames.Strings(strings.Repeat("-", 200-len(n)) + n))
		}
		if err := s.SendBatch(ctx, &b); err != nil {
			return err
		}
	}
	return nil
}

// TestProxyReadersPassOn: what a peer sends is on its way before its reader sleeps; the
// pump sleeps on.
func TestProxyReadersPassOn(t *testing.T) {
	p, front, back, _ := runProxy(t, Pull, Push)
	push, pull := dialed(t, Push, front), dialed(t, Pull, back)
	mustSend(t, push, "first")
	mustRecv(t, pull, "first")
	f := &p.flows[Front]
	eventually(t, func() bool { return len(f.turn) == 0 }) // the pump waits
	p.sides[Front].mu.Lock()
	on := p.sides[Front].passer
	p.sides[Front].mu.Unlock()
	if !on.free() {
		t.Fatal("nobody may pass on")
	}
	f.turn <- struct{}{} // the pump can do nothing, and a reader leaves everything to it
	mustSend(t, push, "second")
	eventually(t, func() bool { return p.sides[Front].waiting() == 1 })
	release(f.turn)
	mustRecv(t, pull, "second")
}

// TestProxyReadersLeaveTheRest: of what a reader has read, the pump sends on what there was
// no room for.
func TestProxyReadersLeaveTheRest(t *testing.T) {
	const count = 100
	front, back := newSocket(t, Pull), newSocket(t, Push, func(o *Options) { o.SendHWM = 2 })
	frontEP, worker := mustBind(t, front), newSocket(t, Pull)
	endpoint := mustBind(t, worker)
	try(t, worker.Unbind(endpoint))
	try(t, back.Connect(endpoint)) // so far, two messages can wait for it
	p := proxyOf(t, front, back)
	go func() { _ = p.Run(t.Context(), t.Context()) }() // the end of the test
	push := dialed(t, Push, frontEP)
	try(t, push.WaitPeers(within(t), 1))
	try(t, sendBursts(within(t), push, 1, count))
	eventually(t, func() bool { _, sent := p.Stats(); return sent.Queued == 2 })
	if _, err := worker.Bind(t.Context(), endpoint); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		m, err := worker.Recv(within(t))
		try(t, err)
		if got := strings.TrimLeft(string(m[0]), "-"); got != fmt.Sprint(i) {
			t.Fatalf("message %d is %s", i, got)
		}
	}
}
