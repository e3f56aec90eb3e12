//go:build linux

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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

// pagesToRun are the texts whose commands are run, README and the topics, by name.
func pagesToRun(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{"README.md": string(text)}
	for _, name := range topics.Names() {
		pages[name], _ = topics.Text(name, "zcat")
	}
	return pages
}

// filesOf matches the files on a page whose commands a test runs: a unit of systemd, a
// Dockerfile, a step of a hosted CI.
func filesOf() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^    (?:\[Unit\]|FROM |- name: ).*\n(?:(?:    .*)?\n)*`)
}

// Each command that is set apart from the text is in a block that a test runs.
func TestPagesHaveNoOtherCommands(t *testing.T) {
	for page, text := range pagesToRun(t) {
		text = regexp.MustCompile("(?s)```console\n.*?```").ReplaceAllString(text, "")
		text = filesOf().ReplaceAllString(text, "")
		for _, line := range regexp.MustCompile(`(?m)^ {4,}zcat [^:].*`).FindAllString(text, -1) {
			t.Errorf("%s: no test runs %q", page, line)
		}
	}
}

// A shell stops what reads the keyboard in the background, so that no example does:
// it has FRAMEs, a command or a file in its place.
func TestPagesReadNoKeyboardBehindTheirBack(t *testing.T) {
	behind := 0
	for page, text := range pagesToRun(t) {
		for _, block := range examples(text) {
			block = regexp.MustCompile(`(\\\n> |(\|)\n>) +`).ReplaceAllString(strings.ReplaceAll(block, "\n$ ", "\n\n$ "), "$2 ")
			for _, line := range regexp.MustCompile(`(?m)\bzcat ([a-z]+[^|&\n]*) &(?: \w+=\$!)?$`).FindAllStringSubmatch(block, -1) {
				if strings.Count(line[1], "'")%2 == 1 || strings.Contains(line[1], "$") {
					continue // a command of several lines, which it is given; a variable
				}
				argv := shellWords(t, regexp.MustCompile(` 2?>\S*| <\S+`).ReplaceAllString(line[1], ""))
				c, err := configured(t, argv[0], argv[1:]...)
				if err != nil {
					t.Errorf("%s: %s: %v", page, line[1], err)
					continue
				}
				behind++
				fed := len(c.Args) > 0 || regexp.MustCompile(` --(echo|exec|filter)\b| <`).MatchString(line[1])
				if c.Command.TakesInput() && !fed {
					t.Errorf("%s: the shell would stop zcat %s", page, line[1])
				}
			}
		}
	}
	if behind < 80 {
		t.Errorf("%d commands in the background", behind)
	}
}

// Who types one example after the other has some still running: a wait without a name
// would wait for all of them.
func TestPagesWaitForWhatTheyStarted(t *testing.T) {
	for page, text := range pagesToRun(t) {
		for _, block := range examples(text) {
			for _, line := range regexp.MustCompile(`(?m)^\$ (?:.*[;&|] *)?wait *(?:[;&|].*)?$`).FindAllString(block, -1) {
				t.Errorf("%s: %q waits for whatever runs", page, line)
			}
		}
	}
}

// The files of the recipes do what they are for: what each starts is a queue or a
// service, and who asks it is answered.
func TestTopicsFiles(t *testing.T) {
	zcat, err := exec.LookPath("zcat")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := topics.Text("recipes", "zcat")
	found := filesOf().FindAllString(text, -1)
	if len(found) != 3 {
		t.Fatalf("%d files, want a unit, a Dockerfile and a step:\n%s", len(found), strings.Join(found, "\n"))
	}
	unit, docker, step := found[0], found[1], found[2]
	if entry := valueIn(t, docker, "ENTRYPOINT "); entry != `["/bin/zcat"]` || valueIn(t, docker, "COPY zcat ") != "/bin/zcat" {
		t.Errorf("the image starts %s", entry)
	}
	for name, block := range map[string]string{
		"unit": "$ " + strings.ReplaceAll(valueIn(t, unit, "ExecStart=/usr/local/bin/"), "*", `\*`) + " 2>log &\n" +
			"$ zcat probe :5556 --wait 30 | jq -r .socket_type\nDEALER\n",
		"Dockerfile": "$ zcat " + quotedArgs(t, valueIn(t, docker, "CMD ")) + " 2>log &\n" +
			"$ until " + quotedArgs(t, valueIn(t, docker, "HEALTHCHECK --interval=10s CMD ")) + " >health 2>log; do sleep 0.1; done\n" +
			"$ jq -r .socket_type health\nROUTER\n",
		"step": "$ {\n$ " + strings.Join(regexp.MustCompile(`(?m)^ {8}`).Split(strings.TrimSpace(step)+"\n", -1)[1:], "$ ") + "$ } | tail -n 1\n[\"pong\"]\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runReadmeBlock(t, block, filepath.Dir(zcat))
		})
	}
}

// valueIn returns what stands behind a key at the start of a line of a file.
func valueIn(t *testing.T, file, key string) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^ *` + key + `(.*)$`).FindStringSubmatch(file)
	if match == nil {
		t.Fatalf("no line begins with %q in\n%s", key, file)
	}
	return match[1]
}

// quotedArgs returns a command of a Dockerfile for a shell, with the zcat on PATH.
func quotedArgs(t *testing.T, list string) string {
	t.Helper()
	var args []string
	if err := json.Unmarshal([]byte(list), &args); err != nil {
		t.Fatalf("%s: %v", list, err)
	}
	return strings.ReplaceAll("'"+strings.Join(args, "' '")+"'", "/bin/zcat", "zcat")
}

// Two blocks that run at the same time would meet if both used one name.
func TestTopicsShareNoSocket(t *testing.T) {
	owner := map[string]string{}
	for page, text := range pagesToRun(t) {
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
	known := []string{"--unbuffered", "--line-buffered", "--command", "--immediate-mode", "--retry", "--retry-connrefused"} // of other tools
	known = append(known, "--version")
	for _, w := range commands("zcat").List() {
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
	readme := pagesToRun(t)["README.md"]
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
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("README.md does not name %s", name)
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
	for _, w := range commands("zcat").List() {
		if got, err := help.On(commands("zcat"), []string{w.Name}); err != nil || got != help.For(w) {
			t.Errorf("help %s: %v, %.60q", w.Name, err, got)
		}
	}
}
