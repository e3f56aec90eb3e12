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

// huge is the size of a message that passes through a filter, in bytes: little more and
// --max-size would be in the way.
const huge = 60 << 20

// The most that a huge message may take beyond what the command takes anyway, in sizes of it:
// while it goes to the filter, where it is once; while a message is made of a line, or sent,
// or comes in buffers that grow as its bytes do, where it is twice; and where it gets a
// routing id besides when it has come. Once more would be a copy too many.
const (
	hugeOnce   = 1.6
	hugeTwice  = 2.6
	hugeThrice = 3.6
)

// TestMemoryOfFilters sends a huge message through the filter of each command that has one.
func TestMemoryOfFilters(t *testing.T) {
	bin := plainBinary(t)
	body := around("", huge, "")
	ask := [][]string{{"req", "-c", "./s", "--raw", "-t", "60"}}
	for _, c := range []struct {
		name   string
		words  []string
		coming float64
		peers  [][]string // the first sends the message, the last prints what comes of it
	}{
		{"hub", []string{"hub", "r=router -b ./s"}, hugeThrice, ask},
		{"router", []string{"router", "-b", "./s"}, hugeThrice, ask},
		{"rep", []string{"rep", "-b", "./s"}, hugeTwice, ask},
		{"proxy", []string{"proxy", "--streamer", "./s", "./b"}, hugeTwice, [][]string{
			{"push", "-c", "./s", "--raw"}, {"pull", "-c", "./b", "--raw", "-n", "1"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMeasured(t, bin, body)
			// It reads a byte of the line, and the rest of it, and writes it, when it is let.
			m.start(append(c.words, "--filter", "dd bs=1 count=1 of=first 2>dd.log; mv first begun; read -r _ <gate; "+
				"{ cat begun; head -n 1; } >line; mv line whole; read -r _ <gate; cat whole; exec cat")...)
			var peers []*exec.Cmd
			for i, words := range c.peers {
				peers = append(peers, m.peer(fmt.Sprint("out", i), words...))
			}
			m.await("begun") // all of it came
			m.within("coming", c.coming)
			m.open()
			m.await("whole")
			m.within("going to the filter", hugeOnce)
			m.awaitFree()
			m.open()
			for _, p := range peers {
				m.wait(p)
			}
			m.printed(fmt.Sprint("out", len(peers)-1), body)
			m.within("coming back", hugeTwice)
		})
	}
}

// TestMemoryOfFilteredRequests has the filter of req write a huge request.
func TestMemoryOfFilteredRequests(t *testing.T) {
	bin := plainBinary(t)
	for _, c := range []struct {
		name  string
		reply string
		most  float64
	}{
		{"thanks", "thanks", 2.9}, // a bit of it has been read ahead
		{"echo", "--echo", hugeThrice},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMeasured(t, bin, around(`["`, huge, "\"]\n"))
			m.peer("requests", "rep", "-b", "./s", "--endpoint-file", "bound", c.reply)
			m.await("bound")
			m.start("req", "-c", "./s", "--filter", "read -r _ <gate; cat body; head -n 1 | wc -c >count; mv count counted; exec cat")
			m.open()
			m.await("counted") // the reply was read
			m.within("request and reply", c.most)
		})
	}
}

// TestMemoryOfLongLines has push read a long line, or as much without lines: the message is
// in memory twice, once as what is read and once as what it becomes.
func TestMemoryOfLongLines(t *testing.T) {
	bin := plainBinary(t)
	for _, c := range []struct{ format, before, after string }{{"json", `["`, "\"]\n"}, {"text", "", "\n"}, {"raw", "", ""}} {
		t.Run(c.format, func(t *testing.T) {
			m := newMeasured(t, bin, around(c.before, 2*huge, c.after))
			pull := m.peer("out", "pull", "-b", "./s", "--max-size", "1G", "-n", "1", "--raw", "--endpoint-file", "bound")
			m.await("bound")
			stdin := m.start("push", "-f", c.format, "-c", "./s", "--max-size", "1G", "--hwm-bytes", "1G", "-l", "60")
			pour(t, filepath.Join(m.dir, "body"), stdin)
			if c.after != "" { // else its end is that of stdin
				m.wait(pull)
			}
			m.within("reading", hugeTwice)
			_ = stdin.Close() // Wait tells
			m.wait(m.cmd)
			if c.after == "" {
				m.wait(pull)
			}
			m.printed("out", around("", 2*huge, ""))
		})
	}
}

// around is a message of so many bytes between two texts.
func around(before string, size int, after string) []byte {
	return append(append([]byte(before), bytes.Repeat([]byte("x"), size)...), after...)
}

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
