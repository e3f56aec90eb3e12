//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// flat is the most memory that either end of a long transfer may take, in KiB.
// The input of the test is several times as large.
const flat = 40 << 10

// TestMillionLines sends a million messages of two frames from a file through
// push and pull into a file, which has to be the same, in memory that does not
// grow with it.
func TestMillionLines(t *testing.T) {
	bin := plainBinary(t)
	random := rand.NewChaCha8([32]byte{1})
	formats := map[string]func(i int) string{
		"json": func(i int) string { return fmt.Sprintf(`["key-%07d","%s"]`, i, strings.Repeat("x", 75)) },
		"hex": func(i int) string {
			frame := make([]byte, 50)
			_, _ = random.Read(frame) // it never fails
			return hex.EncodeToString(frame[:i%20]) + strings.Repeat("-", 1-min(1, i%20)) + " " + hex.EncodeToString(frame[20:])
		},
	}
	for format, line := range formats {
		dir, err := os.MkdirTemp("/tmp", "zcat") // a path that fits a socket's name
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		in := filepath.Join(dir, "in")
		writeLines(t, in, line)
		for _, endpoint := range []string{"tcp://127.0.0.1:*", "ipc://" + filepath.Join(dir, "socket")} {
			scheme, _, _ := strings.Cut(endpoint, ":")
			t.Run(format+"/"+scheme, func(t *testing.T) { transfer(t, bin, format, endpoint, in) })
		}
	}
}

// plainBinary builds zcat without the race detector, which would multiply the memory that is
// measured.
func plainBinary(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "zcat")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

func writeLines(t *testing.T, name string, line func(i int) string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range 1000000 {
		_, _ = w.WriteString(line(i) + "\n") // Flush tells
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// transfer sends the file in through bin's push and pull and compares. Both are
// kept alive at the end to ask for the most memory that they had: what wait4
// reports of a child begins with the memory of its parent.
func transfer(t *testing.T, bin, format, endpoint, in string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	dir := t.TempDir()
	output, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = output.Close() }()
	where := filepath.Join(dir, "endpoint")
	pull := exec.CommandContext(ctx, bin, "pull", "-q", "-f", format, "-b", endpoint, "--endpoint-file", where)
	pull.Stdout, pull.Stderr = output, os.Stderr
	if err := pull.Start(); err != nil {
		t.Fatal(err)
	}
	push := exec.CommandContext(ctx, bin, "push", "-f", format, "-c", awaitLine(ctx, t, where))
	push.Stderr = os.Stderr
	stdin, err := push.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := push.Start(); err != nil {
		t.Fatal(err)
	}
	size := pour(t, in, stdin)
	await(ctx, t, "all of the output", func() bool {
		info, err := output.Stat()
		return err == nil && info.Size() >= size
	})
	for _, cmd := range []*exec.Cmd{push, pull} {
		if used := peak(t, cmd.Process.Pid); used > flat {
			t.Errorf("%s took %d KiB of memory, more than %d", cmd.Args[1], used, flat)
		}
	}
	_ = stdin.Close() // Wait tells
	if err := push.Wait(); err != nil {
		t.Errorf("push: %v", err)
	}
	_ = pull.Process.Signal(syscall.SIGTERM) // Wait tells
	if err := pull.Wait(); pull.ProcessState.ExitCode() != 143 {
		t.Errorf("pull: %v", err)
	}
	if out, err := exec.CommandContext(ctx, "cmp", in, output.Name()).CombinedOutput(); err != nil {
		t.Errorf("what came out is not what went in: %s", out)
	}
}

// pour writes the file in to w and returns its size.
func pour(t *testing.T, in string, w io.Writer) int64 {
	t.Helper()
	f, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	size, err := io.Copy(w, f)
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// peak returns the most memory that a process has had so far, in KiB.
func peak(t *testing.T, pid int) int {
	t.Helper()
	return memory(t, pid, "VmHWM:")
}

// memory returns what proc_pid_status(5) has for a process under a name, in KiB.
func memory(t *testing.T, pid int, name string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), name)
	kib := 0
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		t.Fatalf("%v in %s", err, status)
	}
	return kib
}

// awaitLine waits for a file of one line and returns that.
func awaitLine(ctx context.Context, t *testing.T, name string) string {
	t.Helper()
	var text []byte
	await(ctx, t, name, func() bool {
		var err error
		text, err = os.ReadFile(name)
		return err == nil
	})
	return strings.TrimSpace(string(text))
}

func await(ctx context.Context, t *testing.T, what string, there func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !there() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("%s did not come", what)
		}
	}
}
