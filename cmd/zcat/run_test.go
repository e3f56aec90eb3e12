package main

import (
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/help"
)

// Command lines that need no socket: what they write where, and the status.
func TestRun(t *testing.T) {
	for _, c := range []struct {
		line   string
		status int
		out    string
		errs   string
	}{
		{"zcat --help", 0, "Usage: zcat COMMAND", ""},
		{"zcat help push", 0, "Usage: zcat push", ""},
		{"zcat push --help", 0, "Usage: zcat push", ""},
		{"/opt/zq push --help", 0, "Usage: zq push", ""},
		{"zcat --version", 0, "zcat ", ""},
		{"zcat sub -o list", 0, "rcvhwm=1000", ""},
		{"zcat", 2, "", "no command is given"},
		{"zcat psuh", 2, "", "try: zcat push --help"},
		{"zq psuh", 2, "", "try: zq push --help"},
		{"zcat help psuh", 2, "", "try: zcat push --help"},
		{"zcat -v push", 2, "", "a command comes first"},
		{"zcat push --bogus", 2, "", "--bogus"},
		{"zcat push hello", 2, "", "needs an endpoint"},
		{"zcat pull -c :1 -n x", 2, "", `--count: "x"`},
		{"zcat proxy", 2, "", "needs endpoints at both sides"},
		{"zcat replay", 2, "", "sends one recording"},
		{"zcat push -c :1 --exec cat", 2, "", "push has no flag --exec: it belongs to"},
	} {
		var out, errs strings.Builder
		got := run(strings.Fields(c.line), strings.NewReader(""), &out, &errs)
		if got != c.status {
			t.Errorf("%s: status %d, want %d", c.line, got, c.status)
		}
		if !strings.Contains(out.String(), c.out) || (c.out == "") != (out.Len() == 0) {
			t.Errorf("%s: stdout %q, want %q", c.line, &out, c.out)
		}
		if !strings.Contains(errs.String(), c.errs) || (c.errs == "") != (errs.Len() == 0) {
			t.Errorf("%s: stderr %q, want %q", c.line, &errs, c.errs)
		}
		for _, line := range strings.Split(strings.TrimSuffix(errs.String(), "\n"), "\n") {
			if errs.Len() > 0 && !strings.HasPrefix(line, "zcat: ") {
				t.Errorf("%s: said %q", c.line, line)
			}
		}
	}
}

// Every line of help fits a terminal, and help shows every command.
func TestHelpFits(t *testing.T) {
	texts := []string{help.Overview(commands("zcat"))}
	for _, w := range commands("zcat").List() {
		texts = append(texts, help.For(w))
		if !strings.Contains(texts[0], "  "+w.Name+" ") {
			t.Errorf("the overview lacks %s", w.Name)
		}
	}
	for _, text := range texts {
		for _, line := range strings.Split(text, "\n") {
			if len(line) > 110 || strings.TrimRight(line, " ") != line {
				t.Errorf("%d bytes: %q", len(line), line)
			}
		}
	}
}
