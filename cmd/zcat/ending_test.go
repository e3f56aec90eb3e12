//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// ending is a command that is about to end, in a directory of its own.
type ending struct {
	t     *testing.T
	bin   string
	dir   string
	ctx   context.Context //nolint:containedctx // of one test
	cmd   *exec.Cmd
	ended chan struct{}

	stdin, stdout *os.File // our ends of them
	lines         *bufio.Reader
	said          *transcript
	heard         chan struct{} // closed at the end of stderr
	clean         []func()
}

func newEnding(t *testing.T, bin string) *ending {
	t.Helper()
	x := &ending{t: t, bin: bin, said: newTranscript(), ended: make(chan struct{}), heard: make(chan struct{})}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	dir, err := os.MkdirTemp("/tmp", "z") // a path that fits a socket's name
	x.ctx, x.dir, x.clean = ctx, dir, append(x.clean, cancel, func() { _ = os.RemoveAll(dir) })
	x.try(err)
	x.try(syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	return x
}

// try fails the test, which goes on with other endings.
func (x *ending) try(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Errorf("%v: %v\n%s", x.cmd, err, x.said)
	}
}

// clear takes away what a test needed.
func (x *ending) clear() {
	if x.cmd != nil {
		_ = syscall.Kill(-x.cmd.Process.Pid, syscall.SIGKILL) // it has ended, unless the test failed
		<-x.ended
	}
	for i := len(x.clean) - 1; i >= 0; i-- {
		x.clean[i]()
	}
}

// start starts the command. Where deaf is set nobody reads its stderr, and the pipe
// is full.
func (x *ending) start(deaf bool, args ...string) {
	x.t.Helper()
	x.cmd = exec.CommandContext(x.ctx, x.bin, args...)
	x.cmd.Dir, x.cmd.SysProcAttr = x.dir, &syscall.SysProcAttr{Setpgid: true}
	pipe := func() (r, w *os.File) {
		r, w, err := os.Pipe()
		x.try(err)
		x.clean = append(x.clean, func() { _ = errors.Join(r.Close(), w.Close()) }) // also twice
		return r, w
	}
	in, stdin := pipe()
	stdout, out := pipe()
	stderr, errs := pipe()
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = in, out, errs
	x.stdin, x.stdout, x.lines = stdin, stdout, bufio.NewReader(stdout)
	if deaf {
		x.fill(errs)
	}
	x.try(x.cmd.Start())
	for _, f := range []*os.File{in, out, errs} {
		_ = f.Close() // the command has it
	}
	go func() {
		_ = x.cmd.Wait() // its status is looked at
		close(x.ended)
	}()
	go func() {
		defer close(x.heard)
		if deaf {
			<-x.ended
		}
		_, _ = io.Copy(x.said, stderr) // its end is the command's
	}()
}

// fill fills a pipe.
func (x *ending) fill(w *os.File) {
	raw, err := w.SyscallConn()
	x.try(err)
	x.try(raw.Control(func(fd uintptr) {
		flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
		x.try(err)
		_, err = unix.FcntlInt(fd, unix.F_SETFL, flags|unix.O_NONBLOCK)
		x.try(err)
		for err == nil {
			_, err = unix.Write(int(fd), make([]byte, 4096))
		}
		for err = nil; err == nil; {
			_, err = unix.Write(int(fd), []byte{'x'})
		}
		_, err = unix.FcntlInt(fd, unix.F_SETFL, flags&^unix.O_NONBLOCK)
		x.try(err)
	}))
}

// awaitFile waits until the endpoints are known.
func (x *ending) awaitFile() {
	x.t.Helper()
	x.await("the file", func() bool {
		_, err := os.Stat(filepath.Join(x.dir, "endpoint"))
		return err == nil
	})
}

func (x *ending) await(what string, there func() bool) {
	x.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !there() {
		select {
		case <-again.C:
		case <-x.ended:
			if !there() {
				x.try(errors.New("it ended before there was " + what))
			}
			return
		case <-x.ctx.Done():
			x.try(errors.New("there was never " + what))
			return
		}
	}
}

// hears waits until the command has written something to stderr.
func (x *ending) hears(text string) {
	x.t.Helper()
	x.await(text, func() bool { return strings.Contains(x.said.String(), text) })
}

// metrics returns the address of a proxy's metrics, "" as long as it has not
// reported it.
func (x *ending) metrics() string {
	url := regexp.MustCompile(`http://\S+`).FindString(x.said.String())
	if url == "" {
		return ""
	}
	request, err := http.NewRequestWithContext(x.ctx, http.MethodGet, url, nil)
	x.try(err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(response.Body)
	x.try(errors.Join(err, response.Body.Close()))
	return string(text)
}

// catches reports whether the command catches SIGTERM.
func (x *ending) catches() bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(x.cmd.Process.Pid) + "/status")
	x.try(err)
	_, rest, _ := strings.Cut(string(text), "SigCgt:\t")
	mask, err := strconv.ParseUint(strings.TrimSpace(rest[:min(len(rest), 16)]), 16, 64)
	return err == nil && mask&(1<<(syscall.SIGTERM-1)) != 0
}

// peer is a socket that is connected to the command's.
func (x *ending) peer(kind sockets.Type, name string) *sockets.Socket {
	x.t.Helper()
	x.awaitFile()
	s, err := sockets.New(kind, func(o *sockets.Options) { o.Linger = 0 })
	x.try(err)
	x.try(s.Connect("ipc://" + filepath.Join(x.dir, name)))
	x.clean = append(x.clean, func() { _ = s.Close() }) // what it has queued is of no use
	return s
}

// partners are the socket types that talk with a command, so that it prints
// something.
var partners = map[string]sockets.Type{
	"pull": sockets.Push, "sub": sockets.Pub, "req": sockets.Rep, "rep": sockets.Req, "router": sockets.Dealer,
	"dealer": sockets.Dealer, "pair": sockets.Pair, "xpub": sockets.Sub, "xsub": sockets.Pub,
	"push": sockets.Pull, "pub": sockets.Sub, "proxy": sockets.Push, "bench": sockets.Push,
}

// talk makes a partner send what lets the command print a message of so many bytes.
func (x *ending) talk(size int) {
	x.t.Helper()
	name := x.cmd.Args[1]
	s, m := x.peer(partners[name], "front"), frames.Strings(strings.Repeat("x", size))
	switch name {
	case "push", "pub":
		if name == "pub" {
			x.try(s.Subscribe(nil))
		}
		_, err := s.Recv(x.ctx)
		x.try(err)
		return
	case "req":
		_, err := s.Recv(x.ctx)
		x.try(err)
	case "sub", "xsub":
		if name == "xsub" {
			_, err := x.stdin.WriteString(`["\u0001"]` + "\n")
			x.try(err)
		}
		x.try(s.WaitSubscribers(x.ctx, 1, nil))
	case "xpub":
		x.try(s.Subscribe(m[0]))
		return
	}
	x.try(s.Send(x.ctx, m))
}

// signal sends signals, each once the one before was handled, which takes -v.
func (x *ending) signal(all ...syscall.Signal) {
	x.t.Helper()
	for i, sig := range all {
		x.try(x.cmd.Process.Signal(sig))
		if i+1 < len(all) {
			x.hears(sig.String() + ": ending")
		}
	}
}

// finish waits for the end, and returns the status and what was written to stderr.
// Nothing may be left behind.
func (x *ending) finish() (status int, said string) {
	x.t.Helper()
	select {
	case <-x.ended:
	case <-x.ctx.Done():
		x.try(errors.New("it does not end"))
		return status, said
	}
	<-x.heard
	for _, name := range []string{"endpoint", "front", "back", "control"} {
		if _, err := os.Lstat(filepath.Join(x.dir, name)); err == nil {
			x.try(errors.New(name + " is left behind"))
		}
	}
	if info, err := os.Lstat(filepath.Join(x.dir, "fifo")); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		x.try(errors.New("the FIFO is gone"))
	}
	return shellStatus(x.cmd.ProcessState), x.inWords()
}

// telling matches the lines that are about the end, and not about connections.
var telling = regexp.MustCompile(`received and|unsent|lost|dropped|not sent|handshake|not written|not captured|within|ended|empty`)

// inWords returns what was reported of the end.
func (x *ending) inWords() string {
	var lines []string
	for line := range strings.Lines(x.said.String()) {
		line = strings.TrimSuffix(strings.TrimPrefix(line, "zcat: "), "\n")
		line = regexp.MustCompile(`\d+ events? not`).ReplaceAllString(line, "N events not")
		line = regexp.MustCompile(`message \d+, from .*: it`).ReplaceAllString(line, "message 1, from PEER: it")
		line = regexp.MustCompile(`the handshake with \S+ failed: .*`).ReplaceAllString(line, "the handshake with PEER failed")
		if telling.MatchString(line) && !strings.HasPrefix(line, "{") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return "-"
	}
	return "`" + strings.Join(lines, "`, `") + "`"
}
