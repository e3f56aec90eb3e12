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
			got, err := b.roundTrip(g, from, to, placed, load{seconds: b.seconds})
			return got[:2], err
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
	}
	pinned := processors()
	if len(pinned) > 1 {
		apart := placing{pinned[0], pinned[1]}
		all = append(all, contest{"req and rep, tcp, pinned apart", metrics, append([]entry{
			one("libzmq", b.c, b.c, apart, 0, 0), one("ours", b.ours, b.ours, apart, 0.2, 0),
		}, mixed(apart, 0)...)})
	}
	if len(pinned) > 0 {
		together := placing{pinned[0], pinned[0]}
		all = append(all, contest{"req and rep, tcp, on one processor", metrics, append([]entry{
			one("libzmq", b.c, b.c, together, 0, 0), one("ours", b.ours, b.ours, together, 0.4, 0),
		}, mixed(together, 0)...)})
	}
	return all
}

// placing names the processors on which REQ and REP run; empty is any.
type placing struct{ req, rep string }

// load is what clients do: for how long, how many of them, how many requests each sends
// a second, 0 for as many as it can. Idle peers of the server are beside them.
type load struct {
	seconds float64
	clients int
	rate    float64
	idle    int
}

// roundTrip returns p50, p99 and p99.9.
func (b *bench) roundTrip(g *group, from, to tool, placed placing, l load) (percentiles [3]float64, err error) {
	server, err := g.start(unlimited(pin(placed.rep, to.path, "rep", "@"+b.fresh("tcp"))...)...)
	if err != nil {
		return percentiles, err
	}
	endpoint, err := server.line()
	if err != nil {
		return percentiles, err
	}
	if l.idle > 0 {
		crowd, err := g.start(unlimited(b.ours.path, "idle", ">"+endpoint, text(l.idle))...)
		if err != nil {
			return percentiles, err
		}
		if _, err := crowd.line(); err != nil {
			return percentiles, err
		}
	}
	if percentiles, err = b.ask(g, from, endpoint, placed.req, l); err != nil {
		return percentiles, err
	}
	return percentiles, server.finish()
}

// ask returns p50, p99 and p99.9 of requests to an endpoint.
func (b *bench) ask(g *group, from tool, endpoint, processor string, l load) (percentiles [3]float64, err error) {
	client, err := g.start(pin(processor, from.path, "req", ">"+endpoint, "100", text(l.seconds), text(l.rate), text(max(1, l.clients)))...)
	if err != nil {
		return percentiles, err
	}
	var n float64
	if err := client.numbers(&n, &percentiles[0], &percentiles[1], &percentiles[2]); err != nil {
		return percentiles, err
	}
	return percentiles, client.finish()
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
