//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience is the time that a run may take before its messages count as lost.
const patience = time.Minute

// process is a program under way.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	speech bytes.Buffer // on stderr
}

// group starts processes and ends those that are left.
type group struct {
	ctx context.Context //nolint:containedctx // the life of the processes
	end context.CancelFunc
	all []*process

	release []func() // of its ports
}

func newGroup(ctx context.Context) *group {
	ctx, end := context.WithTimeout(ctx, patience)
	return &group{ctx: ctx, end: end}
}

func (g *group) close() {
	g.end()
	for _, p := range g.all {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Wait() // it was killed, and the reason is known
		}
	}
	for _, release := range g.release {
		release()
	}
}

// start runs a program with pipes as its stdin and stdout.
func (g *group) start(argv ...string) (*process, error) {
	return g.launch(nil, nil, argv...)
}

// launch is start with files as stdin and stdout where those are not nil.
func (g *group) launch(in, out *os.File, argv ...string) (p *process, err error) {
	p = &process{cmd: exec.CommandContext(g.ctx, argv[0], argv[1:]...)}
	p.cmd.Stderr = &p.speech
	if in != nil {
		p.cmd.Stdin = in
	} else if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if out != nil {
		p.cmd.Stdout = out
	} else {
		stdout, err := p.cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		p.out = bufio.NewReader(stdout)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	g.all = append(g.all, p)
	return p, nil
}

// line waits for a line of stdout.
func (p *process) line() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		err := p.cmd.Wait()
		return "", fmt.Errorf("%s ended early: %w", p, err)
	}
	return strings.TrimSpace(line), nil
}

// numbers waits for a line of numbers.
func (p *process) numbers(to ...any) error {
	line, err := p.line()
	if err == nil {
		_, err = fmt.Sscan(line, to...)
	}
	return err
}

// finish closes stdin, which ends a peer, and waits.
func (p *process) finish() error {
	if p.in != nil {
		_ = p.in.Close() // a process that has ended already
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	return nil
}

// busy returns the processor time that an ended process took.
func (p *process) busy() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// String returns the command line and what it complained about.
func (p *process) String() string {
	argv := p.cmd.Args
	name := filepath.Base(argv[0]) + " " + strings.Join(argv[1:], " ")
	if complaint := strings.TrimSpace(p.speech.String()); p.cmd.ProcessState != nil && complaint != "" {
		name += " (" + complaint + ")"
	}
	return name
}

// await polls until done, because only the kernel knows.
func (g *group) await(pause time.Duration, done func() bool) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-g.ctx.Done():
			return g.ctx.Err()
		}
	}
	return nil
}

// bound waits until somebody listens at an endpoint. A peer that connects before
// that waits for its next attempt, and that is not what we measure.
func (g *group) bound(endpoint string) error {
	path, ipc := strings.CutPrefix(endpoint, "ipc://")
	var port int
	if !ipc {
		if _, err := fmt.Sscanf(endpoint, "tcp://127.0.0.1:%d", &port); err != nil {
			return err
		}
	}
	return g.await(time.Millisecond, func() bool {
		if ipc {
			_, err := os.Stat(path)
			return err == nil
		}
		// As the kernel writes it: 0A is LISTEN.
		table, err := os.ReadFile("/proc/net/tcp")
		return err == nil && bytes.Contains(table, fmt.Appendf(nil, "0100007F:%04X 00000000:0000 0A", port))
	})
}
