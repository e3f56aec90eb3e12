//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// measured is a command whose memory is measured, in a folder of its own.
type measured struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // of the test
	bin  string
	dir  string
	gate *os.File
	size int
	cmd  *exec.Cmd
}

// newMeasured makes a folder with a file, body, and a FIFO, gate.
func newMeasured(t *testing.T, bin string, body []byte) *measured {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	t.Cleanup(cancel)
	m := &measured{t: t, ctx: ctx, bin: bin, dir: t.TempDir(), size: len(body)}
	fifo := filepath.Join(m.dir, "gate")
	err := errors.Join(os.WriteFile(filepath.Join(m.dir, "body"), body, 0o600), syscall.Mkfifo(fifo, 0o600))
	if err == nil {
		m.gate, err = os.OpenFile(fifo, os.O_RDWR, 0) // whoever waits there ends with the test
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.gate.Close() })
	return m
}

// command makes a command of zcat in the folder, which ends with the test.
func (m *measured) command(words ...string) *exec.Cmd {
	cmd := exec.CommandContext(m.ctx, m.bin, words...)
	cmd.Dir, cmd.Stderr = m.dir, os.Stderr
	return cmd
}

// start starts the command that is measured, and returns its stdin.
func (m *measured) start(words ...string) io.WriteCloser {
	m.t.Helper()
	m.cmd = m.command(words...)
	stdin, err := m.cmd.StdinPipe()
	if err == nil {
		err = m.cmd.Start()
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return stdin
}

// peer starts another one, with the body as its stdin and a file as its stdout.
func (m *measured) peer(out string, words ...string) *exec.Cmd {
	m.t.Helper()
	cmd := m.command(words...)
	body, err := os.Open(filepath.Join(m.dir, "body"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	stdout, err := os.Create(filepath.Join(m.dir, out))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = stdout.Close() }()
	cmd.Stdin, cmd.Stdout = body, stdout
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	return cmd
}

// open lets the filter go on.
func (m *measured) open() {
	if _, err := m.gate.WriteString("go\n"); err != nil {
		m.t.Fatal(err)
	}
}

// await waits until a file is there.
func (m *measured) await(name string) {
	m.t.Helper()
	await(m.ctx, m.t, name, func() bool {
		_, err := os.Stat(filepath.Join(m.dir, name))
		return err == nil
	})
}

func (m *measured) wait(cmd *exec.Cmd) {
	m.t.Helper()
	if err := cmd.Wait(); err != nil {
		m.t.Fatalf("%s: %v", cmd.Args[1], err)
	}
}

// printed compares what a peer printed.
func (m *measured) printed(out string, want []byte) {
	m.t.Helper()
	if got, err := os.ReadFile(filepath.Join(m.dir, out)); err != nil || !bytes.Equal(got, want) {
		m.t.Fatalf("%d bytes came out, want %d: %v", len(got), len(want), err)
	}
}

// within holds the most memory that the command had, since it began or since the last call,
// beyond what it has anyway, against the most that it may have, in sizes of the message.
func (m *measured) within(when string, most float64) {
	m.t.Helper()
	times := m.sizes("VmHWM:")
	m.t.Logf("%s, %s: %.2f times the size of the message", m.cmd.Args[1], when, times)
	if times > most {
		m.t.Errorf("%s took %.2f times the size of the message %s, more than %v", m.cmd.Args[1], times, when, most)
	}
	const forgetPeak = "5" // proc_pid_clear_refs(5)
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", m.cmd.Process.Pid), []byte(forgetPeak), 0); err != nil {
		m.t.Fatal(err)
	}
}

// awaitFree waits until nothing is left of the message.
func (m *measured) awaitFree() {
	m.t.Helper()
	const little = 0.5
	await(m.ctx, m.t, "the end of what was given to the filter", func() bool { return m.sizes("VmRSS:") < little })
	m.within("with nothing left", hugeTwice)
}

// sizes is a kind of memory of the command beyond what it has anyway, in sizes of the message.
func (m *measured) sizes(kind string) float64 {
	m.t.Helper()
	const idle = 12 << 10
	return float64(memory(m.t, m.cmd.Process.Pid, kind)-idle) * 1024 / float64(m.size)
}
