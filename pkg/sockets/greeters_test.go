package sockets

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// crowdIn holds the connections that greeters should hold, by source.
type crowdIn map[string][]*greeter

// oldest takes the oldest of the largest crowd.
func (c crowdIn) oldest() *greeter {
	var found *greeter
	for _, all := range c {
		n := 0
		if found != nil {
			n = len(c[found.source])
		}
		if len(all) > n || len(all) == n && n > 0 && all[0].number < found.number {
			found = all[0]
		}
	}
	return found
}

func (c crowdIn) remove(one *greeter) {
	all := c[one.source]
	for i := range all {
		if all[i] == one {
			c[one.source] = append(all[:i:i], all[i+1:]...)
			return
		}
	}
}

// In any order of arrivals and departures, no more connections are in their
// handshake than allowed, and the one that makes room is the oldest of the largest
// crowd: one of a smaller crowd stays.
func TestCrowdsMakeRoom(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var g greeters
		model, count := crowdIn{}, 0
		sources := 1 + r.IntN(8)
		for range 4 * minGreeters {
			if count > 0 && r.IntN(3) == 0 { // one has done its handshake
				for _, all := range model {
					if len(all) > 0 {
						one := all[r.IntN(len(all))]
						g.leave(one)
						model.remove(one)
						count--
						break
					}
				}
				continue
			}
			var gone *greeter
			if count == minGreeters {
				gone = model.oldest()
				model.remove(gone)
				count--
			}
			near, far := net.Pipe()
			_ = far.Close()
			one := g.enter(t.Context(), near, fmt.Sprint("10.0.0.", r.IntN(1+r.IntN(sources))), 10)
			model[one.source] = append(model[one.source], one)
			count++
			if gone != nil && (!gone.evicted || gone.ctx.Err() == nil) {
				t.Fatalf("seed %d: it was not the oldest of the largest crowd that went", seed)
			}
			if gone != nil {
				g.leave(gone)
			}
			if g.count != count {
				t.Fatalf("seed %d: %d are there, want %d", seed, g.count, count)
			}
		}
		for source, all := range model {
			for _, one := range all {
				if one.evicted || one.ctx.Err() != nil {
					t.Fatalf("seed %d: one of %s went without need", seed, source)
				}
				g.leave(one)
			}
		}
		if g.count != 0 || len(g.crowds) != 0 {
			t.Fatalf("seed %d: %d of %d crowds are left", seed, g.count, len(g.crowds))
		}
	}
}
