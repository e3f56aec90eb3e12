//go:build linux && (amd64 || arm64)

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is printed needs a stdout, what is read a stdin, and a stream that is
// /dev/null is open, whoever opened it and in which way. This is the binary that
// make builds: only the linker knows where it begins.
func TestStreamsClosedAtTheStart(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "zcat")
	if out, err := exec.CommandContext(t.Context(), "make", "-C", "../..", "build", "OUT="+bin).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const (
		noStdout = "zcat: stdout is closed: with >/dev/null nobody has to read what is printed\n"
		noStdin  = "zcat: stdin is closed: with </dev/null there is nothing to send\n"
		nobody   = "no peer"
	)
	for _, c := range []struct {
		line   string
		status int
		errs   string // of which stderr has to have this in it, and nothing where it is empty
	}{
		{"zcat pull --bind ./s >&-", 1, noStdout},
		{"zcat req --connect ./s hello >&-", 1, noStdout},
		{"zcat pull --bind ./s --exec cat >&-", 1, noStdout},
		{"zcat push --bind ./s --endpoint-file - -t 20ms x >&-", 1, noStdout},
		{"zcat proxy ./a ./b --capture - >&-", 1, noStdout},
		{"zcat bench >&-", 1, noStdout},
		{"zcat probe ./s >&-", 1, noStdout},
		{"zcat --help >&-", 1, noStdout},
		{"zcat man push >&-", 1, noStdout},
		{"zcat completion bash >&-", 1, noStdout},
		{"zcat keygen key >&-; test ! -e key", 0, noStdout},
		{"zcat pull --bind ./s >&- 2>&-", 1, ""},
		{"zcat push --bind ./s --events /dev/stdout -t 20ms x >&-", 124, "--events /dev/stdout: bad file descriptor"},
		{"zcat push --bind ./s --endpoint-file /dev/fd/1 -t 20ms x >&-", 1, "--endpoint-file: /dev/fd/1: bad file descriptor"},
		{"zcat -dc ./text.gz >&-", 1, "gzip"},
		// A command that prints nothing needs none.
		{"zcat push --bind ./s -t 20ms x >&-", 124, nobody},
		{"zcat rep --bind ./s --filter cat -t 20ms >&-", 124, nobody},
		// As for cat, a closed stdin is not an empty one.
		{"zcat push --bind ./s <&-", 1, noStdin},
		{"zcat rep --bind ./s <&-", 1, noStdin},
		{"zcat dealer --bind ./s <&-", 1, noStdin},
		{"zcat replay - --connect ./s --as push <&-", 1, noStdin},
		{"zcat pull --bind ./s -t 20ms <&-", 124, nobody},
		{"zcat push --bind ./s -t 20ms x <&-", 124, nobody},
		{"zcat rep --bind ./s --echo -t 20ms <&-", 124, nobody},
		{"zcat pull --bind ./s -t 20ms 2>&-", 124, ""},
		{"zcat pull --bind ./s -t 20ms --events - -vvv 2>&-", 124, ""},
		{"zcat pull --bind ./s -t 20ms 2>&- <&-", 124, ""},
		// What daemons and other languages put there, and what the shell calls it.
		{"zcat pull --bind ./s -t 20ms >/dev/null </dev/null", 124, nobody},
		{"zcat pull --bind ./s -t 20ms 1<>/dev/null 0<>/dev/null", 124, nobody},
		{"zcat dealer --bind ./s -t 20ms 1<>/dev/null 0<>/dev/null", 124, nobody},
		{`/usr/bin/python3 -c '
from subprocess import *
exit(run(["zcat", "dealer", "--bind", "./s", "-t", "20ms"], stdin=DEVNULL, stdout=DEVNULL).returncode)'`, 124, nobody},
	} {
		t.Run(c.line, func(t *testing.T) {
			t.Parallel()
			// The shell's own streams are open, and its path has the binary in front of it.
			cmd := exec.CommandContext(t.Context(), "sh", "-c", `PATH=$0:$PATH; echo text | gzip >text.gz; `+c.line, filepath.Dir(bin))
			var out, errs strings.Builder
			cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), &out, &errs
			err := cmd.Run()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != c.status || out.Len() > 0 {
				t.Errorf("status %d, want %d, and %q", got, c.status, &out)
			}
			if !strings.Contains(errs.String(), c.errs) || c.errs == "" && errs.Len() > 0 {
				t.Errorf("said %q, want %q", &errs, c.errs)
			}
		})
	}
}
