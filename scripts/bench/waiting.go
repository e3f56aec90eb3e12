//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// waiting measures what many peers of one process cost that wait for a server, and how
// soon all of them are connected once it is there.
func (b *bench) waiting() []contest {
	peers := b.mostPeers()
	one := func(name string, from, to tool, goals ...goal) entry {
		return entry{name, func(g *group) ([]float64, error) {
			endpoint, _, err := freePorts(g)
			if err != nil {
				return nil, err
			}
			crowd, err := g.start(unlimited(from.path, "crowd", ">"+endpoint, text(peers))...)
			if err != nil {
				return nil, err
			}
			busy, err := crowd.busyFor(g, time.Second, 2*time.Second)
			if err != nil {
				return nil, err
			}
			server, err := g.start(unlimited(to.path, "hold", "@"+endpoint)...)
			if err != nil {
				return nil, err
			}
			if _, err := server.line(); err != nil {
				return nil, err
			}
			bound := time.Now()
			if _, err := crowd.line(); err != nil {
				return nil, err
			}
			return []float64{busy, time.Since(bound).Seconds()}, nil
		}, goals}
	}
	return []contest{{
		fmt.Sprintf("%d peers that wait for a server, tcp", peers),
		[]metric{{"processor", "s/s", true}, {"all connected after", "s", true}},
		[]entry{
			one("libzmq", b.c, b.c), one("ours", b.ours, b.ours, goal{ratio: 0.1}, goal{ratio: 1}),
			one("ours to libzmq", b.ours, b.c, goal{ratio: 0.1}, goal{ratio: 1}),
		},
	}}
}

// busyFor returns the share of one processor that p takes for a time that begins later.
func (p *process) busyFor(g *group, later, during time.Duration) (float64, error) {
	if err := g.pause(later); err != nil {
		return 0, err
	}
	begin, before := time.Now(), p.busySoFar()
	if err := g.pause(during); err != nil {
		return 0, err
	}
	now := p.busySoFar()
	if before == 0 || now == 0 {
		return 0, errors.New("the kernel does not say how busy a process is")
	}
	return (now - before).Seconds() / time.Since(begin).Seconds(), nil
}

// busySoFar returns the processor time of the threads of a process, 0 if it is not known.
func (p *process) busySoFar() (sum time.Duration) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for _, name := range threads {
		var ran int64
		if stat, err := os.ReadFile(name); err == nil { // else the thread has ended
			_, _ = fmt.Sscan(string(stat), &ran)
		}
		sum += time.Duration(ran)
	}
	return sum
}

// pause lets a time pass, unless the group ends.
func (g *group) pause(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-g.ctx.Done():
		return g.ctx.Err()
	}
}
