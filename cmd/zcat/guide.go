package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/guide"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
	"github.com/zcat/zcat/pkg/sockets"
)

// manConfig is what a command line asks of man.
type manConfig struct{ dir string }

func manOf(c *config) *manConfig { return c.own.(*manConfig) }

// completionCommand is the command for shells.
func completionCommand(program string) command {
	return command{
		tool:     true,
		name:     "completion",
		operands: strings.Join(shells(), "|"),
		essence:  "bash",
		summary:  "print what makes a shell complete commands and flags",
		about: "Prints a script for the shell: of commands, flags and the values that have a name, under the name that this program was called by. " +
			"For bash, load it with: eval \"$(" + program + " completion bash)\". For zsh, put it where $fpath finds it, as _" + program + ". " +
			"For fish: " + program + " completion fish | source. `make install` puts all of them in their places.",
		example: "completion bash",
		flags:   allFlags(nil), rules: allRules(completionRules),
		run: func(c *config, std streams) (status, error) { return std.answer(completion(c.command.all, c.args[0])) },
	}
}

// manCommand is the command that prints manual pages.
func manCommand(program string) command {
	return command{
		tool:     true,
		name:     "man",
		operands: "[COMMAND]",
		summary:  "print the manual page of " + program + ", or of a command",
		about: "Prints the source of a manual page: " + program + " man push | man -l -. With --dir it writes all of them, as `make install` does, " +
			"after which man " + program + " and man " + program + "-push show them.",
		example: "man push",
		own:     func() any { return &manConfig{} }, flags: allFlags(manFlags), settle: func(c *config) { c.toStdout = manOf(c).dir == "" }, rules: allRules(manRules), run: manual,
	}
}

// manFlags say where manual pages go.
func manFlags() []flagRow {
	return []flagRow{{
		name: "dir", kind: takesValue, group: "Manual", meta: "DIR", example: "/tmp/man1",
		brief: "write all pages to DIR, a file each",
		help:  "write all pages to DIR, a file each, instead of printing one",
		set: func(c *config, text string) error {
			if text == "" {
				return fmt.Errorf("the value is empty")
			}
			manOf(c).dir = text
			return nil
		},
	}}
}

// shells lists those that completion writes for.
func shells() []string { return guide.Shells() }

// completionRules are the rules of completion.
func completionRules(c *config) []rule {
	return []rule{
		{
			len(c.args) != 1, fmt.Sprintf("completion is for one shell, %s: there are %d", strings.Join(shells(), ", "), len(c.args)),
			c.command.line(""),
		},
		{
			guide.Completion(guide.Program{}, first(c.args)) == "", fmt.Sprintf("unknown shell %q: there are %s", first(c.args), strings.Join(shells(), ", ")),
			c.command.line(""),
		},
	}
}

// completion is the script for a shell.
func completion(all *catalogue, shell string) string { return guide.Completion(tableOf(all), shell) }

// manRules are the rules of man.
func manRules(c *config) []rule {
	name, hint := first(c.args), "push"
	_, found := c.command.all.find(name)
	if near := c.command.all.nearest(name); near != "" {
		hint = near
	}
	return []rule{
		{
			len(c.args) > 1, fmt.Sprintf("man prints one page: %d commands are too many", len(c.args)),
			c.command.line("--dir /tmp/man1"),
		},
		{
			len(c.args) > 0 && manOf(c).dir != "", "--dir takes all pages, and one command is named",
			c.command.line("--dir /tmp/man1"),
		},
		{
			len(c.args) > 0 && !found, fmt.Sprintf("unknown command %q", name),
			c.command.line(hint),
		},
	}
}

// manual prints a page, or writes all of them.
func manual(c *config, std streams) (status, error) {
	table := tableOf(c.command.all)
	if manOf(c).dir != "" {
		return statusDone, writeManual(table, manOf(c).dir)
	}
	page := guide.Manual(table)
	for _, command := range table.Commands {
		if command.Name == first(c.args) {
			page = guide.CommandManual(table, command)
		}
	}
	return std.answer(page)
}

// writeManual writes all pages, as files that man finds.
func writeManual(table guide.Program, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--dir: %w", plain(err))
	}
	pages := map[string]string{table.Name: guide.Manual(table)}
	for _, c := range table.Commands {
		pages[table.Name+"-"+c.Name] = guide.CommandManual(table, c)
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(text), 0o644); err != nil {
			return fmt.Errorf("--dir: %w", plain(err))
		}
	}
	return nil
}

// tableOf is the table of commands and flags for those who guide to them.
func tableOf(all *catalogue) guide.Program {
	program := all.program
	table := guide.Program{
		Name: program, Title: "open any ZeroMQ socket from the shell", Date: buildOf().date,
		TakesFiles: program == gzipsName, Sections: manualSections(all),
	}
	for _, name := range topics.Names() {
		table.Topics = append(table.Topics, guide.Term{Name: name, Text: topics.Summary(name)})
	}
	for _, w := range all.list {
		command := guide.Command{
			Name: w.name, Summary: w.summary, Operands: w.operands, Text: strings.Join(paragraphs(w), "\n\n"), Example: w.example,
			Takes: operandOf(w),
		}
		for _, f := range flagsOf(w) {
			command.Flags = append(command.Flags, guide.Flag{
				Name: f.name, Letter: f.letter, Group: f.group, Meta: f.meta, Optional: f.kind == mayTakeValue,
				Help: f.help, Takes: valueOf(w, f),
			})
		}
		table.Commands = append(table.Commands, command)
	}
	return table
}

// operandOf is what stands beside a command's flags, by the word for it.
func operandOf(w command) guide.Value {
	word, _, _ := strings.Cut(strings.Trim(w.operands, "[]"), " ")
	switch word {
	case "":
		return guide.Value{}
	case "FILE":
		return guide.Value{Kind: guide.File}
	case "EP", "FRONT":
		return guide.Value{Kind: guide.Endpoint}
	case "COMMAND":
		return guide.Value{Kind: guide.Words, Words: w.all.names()}
	}
	if strings.Contains(word, "|") {
		return guide.Value{Kind: guide.Words, Words: strings.Split(word, "|")}
	}
	return guide.Value{Kind: guide.Free}
}

// valueOf is what a flag takes. Of a closed set those are offered which the flag
// itself accepts.
func valueOf(w command, f flagRow) guide.Value {
	if f.kind == takesNothing || f.kind == takesNothings {
		return guide.Value{}
	}
	switch f.meta {
	case "EP", "EP|FILE":
		return guide.Value{Kind: guide.Endpoint}
	case "DIR":
		return guide.Value{Kind: guide.Dir}
	case "FILE", "FILE|DIR", "DIR|FILE":
		return guide.Value{Kind: guide.File}
	}
	var accepted []string
	for _, text := range vocabulary(w, f) {
		if f.set(newConfig(w), text) == nil {
			accepted = append(accepted, text)
		}
	}
	if accepted == nil {
		return guide.Value{Kind: guide.Free}
	}
	if f.meta == "NAME=VALUE" {
		for i := range accepted {
			accepted[i] = strings.TrimSuffix(accepted[i], anyValue)
		}
	}
	return guide.Value{Kind: guide.Words, Words: accepted}
}

// anyValue stands for the value of an option while it is tried.
const anyValue = "1"

// vocabulary lists the words that a flag's value may be one of.
func vocabulary(w command, f flagRow) []string {
	switch f.meta {
	case "F":
		return []string{"json", "hex", "text", "raw", "view"}
	case "TYPE":
		var names []string
		for _, t := range sockets.Types() {
			names = append(names, strings.ToLower(t.String()))
		}
		return names
	case "A:B":
		return []string{"router:dealer", "xsub:xpub", "pull:push", "sub:pub", "pair:pair", "dealer:dealer", "router:router"}
	case "SIDE":
		return []string{sockets.Front.String(), sockets.Back.String()}
	case "NAME=VALUE":
		var names []string
		for _, row := range optionsOf(w) {
			names = append(names, row.name+"="+anyValue)
		}
		return append(names, "list")
	}
	if strings.Contains(f.meta, "|") && strings.ToLower(f.meta) == f.meta {
		return strings.Split(f.meta, "|")
	}
	return nil
}
