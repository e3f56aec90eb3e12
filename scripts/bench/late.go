//go:build linux

package main

import (
	"fmt"
	"time"
)

// late measures how long a server is there before it has the request of a client that
// was there first, and answers: that is how long the client pauses between attempts.
func (b *bench) late() []contest {
	return []contest{
		b.lateBy(5*time.Millisecond, 20, 5),
		b.lateBy(50*time.Millisecond, 10, 15),
		b.lateBy(500*time.Millisecond, 3, 60),
	}
}

// veryLate is late for a server that takes long.
func (b *bench) veryLate() []contest {
	return []contest{b.lateBy(8*time.Second, 1, 200)}
}

// lateBy lets servers start later than their clients, by three to five quarters of a
// time: an exact one would always meet the same of the pauses, whose ends are known.
// The goal is in ms.
func (b *bench) lateBy(late time.Duration, tries int, most float64) contest {
	one := func(name string, goals []goal, server, client func(endpoint string) []string) entry {
		return entry{name, func(g *group) ([]float64, error) {
			took := make([]float64, tries)
			for i := range took {
				after := late
				if tries > 1 {
					after = late*3/4 + late/2*time.Duration(i)/time.Duration(tries-1)
				}
				t, err := g.answerAfter(after, server, client)
				if err != nil {
					return nil, err
				}
				took[i] = t.Seconds() * 1e3
			}
			worst := took[0]
			for _, t := range took {
				worst = max(worst, t)
			}
			return []float64{median(took), worst}, nil
		}, goals}
	}
	libzmq := func(endpoint string) []string { return []string{b.c.path, "rep", "@" + endpoint} }
	zcat := func(endpoint string) []string { return []string{b.zcat, "req", "-q", "-c", endpoint, "hello"} }
	goals := []goal{{value: most}, {}}
	if late > 10*time.Millisecond { // else even pauses of 1, 2 and 4 ms do not hold it
		goals[1] = goals[0]
	}
	return contest{
		fmt.Sprintf("a request whose server starts %v later, tcp", late),
		[]metric{{"median", "ms", true}, {"worst", "ms", true}},
		[]entry{
			one("libzmq", nil, libzmq, func(endpoint string) []string { return []string{b.c.path, "once", ">" + endpoint, "hello"} }),
			one("zcat", goals, func(endpoint string) []string {
				return []string{b.zcat, "rep", "-q", "--echo", "-b", endpoint, "--endpoint-file", "/dev/fd/1"}
			}, zcat),
			one("zcat to libzmq", goals, libzmq, zcat),
		},
	}
}

// answerAfter starts a client, and a server some time later, which prints its endpoint
// when it has bound it. It returns the time from then to the client's reply.
func (g *group) answerAfter(late time.Duration, server, client func(endpoint string) []string) (time.Duration, error) {
	endpoint, _, err := freePorts(g)
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	asking, err := g.start(client(endpoint)...)
	if err != nil {
		return 0, err
	}
	if err := g.pause(time.Until(begin.Add(late))); err != nil {
		return 0, err
	}
	answering, err := g.start(server(endpoint)...)
	if err != nil {
		return 0, err
	}
	if _, err := answering.line(); err != nil {
		return 0, err
	}
	bound := time.Now()
	if _, err := asking.line(); err != nil {
		return 0, err
	}
	took := time.Since(bound)
	if err := asking.finish(); err != nil {
		return 0, err
	}
	return took, stop(answering)
}
