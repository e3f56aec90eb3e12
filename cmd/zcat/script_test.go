//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/zcat/zcat/cmd/zcat/internal/packets/packetstest"
)

// patience bounds every wait of a script, so that a test which goes wrong ends
// by itself. It is long because it must not measure the machine.
const patience = 60 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(hangUpCaught{m}, map[string]func(){
		"zcat": func() { os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// hangUpCaught runs the tests so that what they start acts on SIGHUP, also under
// nohup: a signal that is ignored stays so over exec, one that is caught does not.
type hangUpCaught struct{ tests *testing.M }

func (h hangUpCaught) Run() int {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	return h.tests.Run()
}

// TestScript runs the promises of the command line, a file for each theme. Beside
// testscript's own commands the scripts have these:
//
//	exits STATUS CMD...         run CMD, which must end with this very status
//	start NAME [<FILE] [VAR=VALUE...] CMD...
//	                            run CMD beside the script; stdin is FILE or open
//	libzmq NAME TYPE...         start libzmq's socket, see scripts/peers/peer.py
//	feed NAME LINE...           write lines to the stdin of NAME
//	eof NAME                    end the stdin of NAME
//	sees NAME stdout|stderr [-count=N] RE
//	                            wait until RE matches (N times) what NAME wrote
//	signal INT|TERM|... NAME    send NAME a signal
//	finish NAME STATUS          wait until NAME ends, with this very status
//	endpoint VAR                set VAR to an endpoint on which nobody listens
//	endpoint VAR FILE [N]       wait for FILE and set VAR to its line N (1)
//	waitfile FILE               wait for FILE
//
// A status is that of a shell: 128 and the number of the signal for a process
// that died of one. exits and finish leave the output to stdout, stderr and cmp.
func TestScript(t *testing.T) { runScripts(t, "../../testdata/script") }

// TestProxyThroughFilter runs the scripts of proxies with cat between the sides: nobody
// may see a difference, also where they end with another status. Only what cannot be
// passed on is told of in other words: it is the filter then that sends it.
func TestProxyThroughFilter(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"proxy", "capture", "curve", "paths", "summary"} {
		text, err := os.ReadFile("../../testdata/script/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		through := regexp.MustCompile(`(?m)^(start .*|exits [0-9]+ .*)zcat proxy `).ReplaceAllString(string(text), "${1}zcat proxy --filter cat ")
		if err := os.WriteFile(filepath.Join(dir, name+"-filter.txtar"), []byte(through), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runScripts(t, dir)
}

// runScripts runs the scripts of a folder.
func runScripts(t *testing.T, dir string) {
	t.Helper()
	peer, err := filepath.Abs("../../scripts/peers/peer.py")
	if err != nil {
		t.Fatal(err)
	}
	benchPeer, err := filepath.Abs("../../scripts/peers/bench.py")
	if err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(t.TempDir(), "queue.pcap")
	if err := os.WriteFile(capture, queueCapture(), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                dir,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PEER", peer)
			env.Setenv("CAPTURE", capture)
			env.Setenv("BENCHPEER", benchPeer)
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each zcat takes a second to exit
			env.Values[jobsKey{}] = &jobs{env: env.Vars, byName: map[string]*job{}}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    guarded(2, "exits STATUS CMD...", exits),
			"start":    guarded(2, "start NAME [<FILE] CMD...", start),
			"libzmq":   guarded(2, "libzmq NAME TYPE...", libzmq),
			"feed":     guarded(2, "feed NAME LINE...", feed),
			"eof":      guarded(1, "eof NAME", eof),
			"sees":     guarded(3, "sees NAME stdout|stderr [-count=N] REGEXP", sees),
			"signal":   guarded(2, "signal SIGNAL NAME", sendSignal),
			"finish":   guarded(2, "finish NAME STATUS", finish),
			"endpoint": guarded(1, "endpoint VAR [FILE [LINE]]", endpoint),
			"waitfile": guarded(1, "waitfile FILE", func(ts *testscript.TestScript, args []string) { awaitFile(ts, args[0]) }),
		},
	})
}

// guarded returns f with a guard against too few arguments and a `!` in front.
func guarded(least int, usage string, f func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < least {
			ts.Fatalf("usage: %s", usage)
		}
		f(ts, args)
	}
}

func exits(ts *testscript.TestScript, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	got := 0
	if exit != nil {
		got = shellStatus(exit.ProcessState)
	}
	wantStatus(ts, got, args[0])
}

// shellStatus returns the exit status that a shell would show.
func shellStatus(state *os.ProcessState) int {
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return state.ExitCode()
}

func wantStatus(ts *testscript.TestScript, got int, want string) {
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit status is %d, want %s", got, want)
	}
}

// endpoint sets a variable to a line of an endpoint file, or to an endpoint on
// which nobody listens.
func endpoint(ts *testscript.TestScript, args []string) {
	value := ""
	if len(args) == 1 {
		value = "tcp://127.0.0.1:" + freePort()
	} else {
		line := 1
		if len(args) > 2 {
			var err error
			line, err = strconv.Atoi(args[2])
			ts.Check(err)
		}
		lines := strings.Split(awaitFile(ts, args[1]), "\n")
		if len(lines) <= line { // the last newline leaves an empty line
			ts.Fatalf("%s has no line %d: %q", args[1], line, lines)
		}
		value = lines[line-1]
	}
	ts.Setenv(args[0], value)
	jobsOf(ts).env = append(jobsOf(ts).env, args[0]+"="+value)
}

// awaitFile waits until a file is there and returns its content.
func awaitFile(ts *testscript.TestScript, name string) string {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); ; {
		text, err := os.ReadFile(ts.MkAbs(name))
		if err == nil {
			return string(text)
		}
		select {
		case <-again.C:
		case <-late:
			ts.Fatalf("no file %s came", name)
		}
	}
}

// queueCapture is a packet capture of two requests to a ROUTER, and of the replies.
func queueCapture() []byte {
	c := packetstest.New(packetstest.Links()["Ethernet"])
	n := c.Connect("127.0.0.1:41234", "127.0.0.1:5555")
	n.Handshake("REQ", "ROUTER")
	for _, body := range []string{"one", "two"} {
		n.Send(0, packetstest.Message("", body))
		n.Send(1, packetstest.Message("", "reply to "+body))
	}
	return c.Bytes
}
