package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// usageOf returns the usage error in err; ok says that there is one.
func usageOf(err error) (usage *outcome.UsageError, ok bool) {
	ok = errors.As(err, &usage)
	return usage, ok
}

// commandOf returns a command as zcat finds it.
func commandOf(t *testing.T, name string) line.Command {
	t.Helper()
	w, found := commands("zcat").Find(name)
	if !found {
		t.Fatalf("no command %q", name)
	}
	return w
}

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ command, line, want string }{
		{"push", "", "--"},
		{"push", "hello -c EP", "--connect=EP -- hello"},
		{"push", "-c EP hello -n 3 world", "--connect=EP --count=3 -- hello world"},
		{"push", "-n3", "--count=3 --"},
		{"push", "-n 3", "--count=3 --"},
		{"push", "--count 3", "--count=3 --"},
		{"push", "--count=3", "--count=3 --"},
		{"push", "-vv", "--verbose=true --verbose=true --"},
		{"push", "-vvq", "--verbose=true --verbose=true --quiet=true --"},
		{"push", "-xvn3", "--hex=true --verbose=true --count=3 --"},
		{"push", "-xvn 3", "--hex=true --verbose=true --count=3 --"},
		{"push", "-q=false", ""}, // letters take no "="
		{"push", "--quiet=false", "--quiet=false --"},
		{"push", "--quiet=0", "--quiet=0 --"},
		{"push", "--quiet=maybe", ""},
		{"push", "-c EP -- -n 3", "--connect=EP -- -n 3"},
		{"push", "-c EP -- --", "--connect=EP -- --"},
		{"push", "-", "-- -"},
		{"push", "help", "-- help"},
		{"push", "--bind", "--bind=tcp://127.0.0.1:* --"},
		{"push", "--bind -n 3", "--bind=tcp://127.0.0.1:* --count=3 --"},
		{"push", "-b -- x", "--bind=tcp://127.0.0.1:* -- x"},
		{"push", "-vb", "--verbose=true --bind=tcp://127.0.0.1:* --"},
		{"push", "--bind EP x", "--bind=EP -- x"},
		{"push", "-bEP", "--bind=EP --"},
		{"push", "-b A -c B -b C", "--bind=A --connect=B --bind=C --"},
		{"push", "-o linger=-1 -o sndhwm=1,2", "--option=linger=-1 --option=sndhwm=1,2 --"},
		{"push", "--linger -1", "--linger=-1 --"},
		{"push", "-n -3", "--count=-3 --"},
		{"push", "--frame-sep --", "--frame-sep=-- --"},
		{"push", "--frame-sep=", "--frame-sep= --"},
		{"sub", "-s a,b -s c", "--subscribe=a,b --subscribe=c --"},
		{"sub", "-s -x", "--subscribe=-x --"},
		{"push", "-5", ""},
		{"push", "--bogus", ""},
		{"push", "-count 3", ""},
		{"push", "--count", ""},
		{"push", "-n", ""},
		{"push", "--idle 3", ""},
		{"push", "--help=nonsense", ""},
		{"pull", "--in hex", ""},
	} {
		t.Run(c.command+" "+c.line, func(t *testing.T) {
			p, err := line.Normalise(commandOf(t, c.command), strings.Fields(c.line))
			got := strings.Join(p.Canonical(), " ")
			if err != nil {
				got = ""
				if outcome.OfError(err) != outcome.Usage {
					t.Errorf("%v is not a usage error", err)
				}
			}
			if got != c.want {
				t.Errorf("got  %q (%v)\nwant %q", got, err, c.want)
			}
		})
	}
}

func TestHelpIsAFlagOnlyBeforeTheEndOfFlags(t *testing.T) {
	for written, want := range map[string]bool{
		"-h": true, "--help": true, "x --help": true, "-vh": true, "-h --bogus": true,
		"help": false, "-- -h": false, "-c -h": false, "--help=false": false,
	} {
		p, err := line.Normalise(commandOf(t, "push"), strings.Fields(written))
		if err != nil || p.Help != want {
			t.Errorf("%q: help %v, %v; want %v", written, p.Help, err, want)
		}
	}
}

func TestUnknownFlagNamesWhatWasMeant(t *testing.T) {
	for _, c := range []struct{ command, line, sentence, hint string }{
		{"push", "--conut 3", "push has no flag --conut", "--count=1"},
		{"push", "--subscribe A", "belongs to sub, xsub", "--help"},
		{"push", "-5", "stands behind --", "-- -5"},
		{"pull", "-5", "pull has no flag -5", "--help"},
		{"push", "-connect EP", "two hyphens", "--connect="},
		{"push", "-n", "--count needs a value", "--count=1"},
	} {
		_, err := line.Normalise(commandOf(t, c.command), strings.Fields(c.line))
		usage, ok := usageOf(err)
		if !ok || !strings.Contains(usage.Sentence, c.sentence) || !strings.Contains(usage.Hint, c.hint) {
			t.Errorf("%s %s: got %#v", c.command, c.line, err)
		}
	}
}

// The canonical form means the same as what was typed, and is its own canonical
// form; and nothing that stands behind "--" is ever taken for a flag.
func FuzzNormalise(f *testing.F) {
	for _, line := range []string{"-n3\nhello", "-vv\n--\n-n", "--bind\n-c\nEP", "-xvn\n3", "--count=3\n-", "-h", "-o\nlinger=-1"} {
		f.Add(uint8(0), line)
	}
	f.Fuzz(func(t *testing.T, command uint8, written string) {
		list := commands("zcat").List()
		w := list[int(command)%len(list)]
		args := strings.Split(written, "\n")
		p, err := line.Normalise(w, args)
		if err != nil {
			if err.Error() == "" || outcome.OfError(err) != outcome.Usage {
				t.Fatalf("%q: %v", args, err)
			}
			return
		}
		again, err := line.Normalise(w, p.Canonical())
		if err != nil || !slices.Equal(again.Canonical(), p.Canonical()) || again.Help {
			t.Fatalf("%q becomes %q, then %q (%v)", args, p.Canonical(), again.Canonical(), err)
		}
		behind, err := line.Normalise(w, append([]string{"--"}, args...))
		if err != nil || !slices.Equal(behind.Operands, args) || len(behind.Settings) > 0 {
			t.Fatalf("-- %q: %q %v", args, behind.Operands, err)
		}
	})
}
