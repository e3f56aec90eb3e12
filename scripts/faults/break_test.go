//go:build linux

package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestCutInMidMessage resets a connection again and again, wherever in a message
// that happens to be. The half that arrived is dropped, and the message sent
// again whole; what the kernels held is lost.
func TestCutInMidMessage(t *testing.T) {
	const size = 500
	for i, between := range []string{"zcat to zcat", "libzmq to zcat", "zcat to libzmq"} {
		t.Run(between, func(t *testing.T) {
			sent, cuts := 20000, 10
			if i > 0 {
				long(t)
			}
			sender, receiver := zcat, zcat
			switch between {
			case "libzmq to zcat":
				sender = libzmq
			case "zcat to libzmq":
				receiver = libzmq
			}
			n := newCount(t, size)
			bound := freeEndpoint(t)
			start(t, home, n.taker(), slices.Concat(with(receiver, "pull", "-b", bound), buffers)...)
			r := newRelay(t, bound[len("tcp://"):])
			chance := rand.New(rand.NewPCG(5, uint64(i)))
			r.set(func() {
				r.budget = func() int {
					if cuts--; cuts < 0 {
						return 0
					}
					return 20000 + chance.IntN(300000)
				}
			})
			push := start(t, home, n.taker(), slices.Concat(with(sender, "push", "-c", r.endpoint(), "-l", "60"), buffers)...)
			for i := range sent {
				if err := push.feed(n.line(lone, i) + "\n"); err != nil {
					t.Fatal(err)
				}
			}
			// What follows the last cut shows that all is read.
			_ = push.stdin.Close()
			push.wantStatus(0)
			n.await(sent - 1)
			r.mu.Lock()
			cut := r.cuts
			r.mu.Unlock()
			if cut < 5 {
				t.Errorf("cut %d times", cut)
			}
			n.check(row{
				order: 230, fault: fmt.Sprintf("connection reset %d times, within messages", cut), between: "PUSH to PULL, " + between,
				promise:  "reconnects, resends what left in part; what was in flight is lost",
				measured: "-", connections: cut + 1,
			}, sent, cut*relayHolds/size)
		})
	}
}

// TestDelay has requests and replies pass a slow relay: with a turn each, their
// order cannot change, and nothing is sent twice for being late.
func TestDelay(t *testing.T) {
	const trips = 20
	const delay = 20 * time.Millisecond
	bound := freeEndpoint(t)
	n := newCount(t, 100)
	start(t, home, func([]byte) {}, with(zcat, "rep", "-b", bound, "--echo")...)
	r := newRelay(t, bound[len("tcp://"):])
	r.set(func() { r.delay = delay })
	begin := time.Now()
	req := start(t, home, n.taker(), with(zcat, "req", "-c", r.endpoint())...)
	for i := range trips {
		if err := req.feed(n.line(lone, i) + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	_ = req.stdin.Close()
	req.wantStatus(0)
	<-req.read
	took := time.Since(begin)
	if took < 2*trips*delay {
		t.Errorf("%d round trips took %v, less than the delay", trips, took)
	}
	n.check(row{
		order: 110, fault: "20 ms each way", between: "REQ and REP", promise: "each reply once, in order",
		measured: fmt.Sprintf("%.1f ms a round trip", took.Seconds()*1000/trips),
	}, trips, 0)
}
