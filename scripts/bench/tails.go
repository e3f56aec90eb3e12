//go:build linux

package main

import (
	"fmt"
	"slices"
)

// tails compares the slowest requests, at a rate that leaves both time: half of what
// libzmq can do.
func (b *bench) tails() (all []contest) {
	for _, c := range []struct {
		name          string
		clients, idle int
	}{
		{"req and rep, tcp, free", 1, 0},
		{"req and rep beside 1000 silent peers, tcp", 1, 1000},
		{"20 req and a rep, tcp", 20, 0},
	} {
		l := load{seconds: max(2, b.seconds), clients: c.clients, idle: c.idle}
		one := func(t tool, goals ...float64) entry {
			return entry{t.name, func(g *group) ([]float64, error) {
				var err error
				if l.rate == 0 {
					if l.rate, err = b.halfRate(g, l); err != nil {
						return nil, err
					}
				}
				got, err := b.roundTrip(g, t, t, placing{}, l)
				return got[:], err
			}, ratios(goals...)}
		}
		all = append(all, contest{
			fmt.Sprintf("%s, at half of libzmq's rate", c.name),
			[]metric{{"p50", "us", true}, {"p99", "us", true}, {"p99.9", "us", true}},
			[]entry{one(b.c, 0, 0, 0), one(b.ours, 0, 1, 1)},
		})
	}
	return all
}

// halfRate returns half of the rate at which each of libzmq's clients sends requests. It
// has good and bad runs: the rate has to be half of a bad one, or it is above what those
// can do.
func (b *bench) halfRate(g *group, l load) (float64, error) {
	var slowest [3]float64 // the p50 of each run, in us
	for i := range slowest {
		got, err := b.roundTrip(g, b.c, b.c, placing{}, load{seconds: b.seconds, clients: l.clients, idle: l.idle})
		if err != nil {
			return 0, err
		}
		slowest[i] = got[0]
	}
	return 1e6 / slices.Max(slowest[:]) / 2, nil
}
