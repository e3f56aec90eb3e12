//go:build linux

package faults

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zcat/zcat/scripts/ports"
)

// process is a program that runs in a room.
type process struct {
	t      *testing.T
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	speech *transcript   // stderr
	read   chan struct{} // closed when all of stdout has been read
	ended  chan struct{} // closed at the end of the process
}

// sink takes the lines of a process's stdout.
type sink func(line []byte)

// start runs argv in a room; its stdout goes to out, line by line.
func start(t *testing.T, r *room, out sink, argv ...string) *process {
	t.Helper()
	p := prepareProcess(t, argv...)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.launch(r)
	go func() {
		eachLine(stdout, out)
		close(p.read)
		_ = p.cmd.Wait() // its error is the status, which end looks at
		close(p.ended)
	}()
	return p
}

// startInto runs argv with a file as its stdout.
func startInto(t *testing.T, r *room, out *os.File, argv ...string) *process {
	t.Helper()
	p := prepareProcess(t, argv...)
	p.cmd.Stdout = out
	p.launch(r)
	close(p.read)
	go func() {
		_ = p.cmd.Wait() // as above
		close(p.ended)
	}()
	return p
}

func prepareProcess(t *testing.T, argv ...string) *process {
	t.Helper()
	p := &process{t: t, name: filepath.Base(argv[0]), speech: newTranscript(), read: make(chan struct{}), ended: make(chan struct{})}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Stderr = p.speech
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	return p
}

func (p *process) launch(r *room) {
	p.t.Helper()
	var err error
	r.run(func() { err = p.cmd.Start() })
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		<-p.ended
		if said, _ := p.speech.read(); p.t.Failed() {
			p.t.Logf("[%s]\n%s", strings.Join(p.cmd.Args, " "), said)
		}
	})
}

// eachLine gives the lines of r to out.
func eachLine(r io.Reader, out sink) {
	var rest []byte
	for buf := make([]byte, 1<<18); ; {
		n, err := r.Read(buf)
		rest = append(rest, buf[:n]...)
		for {
			line, behind, found := bytes.Cut(rest, []byte("\n"))
			if !found {
				break
			}
			out(line)
			rest = behind
		}
		rest = append(buf[:0:0], rest...)
		if err != nil {
			return
		}
	}
}

// signal sends a signal to the process and what it has started.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
		p.t.Fatal(err)
	}
}

// end waits for the end and returns the status as a shell shows it.
func (p *process) end() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%s did not end", strings.Join(p.cmd.Args, " "))
	}
	if w, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// kill ends the process without warning.
func (p *process) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.end()
}

// wantStatus ends the test unless the process ends with this status.
func (p *process) wantStatus(want int) {
	p.t.Helper()
	if got := p.end(); got != want {
		p.t.Fatalf("%s: status %d, want %d", strings.Join(p.cmd.Args, " "), got, want)
	}
}

// says waits until stderr matches a pattern, for the nth time, and returns the
// match.
func (p *process) says(pattern string, nth int) []string {
	p.t.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	late := time.After(patience)
	for ended := false; ; {
		text, changed := p.speech.read()
		if found := re.FindAllStringSubmatch(text, nth); len(found) == nth {
			return found[nth-1]
		}
		if ended {
			p.t.Fatalf("%s ended without saying %q", p.name, pattern)
		}
		select {
		case <-changed:
		case <-p.ended:
			ended = true
		case <-late:
			p.t.Fatalf("%s did not say %q", p.name, pattern)
		}
	}
}

// feed writes to stdin. An error means that the process did not take the text.
func (p *process) feed(text string) error {
	_, err := io.WriteString(p.stdin, text)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		return io.EOF
	}
	return err
}

// transcript keeps what a process writes and tells when there is more of it.
type transcript struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed by the next write
}

func newTranscript() *transcript { return &transcript{changed: make(chan struct{})} }

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.changed)
	t.changed = make(chan struct{})
	return t.text.Write(p)
}

func (t *transcript) read() (text string, changed <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String(), t.changed
}

// freeEndpoint returns an endpoint on which nobody listens, and which no other program
// gets as long as the test runs.
func freeEndpoint(t *testing.T) string {
	t.Helper()
	held, release, err := ports.Hold()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return fmt.Sprint("tcp://127.0.0.1:", held)
}

// until waits for a condition to become true.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); !condition(); {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("%s did not come", what)
		}
	}
}
