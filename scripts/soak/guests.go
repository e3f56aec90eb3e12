//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// guests is another process that runs errands, one after another. It is started
// when it is needed, and again after it was killed.
type guests struct {
	name  string
	argv  []string
	knows string // socket types, a space around each
	keeps bool   // what it has sent has to arrive

	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// visit runs one errand. Where kill is not 0, the process is killed after that
// time, and the error says so.
func (g *guests) visit(ctx context.Context, e errand, kill time.Duration) error {
	if g.cmd == nil {
		if err := g.start(); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(g.in, e.String()); err != nil {
		g.end()
		return err
	}
	end := g.cmd.Process.Kill
	spared := func() bool { return true }
	if kill > 0 {
		spared = time.AfterFunc(kill, func() { _ = end() }).Stop // it may have ended
	}
	defer context.AfterFunc(ctx, func() { _ = end() })()
	line, err := g.out.ReadString('\n')
	// A kill that comes as late as the answer must not hit the next visit.
	if !spared() || err != nil {
		g.end()
		return errKilled
	}
	if answer := strings.TrimSpace(line); answer != "done" {
		return fmt.Errorf("%s: %s", g.name, answer)
	}
	return nil
}

func (g *guests) start() (err error) {
	g.cmd = exec.Command(g.argv[0], g.argv[1:]...) //nolint:noctx // end ends it
	if g.in, err = g.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := g.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	g.out = bufio.NewReader(out)
	return g.cmd.Start()
}

// end kills the process, if there is one.
func (g *guests) end() {
	if g.cmd == nil {
		return
	}
	_ = g.in.Close()
	_ = g.cmd.Process.Kill()
	_ = g.cmd.Wait() // it was killed
	g.cmd = nil
}
