//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"
)

// memory compares what both ends hold while the receiver has stopped: the sender
// has filled all queues on the way and waits.
func (b *bench) memory() (all []contest) {
	limits := []goal{{}, {value: 30}, {value: 30}}
	for _, size := range []int{100, 64 << 10} {
		peers := func(t tool, goals []goal) entry {
			return entry{t.name, func(g *group) ([]float64, error) {
				receiver, err := g.start(t.path, "hold", "@"+b.fresh("tcp"))
				if err != nil {
					return nil, err
				}
				endpoint, err := receiver.line()
				if err != nil {
					return nil, err
				}
				sender, err := g.start(t.path, "push", ">"+endpoint, text(size), text(patience.Seconds()))
				if err != nil {
					return nil, err
				}
				return g.held(sender, receiver)
			}, goals}
		}
		all = append(all, contest{
			fmt.Sprintf("memory, receiver stopped, tcp, %s", bytesText(size)),
			[]metric{{"both now", "MB", true}, {"peak of sender", "MB", true}, {"peak of receiver", "MB", true}},
			[]entry{peers(b.c, nil), peers(b.ours, limits), {"zcat", func(g *group) ([]float64, error) {
				return b.heldByTool(g, size)
			}, limits}},
		})
	}
	return all
}

// heldByTool is for zcat: the stdout of the receiver is not read.
func (b *bench) heldByTool(g *group, size int) ([]float64, error) {
	endpoint, _, err := freePorts(g)
	if err != nil {
		return nil, err
	}
	receiver, err := g.start(b.zcat, "pull", "-q", "-b", endpoint)
	if err != nil {
		return nil, err
	}
	if err := g.bound(endpoint); err != nil {
		return nil, err
	}
	sender, err := g.start(b.zcat, "push", "-q", "-c", endpoint)
	if err != nil {
		return nil, err
	}
	line := []byte(`["` + strings.Repeat("x", size) + "\"]\n")
	lines := bytes.Repeat(line, max(1, 1<<16/len(line)))
	go func() {
		var err error
		for err == nil { // until the process is killed
			_, err = sender.in.Write(lines)
		}
	}()
	return g.held(sender, receiver)
}

// held waits until two processes have nothing to do any more and returns what
// they hold together, and the most that each held.
func (g *group) held(sender, receiver *process) ([]float64, error) {
	const idle = 6 // looks
	before, same := "", 0
	err := g.await(50*time.Millisecond, func() bool {
		now := sender.worked() + receiver.worked()
		if now == before {
			same++
		} else {
			before, same = now, 0
		}
		return same == idle
	})
	if err != nil {
		return nil, err
	}
	values := []float64{0, 0, 0}
	for i, p := range []*process{sender, receiver} {
		now, most, err := p.memory()
		if err != nil {
			return nil, err
		}
		values[0] += now
		values[i+1] = most
	}
	return values, nil
}

// worked returns the processor time of a process so far, as the kernel writes it.
func (p *process) worked() string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	fields := strings.Fields(string(stat))
	if err != nil || len(fields) < 15 {
		return ""
	}
	return fields[13] + " " + fields[14]
}

// memory returns what a process holds and the most that it has held, in MB.
func (p *process) memory() (now, most float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for _, field := range []struct {
		name string
		to   *float64
	}{{"VmRSS:", &now}, {"VmHWM:", &most}} {
		_, rest, _ := bytes.Cut(status, []byte(field.name))
		if _, err := fmt.Sscan(string(rest), field.to); err != nil {
			return 0, 0, fmt.Errorf("%s in /proc: %w", field.name, err)
		}
		*field.to /= 1024
	}
	return now, most, nil
}

// watch looks at the memory of processes until the function it returns is
// called, which returns the most that each held. The kernel's own account of an
// ended process begins with the memory of the one that started it.
func watch(all ...*process) func() []float64 {
	ended, peaks := make(chan struct{}), make(chan []float64)
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		found := make([]float64, len(all))
		for {
			for i, p := range all {
				if _, most, err := p.memory(); err == nil { // else it has ended
					found[i] = max(found[i], most)
				}
			}
			select {
			case <-tick.C:
			case <-ended:
				peaks <- found
				return
			}
		}
	}()
	return func() []float64 {
		close(ended)
		return <-peaks
	}
}
