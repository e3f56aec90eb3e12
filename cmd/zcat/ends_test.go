//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// envEnds names the file to which the table of ends is written.
const envEnds = "ZCAT_ENDS_TABLE"

// endsTable is the table as it was last written.
const endsTable = "../../testdata/ends.md"

const endsHead = `# How commands end

Made by ` + "`ZCAT_ENDS_TABLE=$PWD/testdata/ends.md go test -run TestEnds ./cmd/zcat`" + `, and held against what every run of that
test finds. *Says* is what stands on stderr, N where the number is chance. Nothing is ever left behind: the endpoint file,
the ipc socket and what the command had started are gone, and each end comes within the linger, half a second more where a
write is stuck that nobody reads.

| command | how it ends | status | says |
| --- | --- | ---: | --- |
`

// TestEnds walks all ways in which commands end, for each command that can.
func TestEnds(t *testing.T) {
	bin := plainBinary(t)
	cells := append(endCells(), sendingCells()...)
	rows := make([]string, len(cells))
	var walked sync.WaitGroup
	slots := make(chan struct{}, 6)
	for i, c := range cells {
		walked.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			x := newEnding(t, bin)
			defer x.clear()
			rows[i] = c.row(x)
		})
	}
	walked.Wait()
	if t.Failed() {
		return
	}
	got := endsHead + strings.Join(rows, "")
	if name := os.Getenv(envEnds); name != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(endsTable)
	if err != nil {
		t.Fatal(err)
	}
	wantRows := map[string]bool{}
	for line := range strings.Lines(string(want)) {
		wantRows[line] = true
	}
	for line := range strings.Lines(got) {
		if !wantRows[line] {
			t.Errorf("not in %s: %s", endsTable, line)
		}
	}
	if n := strings.Count(string(want), "\n"); n != strings.Count(got, "\n") {
		t.Errorf("%s has %d lines, and there are %d", endsTable, n, strings.Count(got, "\n"))
	}
}

// endCell is one command that ends in one way.
type endCell struct {
	command string // with the flags that matter
	end     string // how
	steps   func(x *ending, args []string)
	own     bool // they say where it binds or connects
}

// row ends a command, and returns a line of the table.
func (c endCell) row(x *ending) string {
	x.t.Helper()
	args := strings.Fields(c.command)
	switch last := args[len(args)-1]; {
	case last == "--exec", last == "--filter":
		args = append(args, endless)
	case args[0] == "proxy":
		args = append(args, "./front", "./back")
	}
	if c.command == benchHere || c.own {
		c.steps(x, args)
	} else {
		if args[0] != "proxy" {
			args = append(args, "--bind", "./front")
		}
		c.steps(x, append(args, "--endpoint-file", "endpoint"))
	}
	status, said := x.finish()
	x.asSummed(said)
	return fmt.Sprintf("| `%s` | %s | %d | %s |\n", c.command, c.end, status, said)
}

// Commands that have a name here.
const (
	benchHere = "bench --types req:rep --measure latency"
	captured  = "proxy --streamer --capture -"
	// endless is a command that does not end by itself.
	endless = `trap "" TERM; echo up >&2; while :; do sleep 1000; done`
)

// endCells returns everything that the table shows.
func endCells() []endCell {
	var cells []endCell
	add := func(end string, steps func(*ending, []string), commands ...string) {
		for _, c := range commands {
			cells = append(cells, endCell{command: c, end: end, steps: steps})
		}
	}
	printers := []string{"pull", "sub", "req", "rep --echo", "router", "dealer", "pair", "xpub", "xsub"}
	queuers := []string{"push", "dealer", "pair"}
	all := append([]string{"push", "pub", "proxy --streamer", "bench --serve --types push:pull"}, printers...)
	add("it has done what it was asked for", doneBy("-n", "1"), append([]string{"push", "pub"}, printers...)...)
	add("it has done what it was asked for", func(x *ending, args []string) { x.start(false, append(args, "-n", "10")...) }, benchHere)
	add("the same, and the reader of stdout leaves at once", readOnce("-n", "1"), printers...)
	add("the same, and the reader of stdout leaves at once", readOnce("-n", "10"), benchHere)
	add("the same, and the reader of stdout leaves at once", readOnce("-n", "1"), "pull --exec cat")
	add("its input and all its replies, and the reader of stdout leaves at once", func(x *ending, args []string) {
		x.start(false, args...)
		_, err := x.stdin.WriteString("[\"x\"]\n")
		x.try(errors.Join(err, x.stdin.Close()))
		x.talk(1)
		_, err = x.lines.ReadString('\n')
		x.try(errors.Join(err, x.stdout.Close()))
	}, "req", "rep")
	add("the reader of stdout leaves in the middle", readOnce(), "pull", "sub", "rep --echo", "router", "dealer", "pair", "xpub", "xsub", captured)
	add("--timeout", alone("-t", "50ms"), append([]string{"push", "pub"}, printers...)...)
	add("--idle", alone("--idle", "50ms"), "pull", "sub", "rep --echo", "router", "dealer", "pair", "xpub", "xsub")
	add("SIGTERM", calm(syscall.SIGTERM), all...)
	add("SIGINT", calm(syscall.SIGINT), all...)
	add("SIGHUP", calm(syscall.SIGHUP), "push", "pull", "rep --echo", "proxy --streamer")
	add("SIGQUIT", calm(syscall.SIGQUIT), "push", "pull", "rep --echo", "proxy --streamer")
	add("SIGHUP, and what is queued cannot leave", queued("600", syscall.SIGHUP), queuers...)
	add("SIGTERM, and nobody reads stdout", unread("200ms", syscall.SIGTERM), append(printers, captured)...)
	add("SIGTERM, then SIGINT, and nobody reads stdout", unread("600", syscall.SIGTERM, syscall.SIGINT), append(printers, captured)...)
	add("SIGTERM, and nobody reads stderr", func(x *ending, args []string) {
		x.start(true, append(args, "-v", "-l", "200ms")...)
		// It is stuck before it has bound, or has a file: it catches signals before
		// that.
		x.await("its handlers", x.catches)
		x.signal(syscall.SIGTERM)
	}, "push", "pull", "rep --echo", "proxy --streamer")
	add("SIGTERM, and nobody reads the FIFO of --events", func(x *ending, args []string) {
		x.start(false, append(args, "-l", "200ms", "--events", "fifo")...)
		x.awaitFile()
		x.signal(syscall.SIGTERM)
	}, "push", "pull", "proxy --streamer")
	add("SIGTERM, and nobody reads the FIFO of --endpoint-file", func(x *ending, args []string) {
		args[len(args)-1] = "fifo"
		x.start(false, append(args, "-v")...)
		x.hears("listening")
		x.signal(syscall.SIGTERM)
	}, "push", "pull", "proxy --streamer")
	add("SIGTERM, and what is queued cannot leave", queued("200ms", syscall.SIGTERM), queuers...)
	add("SIGTERM, then SIGINT, and what is queued cannot leave", queued("600", syscall.SIGTERM, syscall.SIGINT), queuers...)
	add("SIGTERM twice at once, and what is queued cannot leave", func(x *ending, args []string) {
		queued("300ms")(x, args)
		x.try(x.cmd.Process.Signal(syscall.SIGTERM))
		x.signal(syscall.SIGTERM)
	}, queuers...)
	add("SIGTERM, and what came cannot go on", passing("200ms", syscall.SIGTERM), "proxy --streamer")
	add("SIGTERM, then SIGINT, and what came cannot go on", passing("600", syscall.SIGTERM, syscall.SIGINT), "proxy --streamer")
	add("TERMINATE, and what came cannot go on", func(x *ending, args []string) {
		passing("200ms")(x, append(args, "--control", "./control"))
		control := x.peer(sockets.Req, "control")
		x.try(control.Send(x.ctx, frames.Strings("TERMINATE")))
		_, err := control.Recv(x.ctx)
		x.try(err)
	}, "proxy --streamer")
	add("the end of its input, and nobody comes within the linger", func(x *ending, args []string) {
		x.start(false, append(args, "-l", "200ms", "-c", "./nobody", "x")...)
	}, "push", "pub --wait-subs 0")
	add("the end of its input, before the first request", func(x *ending, args []string) {
		x.start(false, args...)
		x.try(x.stdin.Close())
	}, "rep")
	add("SIGTERM, and its command does not end", busy("200ms", syscall.SIGTERM), "rep --exec", "pull --exec", "rep --filter")
	add("SIGTERM, then SIGINT, and its command does not end", busy("600", syscall.SIGTERM, syscall.SIGINT), "rep --exec", "pull --exec", "rep --filter")
	return cells
}

// withFrame gives a command that begins the conversation a message to begin with.
func withFrame(args []string) []string {
	switch args[0] {
	case "push", "pub", "req":
		return append(args, "hello")
	}
	return args
}

// alone runs a command to which nobody comes.
func alone(flags ...string) func(*ending, []string) {
	return func(x *ending, args []string) { x.start(false, withFrame(append(args, flags...))...) }
}

// doneBy lets a command do what it is for.
func doneBy(flags ...string) func(*ending, []string) {
	return func(x *ending, args []string) {
		x.start(false, withFrame(append(args, flags...))...)
		x.talk(1)
	}
}

// readOnce makes the reader of stdout leave as soon as it has something.
func readOnce(flags ...string) func(*ending, []string) {
	return func(x *ending, args []string) {
		x.start(false, withFrame(append(args, flags...))...)
		if args[0] == "proxy" {
			x.peer(sockets.Pull, "back")
		}
		if args[0] != "bench" {
			x.talk(1)
		}
		_, err := x.lines.ReadByte()
		x.try(errors.Join(err, x.stdout.Close()))
	}
}

// calm ends a command in which nothing is under way.
func calm(all ...syscall.Signal) func(*ending, []string) {
	return func(x *ending, args []string) {
		x.start(false, args...)
		x.awaitFile()
		x.signal(all...)
	}
}

// unread ends a command that is stuck in a write to stdout.
func unread(linger string, all ...syscall.Signal) func(*ending, []string) {
	return func(x *ending, args []string) {
		x.start(false, withFrame(append(args, "-v", "-l", linger))...)
		if args[0] == "proxy" {
			x.peer(sockets.Pull, "back")
		}
		x.talk(200 << 10)
		x.await("output", func() bool {
			n, err := unix.IoctlGetInt(int(x.stdout.Fd()), unix.TIOCINQ)
			return err == nil && n > 0
		})
		x.signal(all...)
	}
}

// queued ends a command that has taken a message for a peer that does not come.
func queued(linger string, all ...syscall.Signal) func(*ending, []string) {
	return func(x *ending, args []string) {
		x.start(false, append(args, "-c", "./nobody", "-vvv", "-l", linger)...)
		_, err := x.stdin.WriteString("[\"x\"]\n")
		x.try(err)
		x.hears("sent [")
		x.signal(all...)
	}
}

// passing ends a proxy that has taken a message for a back that does not come.
func passing(linger string, all ...syscall.Signal) func(*ending, []string) {
	return func(x *ending, args []string) {
		x.start(false, append(args, "-v", "-l", linger, "--metrics", ":0")...)
		x.talk(1)
		x.await("a message", func() bool { return strings.Contains(x.metrics(), `waiting_messages{side="front"} 1`) })
		x.signal(all...)
	}
}

// busy ends a command whose own command goes on.
func busy(linger string, all ...syscall.Signal) func(*ending, []string) {
	return func(x *ending, args []string) {
		x.start(false, append(args, "-v", "-l", linger)...)
		if args[1] == "--exec" {
			x.talk(1)
		}
		x.hears("up\n")
		x.signal(all...)
	}
}
