package say

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/pkg/frames"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain text":         "plain text",
		"käse 🧀":             "käse 🧀",
		"a\x1b[31mred":       `a\x1b[31mred`,
		"two\nlines\r\t\x7f": `two\nlines\r\t\x7f`,
		"c1 \u009b and \x9b": `c1 \u009b and \x9b`,
		"bidi \u202e":        `bidi \u202e`,
		"":                   "",
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("\x1b[0m\u009b\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := Printable(text)
		for _, r := range got {
			if r < 0x20 || r >= 0x7f && r < 0xa0 {
				t.Fatalf("%q lets %U through", got, r)
			}
		}
		if again := Printable(got); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}

func TestLevels(t *testing.T) {
	for level, want := range map[int]string{
		LevelErrors:   "zcat: error\n",
		LevelNotices:  "zcat: error\nzcat: notice\n",
		LevelEvents:   "zcat: error\nzcat: notice\nzcat: event\n",
		LevelCommands: "zcat: error\nzcat: notice\nzcat: event\nzcat: detail\n",
		LevelMessages: "zcat: error\nzcat: notice\nzcat: event\nzcat: detail\nzcat: sent [\"a\"]\n",
	} {
		var b strings.Builder
		say := &Speech{W: &b, Level: level}
		say.Fail("error")
		say.Notice("notice")
		say.Event("event")
		say.Detail("detail")
		var batch frames.Batch
		batch.Append(frames.Strings("a"))
		say.Messages("sent", &batch)
		if b.String() != want {
			t.Errorf("level %d: got %q, want %q", level, b.String(), want)
		}
	}
}

func TestFailure(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("bare"), "zcat: bare\n"},
		{&outcome.UsageError{Sentence: "sentence", Hint: "zcat push --help"}, "zcat: sentence\nzcat: try: zcat push --help\n"},
		{&outcome.UsageError{Sentence: "sentence\x1b", Hint: ""}, "zcat: sentence\\x1b\n"},
	} {
		var b strings.Builder
		(&Speech{W: &b}).Failure(c.err)
		if b.String() != c.want {
			t.Errorf("got %q, want %q", b.String(), c.want)
		}
	}
}

func TestPlural(t *testing.T) {
	if got := fmt.Sprint(Plural(0, "peer"), Plural(1, "peer"), Plural(2, "peer")); got != "0 peers1 peer2 peers" {
		t.Error(got)
	}
}
