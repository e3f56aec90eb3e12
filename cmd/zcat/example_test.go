//go:build linux

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/help"
)

// company is what the example in a command's help needs around it: commands at the
// other end, what it or they then print, and whether it ends by itself. An example
// that is not listed needs no other and ends well.
type company struct {
	others []string
	prints string
	stays  bool
}

func companies() map[string]company {
	return map[string]company{
		"req":        {[]string{"rep -b tcp://127.0.0.1:5555 --echo"}, `(?m)^\["hello"\]$`, false},
		"rep":        {[]string{"req -c tcp://127.0.0.1:5555 hello"}, `(?m)^\["hello"\]$`, true},
		"router":     {[]string{"req -c tcp://127.0.0.1:5555 hello"}, `(?m)^\[.*,"","hello"\]$`, true},
		"dealer":     {[]string{"rep -b tcp://127.0.0.1:5555 --echo"}, `(?m)^\["","hello"\]$`, false},
		"pub":        {[]string{"sub -c tcp://127.0.0.1:5556 -s news"}, `(?m)^\["news","hello all"\]$`, false},
		"sub":        {[]string{"pub -b tcp://127.0.0.1:5556 --wait-subs 1 news 'hello all'"}, `(?m)^\["news","hello all"\]$`, false},
		"push":       {[]string{"pull -b tcp://127.0.0.1:5557"}, `(?m)^\["hello"\]$`, false},
		"pull":       {[]string{"push -c tcp://127.0.0.1:5557 hello"}, `(?m)^\["hello"\]$`, false},
		"pair":       {[]string{"pair -b ipc:///tmp/talk --echo"}, `(?m)^\["hello"\]$`, false},
		"xpub":       {[]string{"sub -c tcp://127.0.0.1:5556 -s A"}, `(?m)^\["\\u0001A"\]$`, true},
		"xsub":       {[]string{"pub -b tcp://127.0.0.1:5556 --wait-subs 1 news"}, `(?m)^6e657773$`, true},
		"stream":     {[]string{"stream -c tcp://127.0.0.1:8080 -o connect_routing_id=it --idle 0.5 it hello"}, `(?m)^\[.*,"hello"\]$`, true},
		"client":     {[]string{"server -b tcp://127.0.0.1:5555 --echo"}, `(?m)^\["hello"\]$`, false},
		"server":     {[]string{"client -c tcp://127.0.0.1:5555 hello"}, `(?m)^\[{"hex":"[0-9a-f]{8}"},"hello"\]$`, true},
		"radio":      {[]string{"dish -c tcp://127.0.0.1:5556 --join news"}, `(?m)^\["news","hello all"\]$`, false},
		"dish":       {[]string{"radio -b tcp://127.0.0.1:5556 --wait-subs 1 news 'hello all'"}, `(?m)^\["news","hello all"\]$`, false},
		"scatter":    {[]string{"gather -b tcp://127.0.0.1:5557"}, `(?m)^\["hello"\]$`, false},
		"gather":     {[]string{"scatter -c tcp://127.0.0.1:5557 hello"}, `(?m)^\["hello"\]$`, false},
		"peer":       {[]string{"peer -c tcp://127.0.0.1:5555"}, `"event":"joined".*"id":{"hex":"[0-9a-f]{8}"}`, true},
		"channel":    {[]string{"channel -b ipc:///tmp/talk --echo"}, `(?m)^\["hello"\]$`, false},
		"proxy":      {[]string{"rep -c tcp://127.0.0.1:5556 --echo", "req -c tcp://127.0.0.1:5555 hello"}, `(?m)^\["hello"\]$`, true},
		"hub":        {[]string{"req -c tcp://127.0.0.1:5555 hello"}, `(?m)^\["hello"\]$`, true},
		"probe":      {[]string{"router -b tcp://127.0.0.1:5555"}, `"socket_type":"ROUTER"`, false},
		"replay":     {[]string{"rep -b tcp://127.0.0.1:5555 --echo"}, `(?m)^\["hello"\]$`, false},
		"show":       {nil, `\[id\] hello`, false},
		"completion": {nil, `complete -F _zcat zcat`, false},
		"man":        {nil, `\.Nm zcat push`, false},
	}
}

// The example of every command's help is run as it stands, except for its
// endpoints, which are files of its own.
func TestExamples(t *testing.T) {
	for _, w := range commands("zcat").List() {
		t.Run(w.Name, func(t *testing.T) {
			t.Parallel()
			runExample(t, w.Example, companies()[w.Name])
		})
	}
}

func runExample(t *testing.T, example string, c company) {
	t.Helper()
	dir, err := os.MkdirTemp("", "zcat")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	recording := `{"time":"2026-11-22T09:00:00.000000000Z","peer":"","from":"front","frames":["id","","hello"]}` + "\n"
	write(t, filepath.Join(dir, "traffic.jsonl"), recording)
	out := newTranscript()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, other := range c.others {
		startShell(ctx, t, dir, other, out)
	}
	ended := startShell(ctx, t, dir, example, out)
	want := regexp.MustCompile(c.prints)
	for {
		text, changed := out.read()
		if want.MatchString(text) {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("zcat %s: printed %q, want %#q", example, text, c.prints)
		}
	}
	if c.stays {
		return
	}
	select {
	case status := <-ended:
		if status != 0 {
			t.Errorf("zcat %s: status %d\n%s", example, status, out)
		}
	case <-ctx.Done():
		t.Errorf("zcat %s does not end", example)
	}
}

// startShell has a shell start zcat in dir, and returns a channel for its status.
// It ends with the test.
func startShell(ctx context.Context, t *testing.T, dir, line string, out io.Writer) <-chan int {
	t.Helper()
	line = regexp.MustCompile(`tcp://127\.0\.0\.1:|ipc:///tmp/`).ReplaceAllString(line, "ipc://./")
	line = regexp.MustCompile(` :(\d)`).ReplaceAllString(line, " ipc://./$1")
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", "exec zcat "+line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "LC_ALL=C.UTF-8")
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	// A file that is open: an input that never ends.
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // its error is the status
		ended <- shellStatus(cmd.ProcessState)
	}()
	t.Cleanup(func() {
		_ = in.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-done
	})
	return ended
}

// The README names every command, and the help of each has its example.
func TestReadmeNamesEveryCommand(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range commands("zcat").List() {
		if !strings.Contains(string(text), "`"+w.Name+"`") {
			t.Errorf("README.md does not name %s", w.Name)
		}
		if w.Example == "" || !strings.HasPrefix(w.Example, w.Name+" ") || !strings.Contains(help.For(w), w.Example) {
			t.Errorf("the help of %s has no example of it: %q", w.Name, w.Example)
		}
	}
}
