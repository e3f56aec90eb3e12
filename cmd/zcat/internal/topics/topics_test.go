package topics

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// Every file of a page is a topic, and every topic a page that fits a terminal and
// says in its first line what it is about.
func TestPages(t *testing.T) {
	files, err := os.ReadDir("pages")
	if err != nil || len(files) != len(Names()) {
		t.Errorf("%d files for %d topics, %v", len(files), len(Names()), err)
	}
	for _, name := range Names() {
		file, err := os.ReadFile("pages/" + name + ".txt")
		text, found := Text(name, "zcat")
		if err != nil || !found || text != string(file) {
			t.Errorf("%s is not the page in its file: %v", name, err)
		}
		if summary := Summary(name); !strings.HasPrefix(text, name+": "+summary+"\n\n") || strings.HasSuffix(summary, ".") {
			t.Errorf("%s begins otherwise, not with %q", name, summary)
		}
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > longest(name) || len(lines) < 20 || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s has %d lines", name, len(lines))
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > 78 || strings.TrimRight(line, " ") != line || strings.ContainsAny(line, "\t\r") {
				t.Errorf("%s: %d characters: %q", name, utf8.RuneCountInString(line), line)
			}
		}
	}
}

// longest is how many lines a page has at most: one that is read in a few minutes, or
// one of recipes, in which something is looked up.
func longest(name string) int {
	if name == "recipes" {
		return 190
	}
	return 150
}

// Under another name every command line of a page has that name; only what the
// program prints begins as it always does.
func TestPagesUnderAnotherName(t *testing.T) {
	left := regexp.MustCompile(`\bzcat\b`)
	for _, name := range Names() {
		as, _ := Text(name, "zcat")
		text, found := Text(name, "my-zq")
		if !found || strings.Count(text, "my-zq") == 0 {
			t.Errorf("%s does not name the program", name)
		}
		for _, line := range strings.Split(text, "\n") {
			if rest := strings.NewReplacer("zcat: ", "", ".config/zcat/", "").Replace(line); left.MatchString(rest) {
				t.Errorf("%s: %q", name, line)
			}
		}
		if strings.ReplaceAll(text, "my-zq", "zcat") != as {
			t.Errorf("%s differs in more than the name", name)
		}
	}
	if got := Called("$ zcat a; (zcat) zcat's .config/zcat /usr/bin/zcat zcat: x zcats", "$1"); got != "$ $1 a; ($1) $1's .config/zcat /usr/bin/$1 zcat: x zcats" {
		t.Errorf("got %q", got)
	}
}

func TestAbout(t *testing.T) {
	for word, want := range map[string]string{
		"systemd": "recipes", "Docker": "recipes", "capture": "brokers", "delimiter": "envelopes", "jq": "", "(": "", "(((": "", "zzz": "",
	} {
		if got := About(word); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestUnknownTopic(t *testing.T) {
	for _, name := range []string{"", "push", "Envelopes", "../topics"} {
		if text, found := Text(name, "zcat"); found || text != "" || Summary(name) != "" {
			t.Errorf("%q is a topic", name)
		}
	}
}
