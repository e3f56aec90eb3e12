package main

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zcat/zcat/cmd/zcat/internal/guide"
	"github.com/zcat/zcat/cmd/zcat/internal/help"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// What -h prints and the next prompt fit a screen of 24 lines and 80 columns, also under the name that
// the Debian package has.
func TestHelpBriefIsAScreen(t *testing.T) {
	for _, program := range []string{"zcat", "zmq-zcat"} {
		screens := map[string]string{"": help.BriefOverview(commands(program))}
		for _, w := range commands(program).List() {
			screens[w.Name] = help.BriefFor(w)
		}
		for name, text := range screens {
			if !strings.HasSuffix(text, "\n") || strings.Count(text, "\n") > help.BriefLines {
				t.Errorf("%s %s -h has %d lines", program, name, strings.Count(text, "\n"))
			}
			for _, line := range strings.Split(text, "\n") {
				if utf8.RuneCountInString(line) > help.BriefWidth || strings.TrimRight(line, " ") != line {
					t.Errorf("%s %s -h: %d characters: %q", program, name, utf8.RuneCountInString(line), line)
				}
			}
			for _, want := range []string{"Usage: " + program + " ", "Example: " + program + " ", "--help", "envelopes"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s %s -h lacks %q", program, name, want)
				}
			}
		}
	}
}

// The whole help fits the same 80 columns.
func TestHelpFitsATerminal(t *testing.T) {
	for _, program := range []string{"zcat", "zmq-zcat"} {
		texts := map[string]string{"": help.Overview(commands(program))}
		for _, w := range commands(program).List() {
			texts[w.Name] = help.For(w)
		}
		for name, text := range texts {
			for _, line := range strings.Split(text, "\n") {
				if utf8.RuneCountInString(line) > help.BriefWidth {
					t.Errorf("%s help %s: %d characters: %q", program, name, utf8.RuneCountInString(line), line)
				}
			}
		}
	}
}

// Under another name the help of each command has that name wherever it names the program;
// the directory of its settings is the same.
func TestHelpUnderAnotherName(t *testing.T) {
	left := regexp.MustCompile(`\bzcat\b`)
	all := commands("my-zq")
	texts := map[string]string{"": help.BriefOverview(all), "help": help.Overview(all)}
	for _, w := range all.List() {
		texts[w.Name], texts[w.Name+" -h"] = help.For(w), help.BriefFor(w)
	}
	table := help.TableOf(all)
	texts["man"] = guide.Manual(table)
	for _, c := range table.Commands {
		texts["man "+c.Name] = guide.CommandManual(table, c)
	}
	for name, text := range texts {
		for _, line := range strings.Split(text, "\n") {
			if rest := strings.NewReplacer("zcat: ", "", ".config/zcat", "", "the zcat of gzip", "").Replace(line); left.MatchString(rest) {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
}

// The screen of a command has its summary, its example and the flags that it
// cannot be used without; each flag on it stands in the whole help, too.
func TestHelpBriefHasWhatIsNeeded(t *testing.T) {
	for _, w := range commands("zcat").List() {
		text := help.BriefFor(w)
		for _, want := range []string{w.Summary, w.Synopsis(), w.Example, "zcat " + w.Name + " --help; "} {
			if !strings.Contains(text, want) {
				t.Errorf("%s -h lacks %q", w.Name, want)
			}
		}
		shown := 0
		for _, f := range line.FlagsOf(w) {
			at := strings.Contains(text, "\n"+help.LabelOf(f)+"  ")
			if at {
				shown++
			}
			if at && (f.Brief == "" || !strings.Contains(text, "  "+f.Brief+"\n")) {
				t.Errorf("%s -h: %s without %q", w.Name, f.Dashed(), f.Brief)
			}
			if must := f.Letter != "" && f.Brief != "" || w.Attaches() && (f.Name == "bind" || f.Name == "connect"); must && !at {
				t.Errorf("%s -h lacks %s", w.Name, f.Dashed())
			}
			if strings.HasSuffix(f.Brief, ".") {
				t.Errorf("%s: %q", f.Dashed(), f.Brief)
			}
		}
		if w.Opens() && shown < 5 {
			t.Errorf("%s -h shows %d flags", w.Name, shown)
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
		w, found := commands("zcat").Find("push")
		want := help.For(w)
		switch {
		case brief && strings.Contains(line, "push"):
			want = help.BriefFor(w)
		case brief:
			want = help.BriefOverview(commands("zcat"))
		case !strings.Contains(line, "push"):
			want = help.Overview(commands("zcat"))
		}
		var out, errs strings.Builder
		status := run(append([]string{"zcat"}, strings.Fields(line)...), strings.NewReader(""), &out, &errs)
		if !found || status != 0 || out.String() != want || errs.Len() > 0 {
			t.Errorf("zcat %s: status %d\n%s%s", line, status, &out, &errs)
		}
	}
}
