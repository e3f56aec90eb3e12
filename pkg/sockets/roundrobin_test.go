package sockets

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// turnsOf returns a round robin of n peers that have room.
func turnsOf(n int) (*roundRobin, []*peer) {
	r, all := &roundRobin{}, make([]*peer, n)
	for i := range all {
		all[i] = &peer{}
		all[i].out.Open(queue.Settings{Wake: func() {}, Returns: true})
		r.add(all[i])
	}
	return r, all
}

// Peers come and go at a cost that does not grow with the others: the list was copied
// for each, 8,000 times 64 KiB.
func TestRoundRobinOfManyPeers(t *testing.T) {
	const peers = 4000
	all := make([]*peer, peers)
	for i := range all {
		all[i] = &peer{}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := &roundRobin{}
	for _, p := range all {
		r.add(p)
	}
	for _, p := range all {
		r.remove(p)
		r.remove(p)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; len(r.peers) > 0 || used > 100*peers {
		t.Errorf("%d peers are left, %d bytes allocated", len(r.peers), used)
	}
}

// What a sender sees does not change below it, and what it does not see is changed
// without a copy.
func TestRoundRobinLent(t *testing.T) {
	r, all := turnsOf(4)
	seen := r.peers
	r.lent.Store(true)
	r.remove(all[1])
	last := &r.peers[0]
	r.remove(all[0])
	if want := [4]*peer(all); [4]*peer(seen) != want || len(r.peers) != 2 || last != &r.peers[0] {
		t.Errorf("%v of %v, now %v", seen, want, r.peers)
	}
}

// A lone message costs no more where there are many peers: each of them was looked at.
func TestLoneMessageAmongMany(t *testing.T) {
	const messages = 2000
	s := newSocket(t, Push)
	took := func(peers int) time.Duration {
		r, all := turnsOf(peers)
		least := time.Hour
		for range 5 {
			began := time.Now()
			for range messages {
				var b framing.Batch
				(*frames.Batch)(&b).Append(frames.Strings("x"))
				r.send(s, &b)
			}
			least = min(least, time.Since(began))
		}
		waiting := 0
		for _, p := range all {
			waiting += p.out.Waiting()
		}
		if waiting != 5*messages || r.lent.Load() {
			t.Errorf("%d messages wait", waiting)
		}
		return least
	}
	if few, many := took(100), took(10000); many > 20*few {
		t.Errorf("%v with 100 peers, %v with 10,000", few, many)
	}
}

// Peers leave while messages are sent.
func TestRoundRobinChangesMeanwhile(t *testing.T) {
	push := newSocket(t, Push)
	endpoint := bind(t, push, "inproc://round-robin-changes")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			var some [5]*Socket
			for i := range some {
				some[i], _ = New(Pull)
				if err := some[i].Connect(endpoint); err != nil {
					t.Error(err)
				}
			}
			if _, err := some[0].Recv(within(t)); err != nil {
				t.Error(err)
			}
			for _, one := range some {
				_ = one.Close()
			}
		}
	}()
	for {
		select {
		case <-done:
			return
		default:
		}
		soon, cancel := context.WithTimeout(within(t), time.Millisecond)
		_ = push.Send(soon, frames.Strings("x")) // there may be nobody
		cancel()
	}
}
