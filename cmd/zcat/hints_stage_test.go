//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/retype"
)

// stage is where hints run: a directory of their own, and ports that nobody has.
type stage struct {
	dir   string
	names map[string]string // the replacements on this stage
	env   []string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "zcat") // short enough for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, text := range map[string]string{
		"message.txt": "hello\n", "lines.json": `["hello"]` + "\n", "message.bin": `["hello"]` + "\n", "password": "secret\n",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	// The commands that the table runs, whether they are installed or not.
	for _, name := range []string{"jq", "uptime"} {
		path := filepath.Join(dir, name)
		write(t, path, "#!/bin/sh\nexec cat\n")
		if err := os.Chmod(path, 0o755); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	return &stage{
		dir: dir, names: map[string]string{},
		env: append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "HOME="+dir, "ZCAT_FOR=0.05", "ZCAT_WAIT_SUBS=1"),
	}
}

// offered returns the hint for a line, on the stage.
func (s *stage) offered(t *testing.T, typed string) string {
	t.Helper()
	words := shellWords(t, s.set(typed))
	_, lines := retype.Retyped(commands(words[0]), words[1:], false)
	if len(lines) == 0 {
		t.Fatalf("%s: nothing is offered", typed)
	}
	return s.set(lines[0])
}

var (
	portOnStage = regexp.MustCompile(`\b(5555|5556|5557|4222|6379|9092|1883|8080|1234)\b`)
	timeOnStage = regexp.MustCompile(`((?:-w|-W|--max-time|--timeout|--reply-timeout|--recv-timeout|BRPOP jobs) )(\d+)(s?)\b`)
	fileOnStage = regexp.MustCompile(`/tmp/zcat\.sock|/home/joe/zcat\.sock`)
)

// set puts a line on the stage.
func (s *stage) set(line string) string {
	line = regexp.MustCompile(`\b(a|b|h|broker):(\d+)`).ReplaceAllStringFunc(line, func(host string) string {
		name, port, _ := strings.Cut(host, ":")
		return "127.0.0.1:" + s.port(name+port)
	})
	line = portOnStage.ReplaceAllStringFunc(line, s.port)
	line = timeOnStage.ReplaceAllString(line, "${1}${2}00${3}")
	return fileOnStage.ReplaceAllString(strings.ReplaceAll(line, "@zcat", "@"+filepath.Base(s.dir)), s.dir+"/zcat.sock")
}

// port returns the free port that stands for another.
func (s *stage) port(name string) string {
	if s.names[name] == "" {
		s.names[name] = freePort()
	}
	return s.names[name]
}

// actor is a hint that runs.
type actor struct {
	line string
	cmd  *exec.Cmd
	errs bytes.Buffer
	done chan struct{}

	mu    sync.Mutex
	out   bytes.Buffer
	moved chan struct{} // closed and made anew when out grows
}

func (a *actor) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.moved)
	a.moved = make(chan struct{})
	return a.out.Write(p)
}

// start runs a line in a shell; its stdin has input, and then ends.
func (s *stage) start(t *testing.T, line, input string) *actor {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	a := &actor{line: line, done: make(chan struct{}), moved: make(chan struct{})}
	a.cmd = exec.CommandContext(ctx, "/bin/sh", "-c", line)
	a.cmd.Dir, a.cmd.Env, a.cmd.Stdin = s.dir, s.env, strings.NewReader(input)
	a.cmd.Stdout, a.cmd.Stderr = a, &a.errs
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	a.cmd.Cancel = func() error { return syscall.Kill(-a.cmd.Process.Pid, syscall.SIGKILL) }
	if err := a.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() {
		defer close(a.done)
		_ = a.cmd.Wait() // its error is the status
	}()
	t.Cleanup(func() { cancel(); <-a.done })
	return a
}

// sees waits until text was printed.
func (a *actor) sees(t *testing.T, text string) {
	t.Helper()
	for {
		a.mu.Lock()
		found, moved := strings.Contains(a.out.String(), text), a.moved
		a.mu.Unlock()
		if found {
			return
		}
		select {
		case <-moved:
		case <-a.done:
			a.mu.Lock()
			defer a.mu.Unlock()
			if !strings.Contains(a.out.String(), text) {
				t.Fatalf("%s\nended with %d and printed %q, without %q; said %q", a.line, shellStatus(a.cmd.ProcessState), &a.out, text, &a.errs)
			}
			return
		}
	}
}

// stop ends a command that goes on by itself.
func (a *actor) stop(t *testing.T) {
	t.Helper()
	_ = syscall.Kill(-a.cmd.Process.Pid, syscall.SIGTERM) // it may have ended
	<-a.done
	if got := shellStatus(a.cmd.ProcessState); got != 0 && got != 143 {
		t.Errorf("%s: status %d, said %q", a.line, got, &a.errs)
	}
}

// ends waits for the end, which has to be a success.
func (a *actor) ends(t *testing.T) {
	t.Helper()
	<-a.done
	if got := shellStatus(a.cmd.ProcessState); got != 0 {
		t.Errorf("%s: status %d, said %q", a.line, got, &a.errs)
	}
}

// shellPrints returns what a line prints in a shell.
func shellPrints(t *testing.T, line string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", line).Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return string(out)
}
