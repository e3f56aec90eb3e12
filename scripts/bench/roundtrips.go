//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
)

// roundTrips compares REQ and REP, one request at a time.
func (b *bench) roundTrips() []contest {
	metrics := []metric{{"p50", "us", true}, {"p99", "us", true}}
	one := func(name string, from, to tool, placed placing, goals ...float64) entry {
		return entry{name, func(g *group) ([]float64, error) {
			return b.roundTrip(g, from, to, placed, 0)
		}, ratios(goals...)}
	}
	loaded := func(t tool, goals ...float64) entry {
		return entry{t.name, func(g *group) ([]float64, error) {
			if err := b.calibrate(g); err != nil {
				return nil, err
			}
			return b.roundTrip(g, t, t, placing{}, 1e6/b.slowest/2)
		}, ratios(goals...)}
	}
	mixed := func(placed placing, goal float64) []entry {
		return []entry{
			one("ours to libzmq", b.ours, b.c, placed, goal, 0),
			one("libzmq to ours", b.c, b.ours, placed, goal, 0),
		}
	}
	all := []contest{
		{"req and rep, tcp, free", metrics, append([]entry{
			one("libzmq", b.c, b.c, placing{}, 0, 0), one("ours", b.ours, b.ours, placing{}, 0.3, 0),
			one(b.zmq4.name, b.zmq4, b.zmq4, placing{}, 0, 0),
		}, mixed(placing{}, 0.7)...)},
		// The same rate for both.
		{"req and rep, tcp, free, at half of libzmq's rate", metrics, []entry{loaded(b.c, 0, 0), loaded(b.ours, 0, 1)}},
	}
	pinned := processors()
	if len(pinned) > 1 {
		apart := placing{pinned[0], pinned[1]}
		all = append(all, contest{"req and rep, tcp, pinned apart", metrics, append([]entry{
			one("libzmq", b.c, b.c, apart, 0, 0), one("ours", b.ours, b.ours, apart, 0.3, 0),
		}, mixed(apart, 0)...)})
	}
	if len(pinned) > 0 {
		together := placing{pinned[0], pinned[0]}
		all = append(all, contest{"req and rep, tcp, on one processor", metrics, append([]entry{
			one("libzmq", b.c, b.c, together, 0, 0), one("ours", b.ours, b.ours, together, 0.6, 0),
		}, mixed(together, 0)...)})
	}
	return all
}

// calibrate measures libzmq's full rate once. It has good and bad runs: the rate
// has to be half of a bad one, or it is above what those can do.
func (b *bench) calibrate(g *group) error {
	const runs = 3
	for ; b.calibrated < runs; b.calibrated++ {
		free, err := b.roundTrip(g, b.c, b.c, placing{}, 0)
		if err != nil {
			return err
		}
		b.slowest = max(b.slowest, free[0])
	}
	return nil
}

// placing names the processors on which REQ and REP run; empty is any.
type placing struct{ req, rep string }

// roundTrip returns p50 and p99. A rate of 0 is as fast as it goes.
func (b *bench) roundTrip(g *group, from, to tool, placed placing, rate float64) ([]float64, error) {
	server, err := g.start(pin(placed.rep, to.path, "rep", "@"+b.fresh("tcp"))...)
	if err != nil {
		return nil, err
	}
	endpoint, err := server.line()
	if err != nil {
		return nil, err
	}
	took, err := b.ask(g, from, endpoint, placed.req, rate)
	if err != nil {
		return nil, err
	}
	return took, server.finish()
}

// ask returns p50 and p99 of requests to an endpoint.
func (b *bench) ask(g *group, from tool, endpoint, processor string, rate float64) ([]float64, error) {
	client, err := g.start(pin(processor, from.path, "req", ">"+endpoint, "100", text(b.seconds), text(rate))...)
	if err != nil {
		return nil, err
	}
	var n, p50, p99 float64
	if err := client.numbers(&n, &p50, &p99); err != nil {
		return nil, err
	}
	return []float64{p50, p99}, client.finish()
}

// pin makes argv run on one processor, if it is named.
func pin(processor string, argv ...string) []string {
	if processor == "" {
		return argv
	}
	return slices.Concat([]string{"taskset", "-c", processor}, argv)
}

// processors lists the first two that we may use.
func processors() (list []string) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil
	}
	_, rest, _ := bytes.Cut(status, []byte("Cpus_allowed_list:"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	for part := range strings.SplitSeq(strings.TrimSpace(string(line)), ",") {
		first, end := 0, 0
		if n, _ := fmt.Sscanf(part, "%d-%d", &first, &end); n < 2 {
			end = first
		}
		for ; first <= end && len(list) < 2; first++ {
			list = append(list, text(first))
		}
	}
	return list
}
