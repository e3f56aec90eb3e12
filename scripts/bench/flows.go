//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// flows sends lines from a pipe through two zcat to a pipe, some and ten times as
// many: the time has to grow tenfold and the memory not at all.
func (b *bench) flows() []contest {
	one := func(name string, size, lines int, goals ...goal) entry {
		return entry{name, func(g *group) ([]float64, error) { return b.flow(g, size, lines) }, goals}
	}
	metrics := []metric{{"rate", "lines/s", false}, {"peak of push", "MB", true}, {"peak of pull", "MB", true}}
	small, large := []goal{{}, {value: 40}, {value: 40}}, []goal{{ratio: 0.9}, {value: 40}, {value: 40}}
	return []contest{
		{"lines of 100 B, pipe to pipe, tcp", metrics, []entry{
			one("a million", 100, many, small...), one("ten million", 100, 10*many, large...),
		}},
		{"lines of 1 MiB, pipe to pipe, tcp", metrics, []entry{
			one("100", 1<<20, 100), one("1024: 1 GiB", 1<<20, 1024, large...),
		}},
	}
}

// flow sends equal lines of about size bytes and counts what comes out.
func (b *bench) flow(g *group, size, lines int) (values []float64, err error) {
	endpoint, _, err := freePorts(g)
	if err != nil {
		return nil, err
	}
	receiver, err := g.start(b.zcat, "pull", "-q", "-b", endpoint, "--count", text(lines))
	if err != nil {
		return nil, err
	}
	if err := g.bound(endpoint); err != nil {
		return nil, err
	}
	begin := time.Now()
	sender, err := g.start(b.zcat, "push", "-q", "-c", endpoint)
	if err != nil {
		return nil, err
	}
	peaks := watch(sender, receiver)
	line := []byte(`["` + strings.Repeat("x", size-5) + "\"]\n")
	perWrite := min(lines, max(1, 1<<17/len(line)))
	block := bytes.Repeat(line, perWrite)
	fed := make(chan error, 1)
	go func() {
		var err error
		for left := lines; left > 0 && err == nil; left -= perWrite {
			_, err = sender.in.Write(block[:min(left, perWrite)*len(line)])
		}
		fed <- errors.Join(err, sender.in.Close())
	}()
	got, err := io.Copy(io.Discard, receiver.out)
	took, most := time.Since(begin), peaks()
	if err = errors.Join(err, <-fed, sender.cmd.Wait(), receiver.cmd.Wait()); err != nil {
		return nil, err
	}
	if want := int64(lines) * int64(len(line)); got != want {
		return nil, fmt.Errorf("%d bytes came out, %d went in", got, want)
	}
	return []float64{float64(lines) / took.Seconds(), most[0], most[1]}, nil
}
