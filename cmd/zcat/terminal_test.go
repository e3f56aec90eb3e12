//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/prompt"
	"github.com/zcat/zcat/pkg/sockets"
	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal with a zcat at its other end.
type terminal struct {
	t            *testing.T
	keys, device *os.File // what a person has, and what the program has
	usual        unix.Termios
	seen         *transcript
	cmd          *exec.Cmd
	ended        chan struct{}
}

// newTerminal opens a pseudo-terminal, 80 columns wide.
func newTerminal(t *testing.T) *terminal {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals: ", err)
	}
	number, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	device, err := os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err == nil {
		err = unix.IoctlSetWinsize(int(device.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	}
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, keys: keys, device: device, seen: newTranscript(), ended: make(chan struct{})}
	x.usual = x.mode()
	go func() {
		// It ends when the terminal is closed.
		_, _ = io.Copy(x.seen, keys)
	}()
	t.Cleanup(func() {
		if x.cmd != nil {
			_ = x.cmd.Process.Kill() // what has ended needs no killing
			<-x.ended
		}
		_ = errors.Join(device.Close(), keys.Close())
		if t.Failed() {
			t.Logf("seen: %q", x.seen)
		}
	})
	return x
}

func (x *terminal) mode() unix.Termios {
	x.t.Helper()
	mode, err := unix.IoctlGetTermios(int(x.device.Fd()), unix.TCGETS)
	if err != nil {
		x.t.Fatal(err)
	}
	return *mode
}

// start runs zcat. A stream that set does not replace is the terminal.
func (x *terminal) start(set func(*exec.Cmd), args ...string) {
	x.t.Helper()
	x.cmd = exec.Command("zcat", args...)
	x.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TERM=xterm", "NO_COLOR=", "COLUMNS=", "LC_ALL=C.UTF-8")
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = x.device, x.device, x.device
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}
	if set != nil {
		set(x.cmd)
	}
	if err := x.cmd.Start(); err != nil {
		x.t.Fatal(err)
	}
	go func() {
		_ = x.cmd.Wait() // its error is the status, which ends looks at
		close(x.ended)
	}()
}

// types presses keys.
func (x *terminal) types(keys string) {
	x.t.Helper()
	if _, err := x.keys.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// sees waits until the terminal was sent what matches.
func (x *terminal) sees(pattern string) {
	x.t.Helper()
	re := regexp.MustCompile(pattern)
	for late := time.After(patience); ; {
		text, changed := x.seen.read()
		if re.MatchString(text) {
			return
		}
		select {
		case <-changed:
		case <-late:
			x.t.Fatalf("no match for %q in %q", pattern, text)
		}
	}
}

// ends waits for the end of zcat, which must have this status and have left the
// terminal as it was.
func (x *terminal) ends(status int) {
	x.t.Helper()
	select {
	case <-x.ended:
	case <-time.After(patience):
		x.t.Fatal("zcat did not end")
	}
	if got := shellStatus(x.cmd.ProcessState); got != status {
		x.t.Errorf("status %d, want %d", got, status)
	}
	if mode := x.mode(); mode != x.usual {
		x.t.Errorf("the terminal is left as %+v, was %+v", mode, x.usual)
	}
}

// ownEndpoint is an endpoint of the test's own.
func ownEndpoint(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("@%d-%s", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-"))
}

// zcatPrints runs a command that is not on the terminal and returns its stdout.
func zcatPrints(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "zcat", args...)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "LC_ALL=C.UTF-8")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, &errs)
	}
	return string(out)
}

// A terminal is shown view in colour, a pipe gets json.
func TestTerminalShowsView(t *testing.T) {
	t.Parallel()
	at := ownEndpoint(t)
	x := newTerminal(t)
	x.start(nil, "rep", "--bind", at, "--echo", "--count", "1")
	if got := zcatPrints(t, "req", "--connect", at, "hello"); got != "[\"hello\"]\n" {
		t.Errorf("a pipe gets %q", got)
	}
	x.ends(0)
	x.sees("\x1b\\[2m\\d\\d:\\d\\d:\\d\\d.\\d{3} from \x1b\\[0m\x1b\\[1mipc://@.*\x1b\\[0m\r\n  body \x1b\\[2m│ \x1b\\[0mhello\r\n")
}

// Each of these is another reason for no colour, or for no view.
func TestTerminalSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags, env []string
		want       string
	}{
		"NO_COLOR":      {nil, []string{"NO_COLOR=1"}, `^\d\d:.* from .*\r\n    id │ me\r\n    -- ├─ delimiter \(empty\)\r\n  body │ hello\r\n$`},
		"dumb":          {nil, []string{"TERM=dumb"}, `^\d\d:.*\r\n    id │ me\r\n`},
		"never":         {[]string{"--color", "never"}, nil, `^\d\d:.*\r\n    id │ me\r\n`},
		"always":        {[]string{"--color=always"}, []string{"NO_COLOR=1"}, "\x1b\\[36mid\x1b\\[0m"},
		"json":          {[]string{"-J"}, nil, `^\["me","","hello"\]\r\n$`},
		"environment":   {nil, []string{"ZCAT_OUT=hex"}, `^6d65 - 68656c6c6f\r\n$`},
		"meta":          {[]string{"--meta"}, nil, `^\{"time":.*"frames":\["me","","hello"\]\}\r\n$`},
		"columns":       {nil, []string{"COLUMNS=35", "NO_COLOR=1"}, `^\d\d:.* from .{17}\r\n`},
		"view, asked":   {[]string{"--out", "view", "--color", "never"}, nil, `  body │ hello\r\n$`},
		"both ways, -f": {[]string{"-f", "view", "--color", "never"}, nil, `  body │ hello\r\n$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := ownEndpoint(t)
			at = strings.NewReplacer(",", "", "_", "").Replace(at)
			x := newTerminal(t)
			args := append([]string{"router", "--bind", at, "--echo", "--count", "1", "-q"}, c.flags...)
			x.start(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, c.env...) }, args...)
			zcatPrints(t, "req", "--connect", at, "--identity", "me", "hello")
			x.ends(0)
			x.sees("(?s)" + strings.ReplaceAll(c.want, ".*", "[^\r]*"))
		})
	}
}

// What a peer sends does not steer the terminal, on stdout and on stderr.
func TestTerminalTakesNoOrders(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"view": `│ \\x1b\[2J\\x1b\]0;title\\a \\u202e \\u009b31m\r\n`,
		"text": `\n\\x1b\[2J\\x1b\]0;title\\a \\u202e \\u009b31m\r\n`,
		"json": `\n\["\\u001b\[2J\\u001b\]0;title\\u0007 \\u202e \\u009b31m"\]\r\n`,
		"hex":  `1b5b324a1b5d303b`,
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			takesNoOrders(t, want, "--out", format)
		})
	}
	t.Run("records", func(t *testing.T) {
		t.Parallel()
		takesNoOrders(t, `"frames":\["\\u001b\[2J.* \\u202e \\u009b31m"\]\}\r\n`, "--meta")
	})
}

const orders = "\x1b[2J\x1b]0;title\a \u202e \u009b31m"

func takesNoOrders(t *testing.T, want string, flags ...string) {
	t.Helper()
	at := ownEndpoint(t)
	x := newTerminal(t)
	x.start(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "NO_COLOR=1") },
		append([]string{"rep", "--bind", at, "--echo", "--count", "1", "-vvv"}, flags...)...)
	zcatPrints(t, "req", "--connect", at, orders)
	x.ends(0)
	x.sees(want)
	for _, r := range x.seen.String() {
		if r < ' ' && r != '\r' && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
			t.Errorf("%U reached the terminal", r)
		}
	}
}

// Nor do records, whoever prints them.
func TestTerminalTakesNoOrdersOfRecords(t *testing.T) {
	t.Parallel()
	const want = `\["\\u001b\[2J.* \\u202e \\u009b31m"\]\}?\r+\n`
	file := filepath.Join(t.TempDir(), "records")
	record := `{"frames":["` + strings.NewReplacer("\x1b", `\u001b`, "\a", `\u0007`).Replace(orders) + "\"]}\n"
	if err := os.WriteFile(file, []byte(record), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args   []string // @ is an endpoint to push to
		status int
	}{
		"hub":       {[]string{"hub", "a=pull --bind @"}, 130},
		"hub and -": {[]string{"hub", "a=pull --bind @", "-", "--filter", `sed -u 's/^{/{"to":"-",/'`}, 130},
		"capture":   {[]string{"proxy", "--streamer", "@", "@-", "--capture", "-", "--out", "json"}, 130},
		"show":      {[]string{"show", "--out", "json", file}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := ownEndpoint(t)
			x := newTerminal(t)
			for i, word := range c.args {
				c.args[i] = strings.ReplaceAll(word, "@", at)
			}
			x.start(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "NO_COLOR=1") }, c.args...)
			if name == "capture" {
				taken := exec.CommandContext(t.Context(), "zcat", "pull", "--connect", at+"-", "--count", "1")
				if err := taken.Start(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = taken.Wait() }) // its end is another test's
			}
			if c.status != 0 {
				zcatPrints(t, "push", "--connect", at, orders)
			}
			x.sees(want)
			if c.status != 0 {
				x.types("\x03")
			}
			x.ends(c.status)
			for _, order := range []string{"\x1b[2J", "\x1b]", "\a", "\u202e", "\u009b"} { // a prompt has some of ours
				if strings.Contains(x.seen.String(), order) {
					t.Errorf("%q reached the terminal", order)
				}
			}
		})
	}
}

// What arrives while a line is edited appears above it, and the line goes on.
func TestPrompt(t *testing.T) {
	t.Parallel()
	at := ownEndpoint(t)
	peer := newTerminal(t)
	x := newTerminal(t)
	peer.start(nil, "pair", "--bind", at, "-J")
	x.start(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "NO_COLOR=1") }, "pair", "--connect", at)
	peer.sees("> $")
	x.sees("> $")
	x.types("hal")
	x.sees("> hal$")
	peer.types("[\"in between\"]\r")
	x.sees("> hal\r\x1b\\[K[^\r]*\\d\\d:[^\r]*\r\r\n  body │ in between\r\r\n> hal$")
	x.types("\x7fllo\x01\x05\tworld\r") // a mistake, to the beginning, to the end
	peer.sees(`\["hallo","world"\]`)
	x.types("\x1b[A\r") // once more
	peer.sees(`(?s)\["hallo","world"\].*\["hallo","world"\]`)
	x.types(strings.Repeat("x", 100) + "\r")
	peer.sees(`\["x{100}"\]`)
	peer.types("no json\r")
	peer.sees("stdin, line 2[^\r]*skipped")
	peer.types("[\"still there\"]\r")
	x.sees("│ still there")
	x.types("日本") // as wide as four
	x.sees("> 日本$")
	peer.types("[\"wide\"]\r")
	x.sees("> 日本\r\x1b\\[K[^\r]*\\d\\d:[^\r]*\r\r\n  body │ wide\r\r\n> 日本$")
	x.types("\x7f\x7f\x04") // the end of the input is none of the conversation
	x.sees("\r\x1b\\[K$|\x1b\\[2D\x1b\\[K$")
	peer.types("[\"and now\"]\r")
	x.sees("│ and now")
	x.types("\x03")
	x.ends(130)
	peer.types("half a line\x03")
	peer.ends(130)
}

// However zcat ends, the terminal is as it was.
// The prompt of a ROUTER takes peers as they are shown: by a short name, or by their id.
func TestPromptOfARouter(t *testing.T) {
	at := ownEndpoint(t)
	x := newTerminal(t)
	x.start(nil, "router", "--bind", at)
	reply := func(request, typed, want string) {
		t.Helper()
		got := make(chan string, 1)
		go func() {
			out, err := exec.Command("zcat", "req", "--connect", at, "--identity", "me", request, "--timeout", "30").CombinedOutput()
			got <- fmt.Sprint(string(out), err)
		}()
		x.sees("(?s)from .*@1 .*" + regexp.QuoteMeta(at) + ".*" + request)
		x.types(typed)
		if out := <-got; out != want+"\n<nil>" {
			t.Errorf("%q: %q", typed, out)
		}
	}
	reply("first", "@7 nobody\r@1 a reply\r", `["a reply"]`)
	x.sees("no peer @7 has sent anything yet")
	reply("second", "hex:6d65\t\ttyped\r", `["typed"]`)
	x.types("\x03")
	x.ends(130)
}

func TestPromptRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args   []string
		do     func(*terminal, string)
		status int
	}{
		"end of input": {[]string{"push"}, func(x *terminal, _ string) { x.types("\x04") }, 0},
		"interrupt":    {[]string{"push"}, func(x *terminal, _ string) { x.types("half\x03") }, 130},
		"two signals": {[]string{"push", "--linger", "60"}, func(x *terminal, _ string) {
			x.types("queued\r")
			x.sees("queued\r+\n> $")
			x.types("\x03")
			x.sees("ending; another signal")
			<-time.After(life.SameSignal) // sooner, it is the same one
			x.types("\x03")
		}, 130},
		"terminate": {[]string{"dealer"}, func(x *terminal, _ string) {
			if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				x.t.Error(err)
			}
		}, 143},
		"hang-up": {[]string{"dealer"}, func(x *terminal, _ string) {
			if err := x.cmd.Process.Signal(syscall.SIGHUP); err != nil {
				x.t.Error(err)
			}
		}, 128 + int(syscall.SIGHUP)},
		"timeout": {[]string{"dealer", "--timeout", "0.1"}, func(*terminal, string) {}, 124},
		"count": {[]string{"router", "--count", "1"}, func(x *terminal, at string) {
			zcatPrints(x.t, "dealer", "--connect", at, "--idle", "0.01", "hello")
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := strings.NewReplacer(" ", "", "_", "").Replace(ownEndpoint(t))
			x := newTerminal(t)
			x.start(nil, append(c.args, "--bind", at, "-v")...)
			if c.status != 124 {
				x.sees("> $")
				x.sees("listening")
			}
			c.do(x, at)
			x.ends(c.status)
		})
	}
}

// A shell that stops zcat finds its terminal as it was, and the line is there
// again when it goes on.
func TestPromptSurvivesAStop(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.start(nil, "push", "--bind", ownEndpoint(t))
	x.sees("listening") // which draws the prompt again, too
	x.types("half")
	x.sees("> half$")
	for range 2 {
		before := len(x.seen.String())
		if err := x.cmd.Process.Signal(syscall.SIGTSTP); err != nil {
			t.Fatal(err)
		}
		x.until("stopped", func() bool {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", x.cmd.Process.Pid))
			return err == nil && bytes.Contains(stat, []byte(") T "))
		})
		if x.mode() != x.usual {
			t.Error("the shell would find the keys coming one by one")
		}
		if err := x.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		x.until("redrawn", func() bool {
			return strings.Contains(x.seen.String()[before:], "> half")
		})
	}
	x.types("\x03")
	x.ends(130)
}

// A terminal that was restored stays so, though a stop ends at the same time.
func TestModeEnds(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	mode, err := prompt.Enter(x.device)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(mode.Leave(), mode.Again()); err != nil || x.mode() == x.usual {
		t.Errorf("after a stop the keys come in lines: %v", err)
	}
	if err := errors.Join(mode.End(), mode.Again()); err != nil || x.mode() != x.usual {
		t.Errorf("the terminal is left as %+v, was %+v: %v", x.mode(), x.usual, err)
	}
}

// until waits for what is done outside of the terminal.
func (x *terminal) until(what string, is func() bool) {
	x.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); !is(); {
		select {
		case <-again.C:
		case <-late:
			x.t.Fatalf("not %s", what)
		}
	}
}

// Beside a pipe, whose reader may write to the terminal too, there is no prompt.
// When that reader leaves zcat ends as ever.
func TestNoPromptBesideAPipe(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x.start(func(cmd *exec.Cmd) { cmd.Stdout = w }, "dealer", "--bind", ownEndpoint(t), "-v")
	x.sees("listening")
	if err := errors.Join(w.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	x.ends(141)
	if strings.Contains(x.seen.String(), "> ") {
		t.Errorf("%q", x.seen)
	}
}

// Where stdin is a terminal but nothing is edited, nothing is drawn.
func TestNoPrompt(t *testing.T) {
	t.Parallel()
	at := ownEndpoint(t)
	for _, env := range []string{"TERM=dumb", "ZCAT_IN=raw"} {
		x := newTerminal(t)
		x.start(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, env, "NO_COLOR=1") }, "push", "--connect", at, "--linger", "0", "-v")
		x.sees("connecting")
		x.types("\x03")
		x.ends(130)
		if strings.Contains(x.seen.String(), "> ") {
			t.Errorf("%s: %q", env, x.seen)
		}
	}
}

// A transfer from a file to a terminal says how far it is, until it is done.
func TestProgress(t *testing.T) {
	t.Parallel()
	at := ownEndpoint(t)
	sink := newTerminal(t)
	sink.start(func(cmd *exec.Cmd) { cmd.Stdin = nil }, "pull", "--bind", at, "-q")
	x := newTerminal(t)
	var input io.WriteCloser
	x.start(func(cmd *exec.Cmd) {
		cmd.Stdin = nil
		var err error
		if input, err = cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
	}, "push", "--connect", at)
	feed := func(line string) {
		if _, err := io.WriteString(input, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	feed(`["0123456789"]`)
	x.sees("sent 1 message, 12 B")
	feed("no json")
	// A report stands on a line of its own, and in the end no progress is left.
	x.sees("\r\x1b\\[K[^\r]*zcat:[^\r]* stdin, line 2[^\r]*\r\nsent 1 message")
	x.ends(1)
	x.sees("\r\x1b\\[K$")
	if strings.Contains(sink.seen.String(), "received") {
		t.Errorf("said -q: %q", sink.seen)
	}
}

// A person who waits for a peer that is not there learns why nothing comes, and why
// the end does not come; a script does not.
func TestTerminalSaysWhatIsWaitedFor(t *testing.T) {
	t.Parallel()
	none := "ipc://" + t.TempDir() + "/none"
	x := newTerminal(t)
	x.start(nil, "push", "--connect", none)
	x.sees(`no peer so far: ipc://.*/none: no such file or directory: still trying`)
	x.types("hello\r")
	x.sees("hello[\r\n]+> $")
	x.types("\x03")
	x.sees(`sending what is left, up to 10s \(--linger\): Ctrl-C again ends that`)
	x.types("\x03")
	x.ends(130)
}

// What the screen promises about Ctrl-C at a lingering end is what happens.
func TestTerminalKeepsItsPromise(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.start(nil, "push", "--connect", "ipc://"+t.TempDir()+"/none", "--linger", "600")
	x.types("hello\r")
	x.sees("hello[\r\n]+> $")
	x.types("\x04")
	x.sees(`sending what is left, up to 10m0s \(--linger\): Ctrl-C twice ends that`)
	x.types("\x03")
	x.sees(`sending what is left, up to 10m0s \(--linger\): Ctrl-C again ends that`)
	<-time.After(life.SameSignal) // sooner, it is the same one
	x.types("\x03")
	x.ends(130)
	x.sees("1 message left unsent")
}

// Who watches a proxy or a hub sees its peers and rates, reports above them, and at the end
// what passed; who does not watch is told what to ask for.
func TestTop(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"proxy": {"proxy", "FRONT", "BACK"},
		"hub":   {"hub", "asks=router -b FRONT", "work=dealer -b BACK", "--filter", `jq -c --unbuffered 'del(.peer, .endpoint) | .to = {asks: "work", work: "asks"}[.from]'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front, back := ownEndpoint(t)+"f", ownEndpoint(t)+"b"
			line := slices.Clone(args)
			for i := range line {
				line[i] = strings.NewReplacer("FRONT", front, "BACK", back).Replace(line[i])
			}
			x := newTerminal(t)
			x.start(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "NO_COLOR=1", "COLUMNS=100", "LINES=20") }, append(line, "--top")...)
			x.sees(`socket +peers +in/s +out/s +MB/s +waiting +queued +dropped\r\n(front|asks) ROUTER +0 +- +- +- +0 +0 +0\r\n(back|work) DEALER +0 `)
			worker := exec.Command("zcat", "rep", "--connect", back, "--echo")
			if err := worker.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = worker.Wait() }() // of its signal
			defer func() { _ = worker.Process.Signal(syscall.SIGTERM) }()
			x.sees(`(back|work) DEALER +1 .*[\r\n]+socket +peer +owes +asks +oldest +waiting +queued +in/s +out/s[^\r]*\r\n(back|work) +ipc://` + regexp.QuoteMeta(back) + ` +0 +0 +- +0 +0`)
			if got := zcatPrints(t, "req", "--connect", front, "--timeout", "30", "hello"); got != "[\"hello\"]\n" {
				t.Errorf("%q", got)
			}
			x.types("\x03")
			x.ends(130)
			x.sees(`\x1b\[\dA\x1b\[J(\x1b\[33m)?zcat:[^\r]* 1 message, `)
			cmd := exec.Command("zcat", append(line, "--top")...)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "--top draws on a terminal") || !strings.Contains(string(out), "--stats 1\n") {
				t.Errorf("without a terminal: %v, %s", err, out)
			}
		})
	}
}

// A worker that keeps a client waiting is seen, and the client.
func TestTopShowsWhoIsSlow(t *testing.T) {
	t.Parallel()
	front, back := ownEndpoint(t)+"f", ownEndpoint(t)+"b"
	x := newTerminal(t)
	x.start(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "NO_COLOR=1", "COLUMNS=120", "LINES=20") }, "proxy", front, back, "--top")
	worker, err := sockets.New(sockets.Rep)
	if err == nil {
		err = worker.Connect("ipc://" + back)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = worker.Close() }() // nothing is queued
	client := exec.Command("zcat", "req", "--connect", front, "--timeout", "60", "hello")
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Wait() }() // its status is looked at elsewhere
	x.sees(`\r\nback +ipc://\S+ +1 +0 +[1-9]\S*s +0 +0 +0 +0 +0 +1\r\nfront +(?:ipc://\S+ )?hex:\S+ +0 +1 +[1-9]\S*s +0 +0 +0 +0 +1 +0`)
	m, err := worker.Recv(t.Context())
	if err == nil {
		err = worker.Send(t.Context(), m)
	}
	if err != nil {
		t.Fatal(err)
	}
	x.sees(`\r\nback +ipc://\S+ +0 +0 +- +0 +0 +\d +\d +1 +1\r`)
	x.types("\x03")
	x.ends(130)
}

// Records are not typed into what --top draws.
func TestTopOfWhatIsTyped(t *testing.T) {
	t.Parallel()
	at := ownEndpoint(t)
	x := newTerminal(t)
	x.start(nil, "hub", "r=router -b "+at, "--top")
	x.sees(`--top draws on the terminal, where records cannot be typed[^<]*</dev/null`)
	x.ends(2)
	x = newTerminal(t)
	x.start(nil, "hub", "p=push -b "+at, "--top") // which nothing to send would end at once
	x.sees(`--top draws on the terminal, where records cannot be typed[^<]*<records`)
	x.ends(2)
	x = newTerminal(t)
	x.start(nil, "hub", "p=pull -b "+at, "--top") // it would end at what is no record
	x.sees(`--top draws on the terminal, where records cannot be typed[^<]*</dev/null`)
	x.ends(2)
	x = newTerminal(t)
	x.start(func(cmd *exec.Cmd) { cmd.Stdin = nil }, "hub", "r=router -b "+at, "--top")
	x.sees(`r ROUTER +0 `)
	x.types("\x03")
	x.ends(130)
}

// Messages that are printed on the same terminal stand above what --top draws, and after a
// stop, in which a shell has written, that is drawn again below.
func TestTopBesideMessages(t *testing.T) {
	t.Parallel()
	front, back := ownEndpoint(t)+"f", ownEndpoint(t)+"b"
	for name, args := range map[string][]string{
		"proxy": {"proxy", front, back, "--streamer", "--capture", "-", "--out", "json"},
		"hub":   {"hub", "in=pull -b " + front + "hub"},
	} {
		t.Run(name, func(t *testing.T) { topBesideMessages(t, name, front, back, args) })
	}
}

func topBesideMessages(t *testing.T, name, front, back string, args []string) {
	t.Helper()
	x := newTerminal(t)
	x.start(func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "NO_COLOR=1", "COLUMNS=100", "LINES=20")
		if name == "hub" {
			cmd.Stdin = nil // records are not typed beside --top
		}
	}, append(args, "--top")...)
	x.sees(`dropped\r\n[^\r]* PULL `)
	if name == "proxy" {
		worker := exec.Command("zcat", "pull", "--connect", back, "--count", "1")
		if err := worker.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = worker.Wait() }() // the message is what ends it
	}
	zcatPrints(t, "push", "--connect", front+strings.TrimPrefix(name, "proxy"), "hello")
	x.sees(`0\r\x1b\[\dA\x1b\[J\{"time":[^\r]*"hello"\]\}\r\nsocket `)
	before := len(x.seen.String())
	if err := x.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	x.until("stopped", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", x.cmd.Process.Pid))
		return err == nil && bytes.Contains(stat, []byte(") T "))
	})
	if err := x.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	x.until("drawn below", func() bool { return strings.Contains(x.seen.String()[before-1:], "0socket ") })
	x.types("\x03")
	x.ends(130)
}

// Whoever watches is told where each type listens, and what a proxy or a hub has passed on
// when Ctrl-C ends it; a script is not.
func TestTerminalSaysWhatHappens(t *testing.T) {
	t.Parallel()
	for _, kind := range sockets.Types() {
		name := strings.ToLower(kind.String())
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := ownEndpoint(t)
			args := []string{name, "--bind", at}
			switch has := kind.Traits(); {
			case has.Joins:
				args = append(args, "--join", "group")
			case has.Answers:
				args = append(args, "--echo")
			}
			x := newTerminal(t)
			x.start(nil, args...)
			x.sees("listening on ipc://" + regexp.QuoteMeta(at) + "\r")
			x.types("\x03")
			x.ends(130)
		})
	}
	for name, c := range map[string]struct{ line, total string }{
		"proxy":    {"proxy FRONT BACK", "front to back: 0 messages, 0 bytes; back to front: 0 messages, 0 bytes"},
		"streamer": {"proxy FRONT BACK --streamer", "front to back: 0 messages, 0 bytes"},
		"hub":      {"hub a=pull|-b|FRONT b=push|-b|BACK --filter echo|ready>&2;cat", "ready(?s:.)*a: 0 messages, 0 bytes in, 0 messages, 0 bytes out; b: 0 messages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front, back := ownEndpoint(t)+"f", ownEndpoint(t)+"b"
			args := strings.Fields(strings.NewReplacer("FRONT", front, "BACK", back).Replace(c.line))
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "|", " ")
			}
			x := newTerminal(t)
			x.start(nil, args...)
			x.sees("listening on ipc://" + regexp.QuoteMeta(front) + "\r(?s:.)*listening on ipc://" + regexp.QuoteMeta(back) + "\r")
			if name == "hub" { // until then the interrupt may meet the command before that has a group of its own
				x.sees("ready\r")
			}
			x.types("\x03")
			x.ends(130)
			x.sees(c.total)
			quiet := newTerminal(t)
			quiet.start(nil, append(args, "-q", "--summary")...) // said last, by which all else has been
			quiet.until("there", func() bool { return exec.Command("zcat", "probe", front, "--timeout", "1").Run() == nil })
			if name == "hub" {
				quiet.sees("ready\r")
			}
			quiet.types("\x03")
			quiet.ends(130)
			quiet.sees(`"status":130`)
			if text := quiet.seen.String(); strings.Contains(text, "zcat:") {
				t.Errorf("-q says %q", text)
			}
		})
	}
}
