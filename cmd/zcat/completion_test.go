//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/guide"
	"github.com/zcat/zcat/cmd/zcat/internal/help"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// offers lists what a shell has to offer for a command line, and what not.
type offers struct {
	line     string
	yes, not []string
}

func completions() []offers {
	return []offers{
		{"zcat pu", []string{"pub", "push", "pull"}, []string{"pair"}},
		{"zcat ", []string{"push", "probe", "help", "old.gz"}, []string{"--bind"}},
		{"zcat push --fo", []string{"--format"}, []string{"--linger"}},
		{"zcat push --format ", []string{"json", "hex", "text", "raw"}, nil},
		{"zcat push --format=j", []string{"json"}, []string{"hex"}},
		{"zcat push -f j", []string{"json"}, []string{"hex"}},
		{"zcat push --bind :5555 --fo", []string{"--format"}, nil},
		{"zcat push -vf j", []string{"json"}, nil},
		{"zcat replay traf", []string{"traffic.jsonl"}, nil},
		{"zcat replay traffic.jsonl --as pu", []string{"pub", "push"}, []string{"pull"}},
		{"zcat replay traffic.jsonl --from ", []string{"front", "back", "client", "server"}, nil},
		{"zcat show traf", []string{"traffic.jsonl"}, nil},
		{"zcat show traffic.jsonl --out ", []string{"view", "json", "hex", "ladder", "svg"}, []string{"raw"}},
		{"zcat show traffic.jsonl --from c", []string{"client"}, []string{"server"}},
		{"zcat pull --endpoint-file traf", []string{"traffic.jsonl"}, nil},
		{"zcat man --dir p", []string{"pages"}, []string{"plain"}},
		{"zcat push -o snd", []string{"sndhwm=", "sndbuf="}, []string{"linger="}},
		{"zcat bench --types ", []string{"push:pull", "req:rep", "pub:sub"}, []string{"pull:push"}},
		{"zcat proxy --types ", []string{"router:dealer", "xsub:xpub"}, nil},
		{"zcat proxy tc", []string{"tcp://127.0.0.1:"}, []string{"ipc"}},
		{"zcat probe --expect-type rou", []string{"router"}, []string{"req"}},
		{"zcat completion ", []string{"bash", "zsh", "fish", "powershell"}, nil},
		{"zcat man rou", []string{"router"}, []string{"rep"}},
		{"zcat help rou", []string{"router"}, []string{"rep"}},
		{"zcat help ", append([]string{"push", "probe"}, topics.Names()...), []string{"--bind"}},
		{"zcat help env", []string{"envelopes"}, []string{"push"}},
		{"zcat env", nil, []string{"envelopes"}},
		{"zcat man env", []string{"envelopes"}, []string{"push"}},
		{"zcat push --config la", []string{"lab"}, []string{"other"}},
		{"zcat push --config=la", []string{"lab"}, []string{"other"}},
		{"zcat push --config ./tr", []string{"traffic.jsonl"}, []string{"lab"}},
		{"zcat push --color ", []string{"auto", "always", "never"}, nil},
		{"zcat proxy --secure ", []string{"front", "back", "capture", "control"}, []string{"latency"}},
		{"zcat bench --measure ", []string{"throughput", "latency"}, []string{"front"}},
		{"zcat replay traffic.jsonl --speed ", []string{"max"}, nil},
		{"zcat push -- --", nil, []string{"--format"}},
		{"zcat no-such-command --", nil, []string{"--format"}},
	}
}

// shellDir is a directory with a shell's script and some files to name.
func shellDir(t *testing.T, program, shell string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"old.gz", "traffic.jsonl", "plain"} {
		write(t, filepath.Join(dir, name), "")
	}
	if err := os.Mkdir(filepath.Join(dir, "pages"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".config", "zcat"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lab", "other"} {
		write(t, filepath.Join(dir, ".config", "zcat", name), "timeout 5\n")
	}
	write(t, filepath.Join(dir, "script"), help.Completion(commands(program), shell))
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runShell runs a shell on a script in dir and returns what it printed.
func runShell(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME=", "TERM=xterm", "LC_ALL=C.UTF-8")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v\n%s%s", argv[0], err, out, &errs)
	}
	return string(out)
}

// checkOffers compares what a shell offered for each line, with a line of END
// behind each.
func checkOffers(t *testing.T, cases []offers, out string) {
	t.Helper()
	answers := strings.Split(out, "END\n")
	if len(answers) != len(cases)+1 {
		t.Fatalf("%d answers to %d lines:\n%s", len(answers)-1, len(cases), out)
	}
	for i, c := range cases {
		words := strings.Fields(answers[i])
		offered := func(word string) bool {
			return slices.ContainsFunc(words, func(w string) bool {
				return w == word || strings.HasSuffix(w, "="+word) || strings.TrimSuffix(w, "/") == word || strings.TrimPrefix(w, "./") == word || w == strings.TrimPrefix(word, "tcp:")
			})
		}
		for _, word := range c.yes {
			if !offered(word) {
				t.Errorf("%q: %q is not offered: %q", c.line, word, words)
			}
		}
		for _, word := range c.not {
			if offered(word) {
				t.Errorf("%q: %q is offered: %q", c.line, word, words)
			}
		}
	}
}

// renamed returns the command lines of a program of another name, which no other
// program has.
func renamed(cases []offers) []offers {
	var list []offers
	for _, c := range cases {
		c.line = strings.Replace(c.line, "zcat", "zq", 1)
		c.yes = slices.DeleteFunc(slices.Clone(c.yes), func(w string) bool { return w == "old.gz" })
		list = append(list, c)
	}
	return list
}

// bashWords returns a command line as bash breaks it.
func bashWords(line string) []string {
	var words []string
	for _, field := range strings.Fields(line) {
		words = append(words, regexp.MustCompile(`[=:]+|[^=:]+`).FindAllString(field, -1)...)
	}
	if strings.HasSuffix(line, " ") || strings.HasSuffix(line, "=") {
		words = append(words, "")
	}
	return words
}

func TestCompletionInBash(t *testing.T) {
	for program, cases := range map[string][]offers{"zcat": completions(), "zq": renamed(completions())} {
		dir := shellDir(t, program, "bash")
		var script strings.Builder
		script.WriteString("set -u\nsource ./script\n")
		for _, c := range cases {
			words := bashWords(c.line)
			script.WriteString("COMP_LINE='" + c.line + "' COMP_POINT=${#COMP_LINE} COMP_WORDS=(")
			for _, w := range words {
				script.WriteString("'" + w + "' ")
			}
			script.WriteString(")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_" + program + " 2>/dev/null\nprintf '%s\\n' \"${COMPREPLY[@]-}\" END\n")
		}
		write(t, filepath.Join(dir, "try"), script.String())
		checkOffers(t, cases, runShell(t, dir, "bash", "--norc", "./try"))
	}
}

// Every flag of every command is there, without anybody having added it.
func TestCompletionKnowsEveryFlag(t *testing.T) {
	var cases []offers
	for _, w := range commands("zcat").List() {
		c := offers{line: "zcat " + w.Name + " -"}
		for _, f := range line.FlagsOf(w) {
			c.yes = append(c.yes, f.Dashed())
		}
		cases = append(cases, c)
		for _, shell := range []string{"zsh", "fish", "powershell"} {
			script := help.Completion(commands("zcat"), shell)
			for _, f := range line.FlagsOf(w) {
				if !strings.Contains(script, f.Name) {
					t.Errorf("the script for %s lacks %s of %s", shell, f.Dashed(), w.Name)
				}
			}
		}
	}
	dir := shellDir(t, "zcat", "bash")
	script := "source ./script\n"
	for _, c := range cases {
		script += "COMP_LINE='" + c.line + "' COMP_WORDS=(" + c.line + ") COMP_CWORD=2\n_zcat\nprintf '%s\\n' \"${COMPREPLY[@]}\" END\n"
	}
	write(t, filepath.Join(dir, "try"), script)
	checkOffers(t, cases, runShell(t, dir, "bash", "--norc", "./try"))
}

func TestCompletionInFish(t *testing.T) {
	for program, cases := range map[string][]offers{"zcat": completions(), "zq": renamed(completions())} {
		dir := shellDir(t, program, "fish")
		script := "source ./script\n"
		for _, c := range cases {
			// What follows a tab explains.
			script += "complete -C '" + c.line + "' | string replace -r '\\t.*' ''\necho END\n"
		}
		write(t, filepath.Join(dir, "try"), script)
		checkOffers(t, cases, runShell(t, dir, "fish", "--no-config", "./try"))
	}
}

// zshTry types the lines of the file "lines" into a zsh of its own, asks for the
// list of completions after each, and prints what that one showed.
const zshTry = `zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "PROMPT='READY> ' RPROMPT= COLUMNS=400 LISTMAX=1000; unsetopt prompt_cr prompt_sp beep"
zpty -w inner "$1; bindkey '^I' list-choices; zstyle ':completion:*' list-colors ''; print STAR''T"
zpty -r inner seen '*START*READY> *'
while IFS= read -r line; do
  zpty -n -w inner $line$'\t'
  zpty -n -w inner $'\x15'"print EN''D"$'\n'
  zpty -r inner seen '*END'$'\r''*READY> *'
  print -r -- $seen
done <lines
zpty -d inner
`

func TestCompletionInZsh(t *testing.T) {
	for program, cases := range map[string][]offers{"zcat": completions(), "zq": renamed(completions())} {
		// Loaded at once, or from $fpath when it is needed.
		for _, load := range []string{"autoload -U compinit; compinit -u -D; source ./script", "fpath=($PWD $fpath); autoload -U compinit; compinit -u -D"} {
			dir := shellDir(t, program, "zsh")
			if err := os.Link(filepath.Join(dir, "script"), filepath.Join(dir, "_"+program)); err != nil {
				t.Fatal(err)
			}
			var lines strings.Builder
			for _, c := range cases {
				lines.WriteString(c.line + "\n")
			}
			write(t, filepath.Join(dir, "lines"), lines.String())
			write(t, filepath.Join(dir, "try"), zshTry)
			out := runShell(t, dir, "zsh", "-f", "./try", load)
			// What moves the cursor separates words; the line itself is shown again.
			out = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|[\r\a\b]").ReplaceAllString(out, " ")
			out = regexp.MustCompile(`print EN''D| -- .*`).ReplaceAllString(out, "")
			for _, c := range cases {
				out = strings.ReplaceAll(out, " "+c.line+" ", "  ")
			}
			checkOffers(t, cases, regexp.MustCompile(`END\s*`).ReplaceAllString(out, "END\n"))
		}
	}
}

// The manual pages are what mandoc calls clean, and say the program's name.
func TestManual(t *testing.T) {
	for _, program := range []string{"zcat", "my-zq"} {
		dir := t.TempDir()
		table := help.TableOf(commands(program))
		if err := help.WriteManual(table, dir); err != nil {
			t.Fatal(err)
		}
		pages, err := filepath.Glob(filepath.Join(dir, program+"*.1"))
		if err != nil || len(pages) != len(commands(program).List())+len(topics.Names())+1 {
			t.Fatalf("%d pages, %v", len(pages), err)
		}
		if out := runShell(t, dir, append([]string{"mandoc", "-Tlint"}, pages...)...); out != "" {
			t.Errorf("mandoc: %s", out)
		}
		for _, topic := range table.Topics {
			shown := runShell(t, dir, "mandoc", "-Tutf8", "-Owidth=78", filepath.Join(dir, program+"-"+topic.Name+".1"))
			shown = regexp.MustCompile(".\x08").ReplaceAllString(shown, "")
			if text, _ := topics.Text(topic.Name, program); !strings.Contains(shown, "\n"+text) {
				t.Errorf("the page of %s is not its text:\n%s", topic.Name, shown)
			}
		}
		for _, c := range table.Commands {
			text := runShell(t, dir, "mandoc", "-Tutf8", "-Owidth=400", filepath.Join(dir, program+"-"+c.Name+".1"))
			text = regexp.MustCompile(".\x08").ReplaceAllString(text, "")
			for _, want := range append(flagNames(c), program+" "+c.Name, program+" "+c.Example, c.Summary) {
				if !strings.Contains(text, want) {
					t.Errorf("the page of %s lacks %q:\n%s", c.Name, want, text)
				}
			}
		}
	}
}

func flagNames(c guide.Command) []string {
	var names []string
	for _, f := range c.Flags {
		names = append(names, "--"+f.Name)
	}
	return names
}

// A flag that takes a few words and nothing else has them completed.
func TestClosedSetsAreCompleted(t *testing.T) {
	all := commands("zcat")
	for i, c := range help.TableOf(all).Commands {
		for _, f := range c.Flags {
			w := all.List()[i]
			at := slices.IndexFunc(line.FlagsOf(w), func(g line.Flag) bool { return g.Name == f.Name })
			set := line.FlagsOf(w)[at].Set
			if f.Takes.Kind != guide.Free || set == nil {
				continue
			}
			// What is open takes a number, or any text, or has a form of its own.
			open := slices.Contains([]string{"MIN..MAX", "KEY", "ORIGIN"}, f.Meta)
			for _, text := range []string{"5", "1s", "anything", "ab", "660", "127.0.0.1:1", `["a"]`} {
				open = open || set(line.NewConfig(w), text) == nil
			}
			if !open {
				t.Errorf("%s --%s takes a few words, and none is offered", c.Name, f.Name)
			}
		}
	}
}
