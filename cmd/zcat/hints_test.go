package main

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/retype"
)

// shellWords splits a command line as a shell does, as far as hints need it. What
// is redirected is left out; what another command prints is one word.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word, some := "", false
		for line != "" && line[0] != ' ' {
			some = true
			switch quote := line[0]; quote {
			case '\'', '"':
				inside, rest, found := strings.Cut(line[1:], line[:1])
				if !found {
					t.Fatalf("a quote is open in %q", line)
				}
				word, line = word+inside, rest
			case '\\':
				word, line = word+line[1:2], line[2:]
			case '<', '>':
				_, line, _ = strings.Cut(strings.TrimSpace(strings.TrimLeft(line, "<>")), " ")
				some = false
			default:
				word, line = word+line[:1], line[1:]
			}
		}
		if some {
			words = append(words, word)
		}
	}
	return words
}

// hintRow is a row of testdata/hints.md: what was typed, the hint, and the reason
// why it is not run, where it is not.
type hintRow struct{ typed, want, unrun string }

func hintRows(t *testing.T) []hintRow {
	t.Helper()
	text, err := os.ReadFile("../../testdata/hints.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []hintRow
	for _, row := range regexp.MustCompile("(?m)^\\| `(.*)` \\| `(.*)` \\|(?: (.*) \\|)?$").FindAllStringSubmatch(string(text), -1) {
		for i := range row {
			row[i] = strings.ReplaceAll(row[i], `\|`, "|")
		}
		list = append(list, hintRow{row[1], row[2], row[3]})
	}
	if len(list) < 150 {
		t.Errorf("the table has %d rows", len(list))
	}
	return list
}

// TestHints checks that zcat offers what testdata/hints.md says to a user who has
// the words of another tool in mind, and that each offer is a line that can be run.
func TestHints(t *testing.T) {
	t.Setenv("HOME", "/home/joe")
	for _, row := range hintRows(t) {
		words := shellWords(t, row.typed)
		if got := retypedOnce(words[0], words[1:]); got != row.want {
			t.Errorf("%s\nbecomes %s\nwant    %s", row.typed, got, row.want)
		}
		if err := asTyped(words); err == nil {
			t.Errorf("%s: nothing is wrong with it", row.typed)
		}
		for line := range strings.SplitSeq(row.want, " && ") {
			line = line[strings.LastIndex(line, " | zcat")+1:]
			if err := asTyped(shellWords(t, strings.TrimPrefix(line, "| "))); err != nil {
				t.Errorf("%s\nbecame %s: %v", row.typed, row.want, err)
			}
		}
	}
}

// asTyped returns the reason why a command line cannot be run.
func asTyped(words []string) error {
	w, found := commands(words[0]).Find(words[1])
	if !found {
		return errors.New("no such command")
	}
	_, err := retype.Tried(w, words[2:], false)
	return err
}

// Whatever stands in place of one flag, all other words are kept, and a line that
// is right is left alone.
func TestHintsKeepWhatWasTyped(t *testing.T) {
	others := []string{"-c", ":5555", "--hwm", "7", "--bind=:5556", "-n3", "--json=1", "-v", "hello", "a b", "it's", "$HOME", "-", ""}
	for _, typo := range [][]string{{"--conect=:1"}, {"--conn", ":1"}, {"--max-time", "3"}, {"--imediate"}, {"--id", "x"}, {"-D", "frame"}} {
		for at := range others {
			if at == 1 || at == 3 {
				continue // between a flag and its value
			}
			args := slices.Insert(append([]string{"dealer"}, others...), at+1, typo...)
			got := retypedOnce("zcat", args)
			words := shellWords(t, got)
			if c, err := retype.Tried(commandOf(t, "dealer"), words[min(2, len(words)):], false); err != nil || c.Limit != 3 || c.Options.SendHWM != 7 || len(c.Endpoints) < 2 {
				t.Errorf("%q became %s: %+v, %v", args, got, c, err)
			}
			for _, other := range others {
				switch other {
				case "--bind=:5556", "-n3":
					continue // with a blank in place of what joins them
				}
				if !slices.Contains(words, other) {
					t.Errorf("%q became %s, without %q", args, got, other)
				}
			}
		}
	}
	right := append([]string{"dealer"}, others...)
	if got := retypedOnce("zcat", right); got != "" {
		t.Errorf("%q became %s", right, got)
	}
}

// A hint shows no secret that was typed where none belongs.
func TestHintsShowNoSecret(t *testing.T) {
	for _, line := range []string{
		"--password s3cret", "--plain-password s3cret", "--pass=s3cret", "-P s3cret", "--user joe:s3cret", "--secret s3cret", "--token s3cret", "-u joe -P s3cret",
		"--passphrase s3cret", "--curve-secret-key s3cret",
	} {
		for _, command := range []string{"push", "sub", "req"} {
			args := append([]string{command, "-c", ":5555"}, strings.Fields(line)...)
			if got := retypedOnce("zcat", args); strings.Contains(got, "s3cret") {
				t.Errorf("%q became %s", args, got)
			}
		}
	}
}

// Whatever is typed, a hint can be run as it is printed.
func FuzzRetype(f *testing.F) {
	for _, line := range []string{"push -c :5555 x", "-l 5555", "sub --topic", "publish -", "a:b c", "push -- --x", "probe -c", "proxy -b -c", "-xyz", "push -xc", "--", "- x", "pub -t news -m 'a b'"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		got := retypedOnce("zcat", args)
		if got == "" {
			return
		}
		words := shellWords(t, got)
		if err := asTyped(words); err != nil {
			t.Errorf("%q became %q: %v", args, got, err)
		}
	})
}

// retypedOnce returns the first line that may have been meant.
func retypedOnce(program string, args []string) string {
	_, lines := retype.Retyped(commands(program), args, false)
	return line.First(lines)
}
