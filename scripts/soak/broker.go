//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// broker is a hub that balances load between clients and workers on libzmq, of which some
// are killed and started again all the time. A request may be lost with the worker that
// had it, which has one at most, and nothing else may.
type broker struct {
	ctx    context.Context //nolint:containedctx // ends with the run
	end    context.CancelCauseFunc
	dir    string
	python string
	hub    *exec.Cmd

	names                        atomic.Int64
	got, lost, heard             atomic.Int64
	clientsKilled, workersKilled atomic.Int64
	requests, workers            [crowdSize]*actor // each of one goroutine
	listener                     *actor
}

// crowdSize is the number of clients, and that of workers.
const crowdSize = 6

// actor is one process of scripts/peers/broker.py.
type actor struct {
	cmd  *exec.Cmd
	in   io.Closer
	done chan struct{} // closed once all that it printed is read
}

// soakBroker runs a broker for a while.
func soakBroker(ctx context.Context, zcat, python string, seed uint64, lasts time.Duration) (err error) {
	b := &broker{python: python}
	b.ctx, b.end = context.WithCancelCause(ctx)
	defer b.end(nil)
	if b.dir, err = workDir(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.open(zcat); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- b.hub.Wait() }()
	if b.listener, err = b.start("listener", "state", &b.heard); err != nil {
		return errors.Join(err, b.hub.Process.Kill())
	}
	var wait sync.WaitGroup
	begin := time.Now()
	for i := range crowdSize {
		choices := rand.New(rand.NewPCG(seed, uint64(i)))
		wait.Go(func() {
			b.churn("client", "clients", &b.requests[i], 10*time.Second, &b.clientsKilled, choices, begin.Add(lasts))
		})
		wait.Go(func() {
			b.churn("worker", "workers", &b.workers[i], 6*time.Second, &b.workersKilled, choices, begin.Add(lasts))
		})
	}
	memory := b.watch(begin, lasts)
	wait.Wait()
	for _, a := range append(b.requests[:], b.listener) {
		if a != nil {
			err = errors.Join(err, a.finish())
		}
	}
	for _, a := range b.workers {
		if a != nil {
			a.kill()
		}
	}
	err = errors.Join(err, context.Cause(b.ctx), b.hub.Process.Signal(syscall.SIGTERM))
	exit := <-ended
	const ofSIGTERM = 128 + int(syscall.SIGTERM)
	if code := b.hub.ProcessState.ExitCode(); code != ofSIGTERM {
		said, _ := os.ReadFile(filepath.Join(b.dir, "log"))
		err = errors.Join(err, fmt.Errorf("the hub ended with %d: %w: %s", code, exit, said))
	}
	return errors.Join(err, b.verdict(<-memory))
}

// open starts the hub.
func (b *broker) open(zcat string) error {
	log, err := os.Create(filepath.Join(b.dir, "log"))
	if err != nil {
		return err
	}
	var lines []string
	for name, kind := range map[string]string{"clients": "router", "workers": "router", "state": "pub"} {
		lines = append(lines, fmt.Sprintf("%s=%s --bind %s", name, kind, b.endpoint(name)))
	}
	files := filepath.Join(b.dir, "bound")
	b.hub = exec.CommandContext(b.ctx, zcat, append([]string{
		"hub", "--endpoint-file", files, "--filter", "exec jq -cn --unbuffered -f scripts/soak/balance.jq",
	}, lines...)...)
	b.hub.Stderr = log
	if err := errors.Join(b.hub.Start(), log.Close()); err != nil {
		return err
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		if _, err := os.Stat(files); err == nil {
			return nil
		}
		select {
		case <-look.C:
		case <-b.ctx.Done():
			return b.ctx.Err()
		}
	}
}

func (b *broker) endpoint(name string) string { return "ipc://" + filepath.Join(b.dir, name) }

// start starts a peer; counted counts what it got.
func (b *broker) start(role, at string, counted *atomic.Int64) (*actor, error) {
	cmd := exec.CommandContext(b.ctx, "/usr/bin/python3", b.python, role, b.endpoint(at), fmt.Sprint(role, b.names.Add(1)))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	a := &actor{cmd: cmd, in: in, done: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(a.done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			word, rest, _ := strings.Cut(lines.Text(), " ")
			n := int64(0)
			switch _, err := fmt.Sscan(rest, &n); {
			case word == "got" && err == nil:
				counted.Add(n)
			case word == "lost" && err == nil:
				b.lost.Add(1)
			default:
				b.end(fmt.Errorf("%s: %s", role, lines.Text()))
			}
		}
	}()
	return a, nil
}

// churn keeps one peer there until the time given: every now and then, about each pause,
// it is killed, and another one takes its place.
func (b *broker) churn(role, at string, place **actor, pause time.Duration, kills *atomic.Int64, choices *rand.Rand, until time.Time) {
	for {
		a, err := b.start(role, at, &b.got)
		if err != nil {
			b.end(err)
			return
		}
		*place = a
		next := time.Duration(choices.Int64N(int64(2 * pause)))
		late := time.NewTimer(min(next, time.Until(until)))
		select {
		case <-late.C:
		case <-b.ctx.Done():
			late.Stop()
			return
		}
		if !time.Now().Before(until) {
			return
		}
		a.kill()
		kills.Add(1)
	}
}

// kill kills a peer, whatever it is at.
func (a *actor) kill() {
	_ = a.cmd.Process.Kill() // it may have ended
	<-a.done
	_ = a.cmd.Wait()
}

// finish lets a peer end when it has what it waits for.
func (a *actor) finish() error {
	err := a.in.Close()
	<-a.done
	return errors.Join(err, a.cmd.Wait())
}

// watch reports how it goes and returns the resident memory of the hub over time.
func (b *broker) watch(begin time.Time, lasts time.Duration) <-chan []int64 {
	const samples = 10
	all := make(chan []int64, 1)
	go func() {
		var taken []int64
		tick := time.NewTicker(lasts / samples)
		defer tick.Stop()
		for len(taken) < samples {
			select {
			case <-tick.C:
			case <-b.ctx.Done():
				all <- taken
				return
			}
			size, err := resident(b.hub.Process.Pid)
			if err != nil {
				b.end(err)
			}
			taken = append(taken, size)
			_, _ = fmt.Fprintf(os.Stdout, "%6.1f min: %8d replies, %3d lost, %4d workers and %4d clients killed, %8d states heard; the hub has %.1f MB\n",
				time.Since(begin).Minutes(), b.got.Load(), b.lost.Load(), b.workersKilled.Load(), b.clientsKilled.Load(), b.heard.Load(), float64(size)/(1<<20))
		}
		all <- taken
	}()
	return all
}

// verdict holds the run against what a broker promises.
func (b *broker) verdict(memory []int64) error {
	_, _ = fmt.Fprintf(os.Stdout, "in all: %d replies, %d requests lost with %d workers that were killed, %d clients killed, %d states heard\n",
		b.got.Load(), b.lost.Load(), b.workersKilled.Load(), b.clientsKilled.Load(), b.heard.Load())
	var err error
	if lost, killed := b.lost.Load(), b.workersKilled.Load(); lost > killed {
		err = fmt.Errorf("%d requests were lost, and %d workers killed", lost, killed)
	}
	if b.got.Load() == 0 || b.heard.Load() == 0 {
		err = errors.Join(err, errors.New("nothing was answered, or heard"))
	}
	// The first samples fill pools and caches.
	const settled, slack = 3, 8 << 20
	if n := len(memory); n > settled && memory[n-1] > memory[settled-1]+memory[settled-1]/2+slack {
		err = errors.Join(err, fmt.Errorf("the hub's memory grew: %d bytes", memory))
	}
	return err
}

// resident is the resident memory of a process in bytes.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0, err
	}
	return pages * int64(os.Getpagesize()), nil
}
