package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

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
		if got := printable(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("\x1b[0m\u009b\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := printable(text)
		for _, r := range got {
			if r < 0x20 || r >= 0x7f && r < 0xa0 {
				t.Fatalf("%q lets %U through", got, r)
			}
		}
		if again := printable(got); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}

func TestLevels(t *testing.T) {
	for level, want := range map[int]string{
		levelErrors:   "zcat: error\n",
		levelNotices:  "zcat: error\nzcat: notice\n",
		levelEvents:   "zcat: error\nzcat: notice\nzcat: event\n",
		levelCommands: "zcat: error\nzcat: notice\nzcat: event\nzcat: detail\n",
		levelMessages: "zcat: error\nzcat: notice\nzcat: event\nzcat: detail\nzcat: sent [\"a\"]\n",
	} {
		var b strings.Builder
		say := &speech{w: &b, level: level}
		say.fail("error")
		say.notice("notice")
		say.event("event")
		say.detail("detail")
		var batch frames.Batch
		batch.Append(frames.Strings("a"))
		say.messages("sent", &batch)
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
		{&usageError{"sentence", "zcat push --help"}, "zcat: sentence\nzcat: try: zcat push --help\n"},
		{&usageError{"sentence\x1b", ""}, "zcat: sentence\\x1b\n"},
	} {
		var b strings.Builder
		(&speech{w: &b}).failure(c.err)
		if b.String() != c.want {
			t.Errorf("got %q, want %q", b.String(), c.want)
		}
	}
}

func TestPlural(t *testing.T) {
	if got := fmt.Sprint(plural(0, "peer"), plural(1, "peer"), plural(2, "peer")); got != "0 peers1 peer2 peers" {
		t.Error(got)
	}
}
