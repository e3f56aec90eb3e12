//go:build linux

package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/help"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// TestTopics runs each example of the pages and compares what it prints with what
// the page says.
func TestTopics(t *testing.T) {
	for _, name := range topics.Names() {
		t.Run(name, func(t *testing.T) { runPage(t, "internal/topics/pages/"+name+".txt") })
	}
}

// Two blocks that run at the same time would meet if both used one name.
func TestTopicsShareNoSocket(t *testing.T) {
	owner := map[string]string{}
	pages := map[string]string{}
	for _, name := range []string{"../../README.md", "../../testdata/smoke-tests.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(text)
	}
	for _, name := range topics.Names() {
		pages[name], _ = topics.Text(name, "zcat")
	}
	for page, text := range pages {
		for _, block := range examples(text) {
			for _, socket := range regexp.MustCompile(`@[\w-]+`).FindAllString(block, -1) {
				if first, taken := owner[socket]; taken && first != block {
					t.Errorf("%s: %s is in two blocks:\n%s\n%s", page, socket, first, block)
				}
				owner[socket] = block
			}
		}
	}
}

// A page names only flags and options that exist, and each command line in a table
// is one that could be run.
func TestTopicsNameWhatThereIs(t *testing.T) {
	known := []string{"--unbuffered", "--line-buffered", "--command"} // of other tools
	for _, w := range commands("zcat").List {
		for _, f := range line.FlagsOf(w) {
			known = append(known, f.Dashed())
		}
	}
	var options []string
	for _, row := range flags.SocketOptions() {
		options = append(options, row.Name)
	}
	lines := 0
	for _, name := range topics.Names() {
		text, _ := topics.Text(name, "zcat")
		for _, flag := range regexp.MustCompile(`(?:^|[\s(|,])(--[a-z][a-z-]*)`).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(known, flag[1]) {
				t.Errorf("%s: there is no flag %s", name, flag[1])
			}
		}
		for _, option := range regexp.MustCompile(`\s-o ([a-z_]+)`).FindAllStringSubmatch(text, -1) {
			if option[1] != "list" && !slices.Contains(options, option[1]) {
				t.Errorf("%s: there is no option %s", name, option[1])
			}
		}
		for _, line := range regexp.MustCompile(`(?m)^  \S.*  (zcat [^,\n]*)`).FindAllStringSubmatch(text, -1) {
			lines++
			if err := asTyped(shellWords(t, line[1])); err != nil {
				t.Errorf("%s: %s: %v", name, line[1], err)
			}
		}
		for _, words := range regexp.MustCompile(`\bzcat ([a-z]+) --help`).FindAllStringSubmatch(text, -1) {
			commandOf(t, words[1])
		}
		for _, words := range regexp.MustCompile(`\bzcat help ([a-z-]+)`).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(topics.Names(), words[1]) {
				t.Errorf("%s refers to the topic %s", name, words[1])
			}
		}
	}
	if lines < 15 {
		t.Errorf("%d command lines in tables", lines)
	}
}

// A user who knows the name of an option finds it on the page for those who come
// from other tools.
func TestTopicsNameEveryOption(t *testing.T) {
	text, _ := topics.Text("from-other-tools", "zcat")
	for _, row := range flags.SocketOptions() {
		if !regexp.MustCompile(`\b` + row.Name + `\b`).MatchString(text) {
			t.Errorf("%s is missing", row.Name)
		}
	}
}

// The script for each shell knows the topics; where a shell is there to be asked, it
// is asked in TestCompletionInBash and its like.
func TestTopicsAreCompleted(t *testing.T) {
	for _, shell := range help.Shells() {
		for _, name := range topics.Names() {
			if script := help.Completion(commands("zcat"), shell); !regexp.MustCompile(`[ '"]` + name + `[ :'"]`).MatchString(script) {
				t.Errorf("%s does not offer %s", shell, name)
			}
		}
	}
}

// No topic has the name of a command, which would hide it, and help finds each,
// also where the name is misspelt.
func TestHelpOnTopics(t *testing.T) {
	all := help.Overview(commands("zcat"))
	for _, name := range topics.Names() {
		if _, found := commands("zcat").Find(name); found {
			t.Errorf("%s is a command, too", name)
		}
		page, _ := topics.Text(name, "zq")
		if got, err := help.On(commands("zq"), []string{name}); err != nil || got != page {
			t.Errorf("help %s: %v, %.60q", name, err, got)
		}
		if !strings.Contains(all, name) || !strings.Contains(help.BriefOverview(commands("zcat")), name) {
			t.Errorf("the overview lacks %s", name)
		}
		for _, slip := range []string{name[:len(name)-1], strings.ToUpper(name), name + "s"} {
			_, err := help.On(commands("zcat"), []string{slip})
			if usage, ok := usageOf(err); !ok || usage.Hint != "zcat help "+name {
				t.Errorf("help %s: %v", slip, err)
			}
		}
		if usage, ok := usageOf(line.UnknownCommand(commands("zcat"), name)); !ok || usage.Hint != "zcat help "+name {
			t.Errorf("%s as a command: %+v", name, usage)
		}
	}
	for _, w := range commands("zcat").List {
		if got, err := help.On(commands("zcat"), []string{w.Name}); err != nil || got != help.For(w) {
			t.Errorf("help %s: %v, %.60q", w.Name, err, got)
		}
	}
}
