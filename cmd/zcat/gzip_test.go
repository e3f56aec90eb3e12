//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/gzip"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

func TestForGzip(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"file", "push", "notes.gz"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("dir", 0o700); err != nil {
		t.Fatal(err)
	}
	const gz = "\x1f\x8b\x08rest"
	for _, name := range []string{"show", "stream", "help"} {
		if err := os.WriteFile(name, []byte(gz), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		line, stdin string
		want        bool
	}{
		{"zcat file", "", true},
		{"zcat - file", "", true},
		{"zcat -- file", "", true},
		{"zcat -f file", "", true},
		{"zcat -qf --force -- file more", "", true},
		{"zcat -S .z file", "", true},
		{"zcat --suffix .z file", "", true},
		{"zcat notes", "", true},
		{"/usr/bin/zcat file", "", true},
		{"zcat -", "", true},
		{"zcat", gz, true},
		{"zcat", "\x1f\x9drest", true},
		{"zcat -f", gz, true},
		{"zcat", "", false},
		{"zcat", "\x1f", false},
		{"zcat", "text", false},
		{"zcat -f", "text", false},
		{"zcat push", gz, false},
		{"zcat push file", gz, false},
		{"zcat show", "", true},
		{"zcat stream", "", true},
		{"zcat help", "", true},
		{"zcat show file", "", false},
		{"zcat show show", "", false},
		{"zcat show --help", "", false},
		{"zcat help show", "", false},
		{"zcat hub", "", false},
		{"zcat help push", gz, false},
		{"zcat --help", gz, false},
		{"zcat --version", gz, false},
		{"zcat missing", gz, false},
		{"zcat dir", "", false},
		{"zcat --bogus file", "", false},
		{"zq file", "", false},
		{"zq", gz, false},
	} {
		head, got := gzip.Meant(commands(line.ProgramName(strings.Fields(c.line))), strings.Fields(c.line), strings.NewReader(c.stdin))
		if got != c.want {
			t.Errorf("%q with %q on stdin: %v, want %v", c.line, c.stdin, got, c.want)
		}
		if !strings.HasPrefix(c.stdin, string(head)) {
			t.Errorf("%q: %q was read of %q", c.line, head, c.stdin)
		}
	}
}

func TestGzipHeadLeavesAFileAsItIs(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("xx\x1f\x8b\x08"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if _, err := f.Seek(2, 0); err != nil {
		t.Fatal(err)
	}
	head, yes := gzip.Head(f)
	at, err := f.Seek(0, 1)
	if !yes || len(head) != 0 || at != 2 || err != nil {
		t.Errorf("%q %v, at %d %v", head, yes, at, err)
	}
}

// script writes an executable that stands for a zcat.
func script(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "zcat"), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestNextOnPath(t *testing.T) {
	a, b, c, none := script(t, ""), script(t, ""), script(t, ""), t.TempDir()
	in := func(dir string) string { return filepath.Join(dir, "zcat") }
	for _, test := range []struct {
		own  string
		dirs []string
		want string
	}{
		{in(a), []string{a, b}, in(b)},
		{in(b), []string{a, b, c}, in(c)}, // never back, where a may be ours too
		{in(a), []string{a}, ""},
		{in(a), []string{b, a}, ""},
		{in(a), []string{a, none, a, b}, in(b)},
		{in(a), []string{none, b, c}, in(b)}, // not on PATH itself
		{"", []string{b}, in(b)},
		{in(a), []string{"", ".", "relative"}, ""},
	} {
		if got := gzip.NextOnPath(test.own, test.dirs); got != test.want {
			t.Errorf("%q: got %q, want %q", test.dirs, got, test.want)
		}
	}
}

func TestHandOver(t *testing.T) {
	dir := script(t, `echo "$@" $ZCAT_COUNT; cat; exit 7`)
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("ZCAT_COUNT", "3")
	var out, errs bytes.Buffer
	got := gzip.HandOver([]byte("\x1f\x8b"), []string{"zcat", "-f"}, strings.NewReader("rest"), &out, &errs, &say.Speech{W: &errs})
	if got != 7 || out.String() != "-f\n\x1f\x8brest" {
		t.Errorf("status %d, %q, %q", got, &out, &errs)
	}
	out.Reset()
	t.Setenv("PATH", t.TempDir())
	got = gzip.HandOver(nil, []string{"zcat", "f"}, strings.NewReader(""), &out, &errs, &say.Speech{W: &errs})
	if got != 2 || errs.String() != "zcat: this is ZeroMQ's zcat; install gzip to read compressed files\n" {
		t.Errorf("status %d, %q", got, &errs)
	}
}
