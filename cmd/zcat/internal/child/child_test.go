//go:build unix

package child

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of a test. It is long because it must not measure
// the machine.
const patience = 60 * time.Second

func job(script string) Job { return Job{Script: script, Env: os.Environ()} }

// What a command may do, and what Run makes of it.
func TestRun(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		script, input string
		most          int
		out           string
		err           string
	}{
		{"cat", "hello", 0, "hello", ""},
		{"cat", "", 0, "", ""},
		{"cat", large, 0, large, ""},
		{"wc -c | tr -d ' \n'", large, 0, "1048576", ""},
		{"true", large, 0, "", ""},                          // the input is ignored
		{"exec <&-; echo closed", large, 0, "closed\n", ""}, // and refused
		{"printf partial; exit 3", "", 0, "partial", "exit status 3"},
		{"kill -KILL $$", "", 0, "", "a signal ended it: killed"},
		{"no-such-command 2>&-", "", 0, "", "exit status 127"},
		{"cat", large, 1 << 20, large, ""},
		{"yes", "", 1 << 16, "", "it wrote more than 65536 bytes"},
		{"sleep 1000 & echo now", "", 0, "now\n", ""}, // the pipe is held by what goes on
		{"exec >&-; cat >/dev/null", large, 0, "", ""},
	} {
		t.Run(c.script, func(t *testing.T) {
			t.Parallel()
			j := job(c.script)
			j.Input, j.Max = []byte(c.input), c.most
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			out, err := new(Set).Run(ctx, j, nil)
			if got := text(err); got != c.err {
				t.Errorf("error %q, want %q", got, c.err)
			}
			var flood *FloodError
			if !errors.As(err, &flood) && string(out) != c.out {
				t.Errorf("%d bytes of output, want %d: %.40q", len(out), len(c.out), out)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The output is appended, so that a buffer can serve many runs.
func TestRunAppends(t *testing.T) {
	out, err := new(Set).Run(t.Context(), job("echo b"), []byte("a"))
	if err != nil || string(out) != "ab\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// Run returns no output of a command whose output goes elsewhere.
func TestRunPassesThrough(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	j := job("cat")
	j.Input, j.Stdout = []byte("hello"), w
	out, err := new(Set).Run(t.Context(), j, nil)
	if err != nil || len(out) > 0 {
		t.Errorf("%q, %v", out, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

// A daemon with a session of its own that holds the output does not keep the
// reply waiting, and all that was written before the end is in it.
func TestRunLeavesDaemons(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	j := job("setsid sh -c 'echo $$ >" + fifo + "; exec sleep 1000' & read -r pid <" + fifo + "; printf '%s\n' $pid; head -c 50000 /dev/zero")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := new(Set).Run(ctx, j, nil)
	if err != nil {
		t.Fatal(err)
	}
	line, zeros, _ := strings.Cut(string(out), "\n")
	if len(zeros) != 50000 {
		t.Errorf("%d bytes of output, want 50000", len(zeros))
	}
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("the daemon is gone: %v", err)
	}
}

// What a command leaves in its group is killed when it ends.
func TestRunEndsItsGroup(t *testing.T) {
	j, stderr, done := talking(t, "sleep 1000 & sleep 1000 & sleep 0")
	if _, err := new(Set).Run(t.Context(), j, nil); err != nil {
		t.Error(err)
	}
	done()
	// It ends when nobody holds the pipe any more.
	if _, err := io.ReadAll(stderr); err != nil {
		t.Error(err)
	}
}

// A context ends a command that hangs, one that ignores SIGTERM and one that is
// stopped too.
func TestRunEndsByContext(t *testing.T) {
	for _, script := range []string{
		"echo up >&2; sleep 1000",
		"trap '' TERM; echo up >&2; while :; do sleep 1000; done",
		"echo up >&2; kill -STOP $$",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			j, stderr, _ := talking(t, script)
			go func() {
				awaitUp(t, stderr)
				cancel()
			}()
			var set Set
			if _, err := set.Run(ctx, j, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if n := set.Running(); n != 0 {
				t.Errorf("%d run", n)
			}
		})
	}
}

// Kill ends what runs and lets nothing start.
func TestKill(t *testing.T) {
	j, stderr, _ := talking(t, "trap '' TERM; echo up >&2; sleep 1000")
	var set Set
	ran := make(chan error, 1)
	go func() {
		_, err := set.Run(context.WithoutCancel(t.Context()), j, nil)
		ran <- err
	}()
	awaitUp(t, stderr)
	set.Kill()
	var exit *ExitError
	if err := <-ran; !errors.As(err, &exit) || exit.Signal != "killed" {
		t.Errorf("error %v", err)
	}
	if _, err := set.Run(t.Context(), job("true"), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
	if _, err := set.Start(t.Context(), job("true")); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

// However near to each other a start and Kill are, nothing goes on.
func TestKillMissesNone(t *testing.T) {
	for range 30 {
		var set Set
		ran := make(chan error, 3)
		for range cap(ran) {
			go func() {
				_, err := set.Run(context.WithoutCancel(t.Context()), job("sleep 1000"), nil)
				ran <- err
			}()
		}
		set.Kill()
		for range cap(ran) {
			var exit *ExitError
			if err := <-ran; !errors.Is(err, ErrClosed) && (!errors.As(err, &exit) || exit.Signal != "killed") {
				t.Fatalf("error %v", err)
			}
		}
	}
}

// A filter answers while it runs, and sees the end of its input.
func TestFilter(t *testing.T) {
	var set Set
	f, err := set.Start(t.Context(), job("while read -r line; do echo \"<$line>\"; done; echo bye; exit 7"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(f.Output)
	for _, word := range []string{"one", "two"} {
		if _, err := io.WriteString(f, word+"\n"); err != nil {
			t.Fatal(err)
		}
		if line, err := lines.ReadString('\n'); err != nil || line != "<"+word+">\n" {
			t.Errorf("%q, %v", line, err)
		}
	}
	f.CloseInput()
	f.CloseInput()
	if rest, err := io.ReadAll(lines); err != nil || string(rest) != "bye\n" {
		t.Errorf("%q, %v", rest, err)
	}
	var exit *ExitError
	if err := f.Wait(); !errors.As(err, &exit) || exit.Status != 7 {
		t.Errorf("error %v", err)
	}
	if n := set.Running(); n != 0 {
		t.Errorf("%d run", n)
	}
}

// A filter that does not read is told from one that no longer can.
func TestFilterWrites(t *testing.T) {
	var set Set
	gone, err := set.Start(t.Context(), job("exec <&-; exec sleep 1000"))
	if err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 1<<20)
	if _, err := gone.Write(big); !errors.Is(err, ErrEnded) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	deaf, err := set.Start(ctx, job("exec sleep 1000"))
	if err != nil {
		t.Fatal(err)
	}
	if err := deaf.Patience(time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := deaf.Write(big); !errors.Is(err, ErrSlow) {
		t.Errorf("error %v", err)
	}
	if err := deaf.Patience(patience); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := deaf.Write(big); err == nil {
		t.Error("a write to a filter that is being ended succeeded")
	}
	set.Kill()
	if err := errors.Join(gone.Wait(), deaf.Wait()); err == nil {
		t.Error("they ended well")
	}
}

func TestEnviron(t *testing.T) {
	got := Environ([]string{"A=1", "ZCAT_TIMEOUT=5", "NOTIFY_SOCKET=/run/x", "LISTEN_FDS=1", "ZCATS=2"}, "ZCAT_")
	if strings.Join(got, " ") != "A=1 ZCATS=2" {
		t.Errorf("%q", got)
	}
}

// talking is a job whose stderr the test reads. done gives up the test's own
// hold of it.
func talking(t *testing.T, script string) (j Job, stderr *os.File, done func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done = func() { _ = w.Close() }
	t.Cleanup(func() {
		done()
		_ = r.Close()
	})
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	j = job(script)
	j.Stderr = w
	return j, r, done
}

// awaitUp waits until a command has said that it is up.
func awaitUp(t *testing.T, stderr *os.File) {
	t.Helper()
	if _, err := io.ReadFull(stderr, make([]byte, len("up\n"))); err != nil {
		t.Error(err)
	}
}
