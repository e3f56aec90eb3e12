//go:build linux

package main

import (
	"fmt"
	"syscall"
)

// crowd measures what each of many connected peers costs a receiver while they are
// silent.
func (b *bench) crowd() []contest {
	peers := b.mostPeers()
	one := func(t tool) entry {
		return entry{t.name, func(g *group) ([]float64, error) {
			receiver, err := g.start(unlimited(t.path, "hold", "@"+b.fresh("tcp"))...)
			if err != nil {
				return nil, err
			}
			endpoint, err := receiver.line()
			if err != nil {
				return nil, err
			}
			before, _, err := receiver.memory()
			if err != nil {
				return nil, err
			}
			crowd, err := g.start(unlimited(b.ours.path, "crowd", ">"+endpoint, text(peers))...)
			if err != nil {
				return nil, err
			}
			if _, err := crowd.line(); err != nil {
				return nil, err
			}
			now, most, err := receiver.memory()
			if err != nil {
				return nil, err
			}
			perPeer := func(mb float64) float64 { return (mb - before) * 1024 / float64(peers) }
			return []float64{perPeer(now), perPeer(most)}, nil
		}, nil}
	}
	return []contest{{
		fmt.Sprintf("%d connected peers, tcp", peers),
		[]metric{{"now", "KiB/peer", true}, {"peak", "KiB/peer", true}},
		[]entry{one(b.c), one(b.ours)},
	}}
}

// mostPeers is the number of peers of a crowd: 10,000, if a process may have as many
// connections.
func (b *bench) mostPeers() int {
	const most = 10_000
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil && limit.Max < most+100 {
		return int(limit.Max) - 100
	}
	return most
}

// unlimited makes argv run with as many descriptors as it may have.
func unlimited(argv ...string) []string {
	return append([]string{"sh", "-c", `ulimit -n "$(ulimit -Hn)"; exec "$@"`, "sh"}, argv...)
}
