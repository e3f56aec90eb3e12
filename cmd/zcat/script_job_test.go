//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// job is a process that runs beside its script.
type job struct {
	cmd            *exec.Cmd
	stdin          io.WriteCloser // nil where it is a file
	stdout, stderr *transcript
	ended          chan struct{} // closed at the end of the process
}

// jobs are those of one script.
type jobs struct {
	env    []string
	byName map[string]*job
}

// jobsKey finds the *jobs among a script's values.
type jobsKey struct{}

func jobsOf(ts *testscript.TestScript) *jobs { return ts.Value(jobsKey{}).(*jobs) }

func jobOf(ts *testscript.TestScript, name string) *job {
	j := jobsOf(ts).byName[name]
	if j == nil {
		ts.Fatalf("nothing was started as %q", name)
	}
	return j
}

func start(ts *testscript.TestScript, args []string) {
	name, args := args[0], args[1:]
	if jobsOf(ts).byName[name] != nil {
		ts.Fatalf("%q is running", name)
	}
	input, fromFile := strings.CutPrefix(args[0], "<")
	if fromFile {
		args = args[1:]
	}
	// env sets variables, finds the command on the script's PATH and becomes it.
	cmd := exec.Command("/usr/bin/env", args...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = jobsOf(ts).env
	// A group of its own lets the end of the script kill what the job started.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	j := &job{cmd: cmd, stdout: newTranscript(), stderr: newTranscript(), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = j.stdout, j.stderr
	if fromFile {
		f, err := os.Open(ts.MkAbs(input))
		ts.Check(err)
		defer func() { _ = f.Close() }()
		cmd.Stdin = f
	} else {
		w, err := cmd.StdinPipe()
		ts.Check(err)
		j.stdin = w
	}
	ts.Check(cmd.Start())
	go func() {
		// Its error is the exit status, which finish looks at.
		_ = cmd.Wait()
		close(j.ended)
	}()
	jobsOf(ts).byName[name] = j
	ts.Defer(func() {
		// A process that is no longer there needs no killing.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-j.ended
		ts.Logf("[%s]\n[stdout]\n%s[stderr]\n%s", name, j.stdout, j.stderr)
	})
}

func libzmq(ts *testscript.TestScript, args []string) {
	command := append([]string{args[0]}, "/usr/bin/python3", ts.Getenv("PEER"))
	if strings.HasPrefix(args[1], "<") {
		command = append([]string{args[0], args[1]}, command[1:]...)
		args = args[1:]
	}
	start(ts, append(command, args[1:]...))
}

func feed(ts *testscript.TestScript, args []string) {
	// All at once: what depends on a second must not depend on this process, too.
	_, err := io.WriteString(jobOf(ts, args[0]).stdin, strings.Join(args[1:], "\n")+"\n")
	ts.Check(err)
}

func eof(ts *testscript.TestScript, args []string) {
	ts.Check(jobOf(ts, args[0]).stdin.Close())
}

func sees(ts *testscript.TestScript, args []string) {
	j := jobOf(ts, args[0])
	stream := j.stdout
	if args[1] == "stderr" {
		stream = j.stderr
	}
	pattern, times := args[2], 1
	if number, counts := strings.CutPrefix(pattern, "-count="); counts && len(args) > 3 {
		var err error
		times, err = strconv.Atoi(number)
		ts.Check(err)
		pattern = args[3]
	}
	re, err := regexp.Compile("(?m)" + pattern)
	ts.Check(err)
	late := time.After(patience)
	for ended := false; ; {
		text, changed := stream.read()
		switch {
		case len(re.FindAllStringIndex(text, times)) == times:
			return
		case ended:
			ts.Fatalf("%s ended, and %s has no match for %#q", args[0], args[1], pattern)
		}
		select {
		case <-changed:
		case <-j.ended:
			ended = true
		case <-late:
			ts.Fatalf("%s of %s has no match for %#q", args[1], args[0], pattern)
		}
	}
}

func sendSignal(ts *testscript.TestScript, args []string) {
	number, known := map[string]syscall.Signal{
		"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL,
		"STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT,
	}[args[0]]
	if !known {
		ts.Fatalf("unknown signal %s", args[0])
	}
	ts.Check(jobOf(ts, args[1]).cmd.Process.Signal(number))
}

func finish(ts *testscript.TestScript, args []string) {
	j := jobOf(ts, args[0])
	select {
	case <-j.ended:
	case <-time.After(patience):
		ts.Fatalf("%s did not end", args[0])
	}
	_, _ = io.WriteString(ts.Stdout(), j.stdout.String()) // a buffer
	_, _ = io.WriteString(ts.Stderr(), j.stderr.String())
	delete(jobsOf(ts).byName, args[0])
	wantStatus(ts, shellStatus(j.cmd.ProcessState), args[1])
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

func (t *transcript) String() string {
	text, _ := t.read()
	return text
}
