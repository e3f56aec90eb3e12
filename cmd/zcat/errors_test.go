//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
	"github.com/zcat/zcat/pkg/sockets"
)

// mishap is a row of testdata/errors.md.
type mishap struct{ command, status, sentence, hint string }

// mishaps reads the table.
func mishaps(t *testing.T) []mishap {
	t.Helper()
	text, err := os.ReadFile("../../testdata/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []mishap
	for _, row := range regexp.MustCompile("(?m)^\\| `(.*)` \\| (\\d+) \\| (.*) \\| (.*) \\|$").FindAllStringSubmatch(string(text), -1) {
		for i := range row {
			row[i] = strings.ReplaceAll(row[i], `\|`, "|")
		}
		list = append(list, mishap{row[1], row[2], row[3], strings.Trim(row[4], "`")})
	}
	if len(list) < 50 {
		t.Fatalf("the table has %d rows", len(list))
	}
	return list
}

// TestErrors runs each command of the table in a directory that has "file", "dir"
// and the socket "live", on which a PULL listens as it does on PORT.
func TestErrors(t *testing.T) {
	dir, err := os.MkdirTemp("", "zcat")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	write(t, filepath.Join(dir, "file"), "")
	if err := os.Mkdir(filepath.Join(dir, "dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	live, err := sockets.New(sockets.Pull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = live.Close() })
	if _, err := live.Bind(t.Context(), "ipc://"+filepath.Join(dir, "live")); err != nil {
		t.Fatal(err)
	}
	taken, err := live.Bind(t.Context(), "tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	port := taken[strings.LastIndexByte(taken, ':')+1:]
	for _, m := range mishaps(t) {
		t.Run(m.command, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, "/bin/sh", "-c", strings.ReplaceAll(m.command, "PORT", port))
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			_ = cmd.Run() // its error is the status
			if got := fmt.Sprint(shellStatus(cmd.ProcessState)); got != m.status {
				t.Errorf("status %s, want %s", got, m.status)
			}
			said := strings.ReplaceAll(strings.TrimSuffix(errs.String(), "\n"), port, "PORT")
			sentence, hint, _ := strings.Cut(said, "\nzcat: try: ")
			sentence = strings.ReplaceAll(sentence, "\nzcat: ", "<br>")
			hint = strings.ReplaceAll(hint, "\nzcat:  or: ", "` or `")
			if "zcat: "+m.sentence != sentence || m.hint != hint {
				t.Errorf("said\n%s\nwant\nzcat: %s\nzcat: try: %s", said, m.sentence, m.hint)
			}
			checkSpeech(t, said)
			if out.Len() > 0 && m.status == "2" {
				t.Errorf("printed %q", &out)
			}
			for one := range strings.SplitSeq(m.hint, "` or `") {
				checkHint(t, strings.ReplaceAll(one, "PORT", port))
			}
		})
	}
}

// checkSpeech checks that stderr follows the rules of speech.go, and is in a user's
// language.
func checkSpeech(t *testing.T, said string) {
	t.Helper()
	for _, line := range strings.Split(said, "\n") {
		if !strings.HasPrefix(line, "zcat: ") || strings.HasPrefix(line, "zcat: zcat:") {
			t.Errorf("said %q", line)
		}
		if strings.HasSuffix(line, ".") && !strings.HasSuffix(line, "..") {
			t.Errorf("%q ends in a full stop", line)
		}
	}
	jargon := regexp.MustCompile(`\*[a-z]+\.|strconv\.|dial (tcp|unix)|listen (tcp|unix)|(read|write) (tcp|unix)|lookup |goroutine|panic|runtime|syscall|errno|nil pointer|0x[0-9a-f]{6}|%!|EOF|\b(open|stat|lstat|read|write|mkdir|rename) [^ ]+: `)
	if word := jargon.FindString(said); word != "" {
		t.Errorf("%q is not a user's word: %s", word, said)
	}
}

// checkHint finds out whether a command line that is offered would have worked,
// as far as that can be seen without running it.
func checkHint(t *testing.T, hint string) {
	t.Helper()
	if bare := unquoted(hint); strings.ContainsAny(bare, "*?[]") {
		t.Errorf("the hint %q has a pattern outside of quotes, which zsh looks for among the files", hint)
	}
	command, isOurs := strings.CutPrefix(hint, "zcat ")
	if !isOurs || strings.HasPrefix(command, "-") || strings.HasPrefix(command, "help ") {
		return
	}
	args := hinted(t, "zcat "+command)
	if slices.Contains(args, "--help") {
		commandOf(t, args[0])
		return
	}
	if _, err := configured(t, args[0], args[1:]...); err != nil {
		t.Errorf("the hint %q would not have worked: %v", hint, err)
	}
}

// unquoted returns a command line without what stands in quotes.
func unquoted(line string) string {
	return regexp.MustCompile(`'[^']*'|"[^"]*"|\\.`).ReplaceAllString(line, "")
}

// Whatever value a flag has, the error about it is fit for a user, names the flag
// or its variable, and has a hint that works.
func TestEveryBadValueIsExplained(t *testing.T) {
	values := []string{"", "x", "-1", "1.5", "99999999999999999999", "\x1b[2J", "hex:0", `\q`, "tcp://"}
	tried := map[string]bool{}
	for _, w := range commands("zcat").List() {
		for _, f := range line.FlagsOf(w) {
			if f.Set == nil {
				continue // --help
			}
			for _, value := range values {
				if value != "x" && tried[f.Name] {
					continue // the setter is the same for all commands
				}
				_, err := configured(t, w.Name, append(shellWords(t, w.Essence), f.Dashed()+"="+value)...)
				explained(t, w, f, err)
				if value != "x" {
					continue // the same setter has seen the others
				}
				_, err = inEnvironment(t, strings.TrimSpace(w.Name+" "+w.Essence), map[string]string{f.Variable(): value})
				explained(t, w, f, err)
			}
			tried[f.Name] = true
		}
	}
}

// Whatever value an option has, the error about it names the option, and has a hint that
// works.
func TestEveryBadOptionIsExplained(t *testing.T) {
	tried := map[string]bool{}
	for _, w := range commands("zcat").List() {
		at := slices.IndexFunc(line.FlagsOf(w), func(f line.Flag) bool { return f.Name == "option" })
		if at < 0 || w.Tool {
			continue
		}
		for _, row := range flags.OptionsOf(w) {
			for _, value := range []string{"", "x", "-1", "-2", "0", "1.5", "+1", "0x10", "5s", "6553600", "99999999999999999999", "\x1b[2J", "hex:0", "hex:00", strings.Repeat("x", 256)} {
				pair := row.Name + "=" + value
				if tried[pair] || flags.SetOption(line.NewConfig(w), pair) == nil {
					continue
				}
				tried[pair] = true // the setter is the same for all commands
				_, err := configured(t, w.Name, append(shellWords(t, w.Essence), "-o", pair)...)
				explained(t, w, line.FlagsOf(w)[at], err)
				if err == nil || !strings.HasPrefix(err.Error(), "--option: "+row.Name+": ") {
					t.Errorf("%s -o %s: %v", w.Name, pair, err)
				}
			}
		}
	}
	if len(tried) < 200 {
		t.Errorf("%d values are refused", len(tried))
	}
}

func explained(t *testing.T, w line.Command, f line.Flag, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var usage *outcome.UsageError
	if !errors.As(err, &usage) || usage.Hint == "" {
		t.Errorf("%s %s: %v, without a hint", w.Name, f.Dashed(), err)
		return
	}
	var said bytes.Buffer
	(&say.Speech{W: &said}).Failure(err)
	checkSpeech(t, strings.TrimSuffix(said.String(), "\n"))
	if strings.ContainsAny(said.String(), "\x1b") || strings.Count(said.String(), "\n") != 2 {
		t.Errorf("%s %s: said %q", w.Name, f.Dashed(), &said)
	}
	checkHint(t, usage.Hint)
}

// Errors that only some systems, or some users, run into.
func TestBindFailures(t *testing.T) {
	c, err := configured(t, "pull", "-b", "tcp://127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		endpoint   string
		err        error
		text, hint string
	}{
		{"tcp://127.0.0.1:80", syscall.EACCES, "ports below 1024 are for root", "--bind 'tcp://127.0.0.1:*'"},
		{"tcp://10.9.8.7:5555", syscall.EADDRNOTAVAIL, "this machine has no such address", "--bind 'tcp://*:5555'"},
		{"ws://10.9.8.7:80/a", syscall.EADDRNOTAVAIL, "this machine has no such address", "--bind 'ws://*:80'"},
		{"ipc:///root/x", syscall.EACCES, "permission denied", "--bind ipc:///tmp/zcat.sock"},
		{"./no/x", syscall.ENOENT, "no such file or directory", "mkdir -p no"},
		{"./no dir/it's/x", syscall.ENOENT, "no such file or directory", `mkdir -p 'no dir/it'\''s'`},
	} {
		err := line.BindFailed(f.endpoint, f.err, func(endpoint string) string { return c.Line("--bind " + shell.Quoted(endpoint)) })
		var advice *outcome.HintedError
		if !errors.As(err, &advice) ||
			!strings.Contains(err.Error(), f.text) || !strings.HasSuffix(advice.Hint, f.hint) {
			t.Errorf("%s: %v, %+v", f.endpoint, err, advice)
		}
	}
}
