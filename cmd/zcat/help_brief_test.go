package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What -h prints is a screen: of 24 lines and 80 columns, under the name of the
// package too.
func TestHelpBriefIsAScreen(t *testing.T) {
	for _, program := range []string{"zcat", "zmq-zcat"} {
		screens := map[string]string{"": briefOverview(commands(program))}
		for _, w := range commands(program).list {
			screens[w.name] = briefFor(w)
		}
		for name, text := range screens {
			if !strings.HasSuffix(text, "\n") || strings.Count(text, "\n") > briefLines {
				t.Errorf("%s %s -h has %d lines", program, name, strings.Count(text, "\n"))
			}
			for _, line := range strings.Split(text, "\n") {
				if utf8.RuneCountInString(line) > briefWidth || strings.TrimRight(line, " ") != line {
					t.Errorf("%s %s -h: %d characters: %q", program, name, utf8.RuneCountInString(line), line)
				}
			}
			for _, want := range []string{"Usage: " + program + " ", "Example: " + program + " ", "--help", "endpoints", "from-other-tools"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s %s -h lacks %q", program, name, want)
				}
			}
		}
	}
}

// The screen of a command has its summary, its example and the flags that it
// cannot be used without; each flag on it stands in the whole help, too.
func TestHelpBriefHasWhatIsNeeded(t *testing.T) {
	for _, w := range commands("zcat").list {
		text := briefFor(w)
		for _, want := range []string{w.summary, w.synopsis(), w.example, "zcat " + w.name + " --help, every flag"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s -h lacks %q", w.name, want)
			}
		}
		shown := 0
		for _, f := range flagsOf(w) {
			at := strings.Contains(text, "\n"+labelOf(f)+"  ")
			if at {
				shown++
			}
			if at && (f.brief == "" || !strings.Contains(text, "  "+f.brief+"\n")) {
				t.Errorf("%s -h: %s without %q", w.name, f.dashed(), f.brief)
			}
			if must := f.letter != "" && f.brief != "" || attaches(w) && (f.name == "bind" || f.name == "connect"); must && !at {
				t.Errorf("%s -h lacks %s", w.name, f.dashed())
			}
			if strings.HasSuffix(f.brief, ".") {
				t.Errorf("%s: %q", f.dashed(), f.brief)
			}
		}
		if opens(w) && shown < 5 {
			t.Errorf("%s -h shows %d flags", w.name, shown)
		}
	}
}

// -h is brief and --help is not, wherever they stand.
func TestHelpBriefOrWhole(t *testing.T) {
	for line, brief := range map[string]bool{
		"push -h": true, "push -vh": true, "push x -h y": true, "push -h --help": true, "push -c ./s -h": true,
		"push --help": false, "push --help -h": false, "push x --help": false, "help push": false,
		"-h": true, "--help": false, "help": false, "help -h": true, "help --help": false,
	} {
		w, found := commands("zcat").find("push")
		want := helpFor(w)
		switch {
		case brief && strings.Contains(line, "push"):
			want = briefFor(w)
		case brief:
			want = briefOverview(commands("zcat"))
		case !strings.Contains(line, "push"):
			want = overview(commands("zcat"))
		}
		var out, errs strings.Builder
		status := run(append([]string{"zcat"}, strings.Fields(line)...), strings.NewReader(""), &out, &errs)
		if !found || status != 0 || out.String() != want || errs.Len() > 0 {
			t.Errorf("zcat %s: status %d\n%s%s", line, status, &out, &errs)
		}
	}
}
