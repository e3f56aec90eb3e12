//go:build linux

package main

import (
	"fmt"
	"time"
)

// startUp measures the time from the start to the exit of a program that does next
// to nothing.
func (b *bench) startUp() []contest {
	const times = 20 // in one run
	version := func(name string, goal float64, argv ...string) entry {
		return entry{name, func(g *group) ([]float64, error) { return repeated(g, times, argv) }, ratios(goal)}
	}
	// Both ask the same server.
	request := func(name string, goal float64, argv func(endpoint string) []string) entry {
		return entry{name, func(g *group) ([]float64, error) {
			endpoint, err := serve(g, []string{b.c.path, "rep"})
			if err != nil {
				return nil, err
			}
			return repeated(g, times, argv(endpoint))
		}, ratios(goal)}
	}
	metrics := []metric{{"median", "ms", true}}
	return []contest{
		{"version, start to exit", metrics, []entry{
			version("libzmq", 0, b.c.path, "version"), version("zcat", 1, b.zcat, "--version"),
		}},
		{"one request, start to exit", metrics, []entry{
			request("libzmq", 0, func(e string) []string { return []string{b.c.path, "once", ">" + e, `["hello"]`} }),
			request("zcat", 0.9, func(e string) []string { return []string{b.zcat, "req", "-c", e, `hello`} }),
		}},
	}
}

// repeated returns the median time of a program in ms.
func repeated(g *group, times int, argv []string) ([]float64, error) {
	took := make([]float64, times)
	for i := range took {
		begin := time.Now()
		p, err := g.start(argv...)
		if err != nil {
			return nil, err
		}
		if _, err := p.line(); err != nil {
			return nil, fmt.Errorf("no answer: %w", err)
		}
		if err := p.finish(); err != nil {
			return nil, err
		}
		took[i] = float64(time.Since(begin).Nanoseconds()) / 1e6
	}
	return []float64{median(took)}, nil
}
