//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// bench has the programs to compare, and the directory in which they are built.
type bench struct {
	dir     string // for sockets and files; removed at the end
	zcat    string
	ours, c tool
	zmq4    tool   // some of the modes
	agree   string // the program of libzmq/agree.c
	seconds float64
	sockets int // used up so far
}

// tool is a program with the modes of libzmq/peer.c.
type tool struct{ name, path string }

func newBench(zcat string, seconds float64) (*bench, error) {
	zcat, err := filepath.Abs(zcat)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench")
	return &bench{
		dir: dir, zcat: zcat, seconds: seconds,
		ours: tool{"ours", filepath.Join(dir, "peer")},
		c:    tool{"libzmq", filepath.Join(dir, "libzmq")},
		zmq4: tool{"zmq4's sockets", filepath.Join(dir, "zmq4")}, agree: filepath.Join(dir, "agree"),
	}, err
}

// build makes the peers. It runs at the root of the repository.
func (b *bench) build(ctx context.Context) error {
	goBuild := func(to, from string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, from)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		return cmd
	}
	inC := func(to, from string) *exec.Cmd {
		return exec.CommandContext(ctx, "gcc", "-O2", "-o", to, from, "-lzmq", "-lpthread")
	}
	c, agree := inC(b.c.path, "scripts/bench/libzmq/peer.c"), inC(b.agree, "scripts/bench/libzmq/agree.c")
	ours, zmq4 := goBuild(b.ours.path, "./scripts/bench/peer"), goBuild(b.zmq4.path, "./scripts/bench/zmq4")
	for _, cmd := range []*exec.Cmd{ours, zmq4, c, agree} {
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("building with %s: %w", cmd.Args[0], err)
		}
	}
	return nil
}

// contests lists what there is to compare, in the order of the report; with all it
// includes those that are of interest only on request.
func (b *bench) contests(all bool) []contest {
	usual := slices.Concat(
		b.streams(), b.encrypted(), b.webs(), b.roundTrips(), b.tails(), b.proxies(), b.fanOuts(),
		b.pipelines(), b.flows(), b.requests(), b.hubs(), b.startUp(), b.late(), b.memory(), b.crowd(), b.waiting(),
	)
	if all {
		return slices.Concat(usual, b.veryLate(), b.agreement())
	}
	return usual
}

// fresh returns an endpoint that a peer can bind, and whose real name it then
// reports.
func (b *bench) fresh(transport string) string {
	if transport != "ipc" {
		return transport + "://127.0.0.1:*"
	}
	b.sockets++
	return fmt.Sprintf("ipc://%s/s%d", b.dir, b.sockets)
}

// text writes numbers as arguments.
func text(v any) string { return fmt.Sprint(v) }

// bytesText formats a size for people.
func bytesText(size int) string {
	switch {
	case size >= 1<<20:
		return fmt.Sprintf("%d MiB", size>>20)
	case size >= 1<<10:
		return fmt.Sprintf("%d KiB", size>>10)
	}
	return fmt.Sprintf("%d B", size)
}
