package sockets

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// crowdIn holds the connections that greeters should hold.
type crowdIn map[crowdName][]*greeter

// oldest takes the oldest of the largest crowd.
func (c crowdIn) oldest() *greeter {
	var found *greeter
	for _, all := range c {
		n := 0
		if found != nil {
			n = len(c[found.crowd])
		}
		if len(all) > n || len(all) == n && n > 0 && all[0].number < found.number {
			found = all[0]
		}
	}
	return found
}

func (c crowdIn) remove(one *greeter) {
	all := c[one.crowd]
	for i := range all {
		if all[i] == one {
			c[one.crowd] = append(all[:i:i], all[i+1:]...)
			return
		}
	}
}

// any takes one of them.
func (c crowdIn) any(r *rand.Rand) *greeter {
	for _, all := range c {
		if len(all) > 0 {
			return all[r.IntN(len(all))]
		}
	}
	return nil
}

// In any order of arrivals, progress and departures, no more connections are in their
// handshake than allowed, and the one that makes room is the oldest of the largest
// crowd: one of a smaller crowd stays, and so does one that has its place.
func TestCrowdsMakeRoom(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var g greeters
		model, count := crowdIn{}, 0
		var placed []*greeter
		sources := 1 + r.IntN(8)
		for range 6 * minGreeters {
			if one := model.any(r); one != nil && r.IntN(2) == 0 {
				model.remove(one)
				switch {
				case r.IntN(2) == 0:
					g.advance(one, one.crowd.stage+1)
					model[one.crowd] = append(model[one.crowd], one)
				case len(placed) < minGreeters/2 && r.IntN(2) == 0:
					one.standing = []standing{promised, settled}[r.IntN(2)]
					g.settle(one)
					placed = append(placed, one)
				default: // it has left
					g.leave(one)
					count--
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
			model[one.crowd] = append(model[one.crowd], one)
			count++
			if gone != nil && (!gone.evicted || gone.ctx.Err() == nil) {
				t.Fatalf("seed %d: it was not the oldest of the largest crowd that went", seed)
			}
			if gone != nil {
				g.advance(gone, heard) // too late
				g.leave(gone)
			}
			if n := g.count + g.promised + g.settled; n != count {
				t.Fatalf("seed %d: %d are there, want %d", seed, n, count)
			}
		}
		model[crowdName{}] = append(model[crowdName{}], placed...)
		for name, all := range model {
			for _, one := range all {
				if one.evicted || one.ctx.Err() != nil {
					t.Fatalf("seed %d: one of %v went without need", seed, name)
				}
				g.leave(one)
			}
		}
		if g.count != 0 || g.promised != 0 || g.settled != 0 || len(g.crowds) != 0 {
			t.Fatalf("seed %d: %d of %d crowds are left, %d and %d with a place", seed, g.count, len(g.crowds), g.promised, g.settled)
		}
	}
}
