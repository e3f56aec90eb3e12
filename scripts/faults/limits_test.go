//go:build linux

package faults

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// memory returns the most memory that a process has had so far, in KiB.
func memory(t *testing.T, p *process) int {
	t.Helper()
	return status(t, p, "VmHWM:")
}

// status returns a number from /proc/PID/status.
func status(t *testing.T, p *process, field string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), field)
	n := 0
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return n
}

// TestFullDisk lets stdout run full: what is there is the beginning of what was
// sent, and the status and a sentence tell why it ends.
func TestFullDisk(t *testing.T) {
	const size, sent = 500, 4000
	t.Run("dev/full", func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		defer func() { _ = full.Close() }()
		bound := freeEndpoint(t)
		pull := startInto(t, home, full, with(zcat, "pull", "-b", bound)...)
		start(t, home, func([]byte) {}, with(zcat, "push", "-c", bound, "hello")...)
		pull.wantStatus(1)
		pull.says(`writing stdout: .*no space left on device`, 1)
	})
	t.Run("tmpfs", func(t *testing.T) {
		needRoot(t, "a small disk")
		dir := t.TempDir()
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
			t.Skip(err)
		}
		defer func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }()
		out, err := os.Create(filepath.Join(dir, "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = out.Close() }()
		bound := freeEndpoint(t)
		n := newCount(t, size)
		push := start(t, home, n.taker(), slices.Concat(with(zcat, "push", "-b", bound, "-l", "0"), buffers)...)
		pull := startInto(t, home, out, slices.Concat(with(zcat, "pull", "-c", bound, "--hwm", strconv.Itoa(hwm)), buffers)...)
		go func() {
			for i := range sent {
				_ = push.feed(n.line(lone, i) + "\n") // what is not taken was not sent
			}
		}()
		pull.wantStatus(1)
		pull.says(`writing stdout: .*no space left on device`, 1)
		written, err := os.ReadFile(out.Name())
		if err != nil {
			t.Fatal(err)
		}
		take := n.taker()
		whole := written[:bytes.LastIndexByte(written, '\n')+1]
		for line := range bytes.Lines(whole) {
			take(bytes.TrimSuffix(line, []byte("\n")))
		}
		if cut := string(written[len(whole):]); !strings.HasPrefix(n.line(lone, n.total()), cut) {
			t.Errorf("what was written last is %q", cut)
		}
		if yes, _ := n.has(n.total() - 1); !yes {
			t.Error("something is missing between what was written")
		}
		if len(written) != 256<<10 {
			t.Errorf("%d bytes written, the disk has %d", len(written), 256<<10)
		}
		n.check(row{
			order: 500, fault: "disk full on stdout", between: "PUSH to PULL", promise: "what is written is whole and in order; status 1 and a sentence",
			measured: fmt.Sprintf("%d bytes written", len(written)),
		}, n.total(), 0)
		push.kill()
	})
}

// TestDescriptorsRunOut lets a ROUTER run out of file descriptors: the peers that
// it has go on, newcomers wait, and get in once others leave.
func TestDescriptorsRunOut(t *testing.T) {
	const limit, crowd = 40, 60
	router := start(t, home, func([]byte) {}, with([]string{"prlimit", fmt.Sprintf("--nofile=%d:%d", limit, limit)},
		with(zcat, "router", "-b", "tcp://127.0.0.1:*", "--echo")...)...)
	bound := router.says(`listening on (\S+)`, 1)[1]
	var dealers []*sockets.Socket
	dial := func() {
		s, err := sockets.New(sockets.Dealer, func(o *sockets.Options) { o.Linger = 0 })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // a second time for some
		if err := s.Connect(bound); err != nil {
			t.Fatal(err)
		}
		dealers = append(dealers, s)
	}
	n := newCount(t, 100)
	take := n.taker()
	sent := 0
	trip := func(s *sockets.Socket) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		text := n.line(lone, sent)
		sent++
		if err := s.Send(ctx, frames.Message{[]byte(text)}); err != nil {
			t.Fatal(err)
		}
		m, err := s.Recv(ctx)
		if err != nil {
			t.Fatal(err)
		}
		take(m[0])
	}
	dial()
	trip(dealers[0])
	for range crowd {
		dial()
	}
	router.says(`accepting on .* failed: .*too many open files`, 1)
	for range 100 {
		trip(dealers[0])
	}
	in := 0
	for _, s := range dealers {
		if s.Stats().Peers > 0 {
			in++
		}
	}
	for _, s := range dealers[1 : crowd-10] {
		_ = s.Close() // which makes room
	}
	for _, s := range dealers[crowd-10:] {
		trip(s) // all of those get in
	}
	trip(dealers[0])
	n.check(row{
		order: 510, fault: fmt.Sprintf("file descriptors run out (%d for %d peers)", limit, crowd+1), between: "DEALER and ROUTER",
		promise: "the peers that are there go on, newcomers wait", measured: fmt.Sprintf("%d peers connected at the limit", in),
	}, sent, 0)
	router.signal(syscall.SIGTERM)
	router.wantStatus(143)
}
