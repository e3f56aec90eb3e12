package help

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/guide"
	"github.com/zcat/zcat/cmd/zcat/internal/gzip"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
	"github.com/zcat/zcat/pkg/sockets"
)

// manConfig has the settings of man.
type manConfig struct{ dir string }

func manOf(c *line.Config) *manConfig { return c.Own.(*manConfig) }

// CompletionCommand is the command for shells.
func CompletionCommand(program string) line.Command {
	return line.Command{
		Tool:     true,
		Name:     "completion",
		Operands: strings.Join(Shells(), "|"),
		Essence:  "bash",
		Summary:  "print what makes a shell complete commands and flags",
		About: "Prints a script for the shell: of commands, flags and the values that have a name, under the name that this program was called by. " +
			"For bash, load it with: eval \"$(" + program + " completion bash)\". For zsh, put it where $fpath finds it, as _" + program + ". " +
			"For fish: " + program + " completion fish | source. `make install` puts all of them in their places.",
		Example: "completion bash",
		Flags:   flags.All(nil), Rules: flags.Rules(completionRules),
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) {
			return std.Answer(Completion(c.Command.All, c.Args[0]))
		},
	}
}

// ManCommand is the command that prints manual pages.
func ManCommand(program string) line.Command {
	return line.Command{
		Tool:     true,
		Name:     "man",
		Operands: "[COMMAND|TOPIC]",
		Summary:  "print the manual page of " + program + ", of a command or a topic",
		About: "Prints the source of a manual page: " + program + " man push | man -l -. With --dir it writes all of them, as `make install` does, " +
			"after which man " + program + " and man " + program + "-push show them.",
		Example: "man push",
		Own:     func() any { return &manConfig{} }, Flags: flags.All(manFlags), Settle: func(c *line.Config) { c.ToStdout = manOf(c).dir == "" }, Rules: flags.Rules(manRules), Run: manual,
	}
}

// manFlags say where manual pages go.
func manFlags() []line.Flag {
	return []line.Flag{{
		Name: "dir", Kind: line.TakesValue, Group: "Manual", Meta: "DIR", Example: "/tmp/man1",
		Brief: "write all pages to DIR, a file each",
		Help:  "write all pages to DIR, a file each, instead of printing one",
		Set: func(c *line.Config, text string) error {
			if text == "" {
				return fmt.Errorf("the value is empty")
			}
			manOf(c).dir = text
			return nil
		},
	}}
}

// Shells lists those that completion writes for.
func Shells() []string { return guide.Shells() }

// completionRules are the rules of completion.
func completionRules(c *line.Config) []line.Rule {
	return []line.Rule{
		{
			Broken: len(c.Args) != 1, Sentence: fmt.Sprintf("completion is for one shell, %s: %s", strings.Join(Shells(), ", "), line.Given(len(c.Args))),
			Hint: c.Command.Line(""),
		},
		{
			Broken: guide.Completion(guide.Program{}, line.First(c.Args)) == "", Sentence: fmt.Sprintf("unknown shell %q: there are %s", line.First(c.Args), strings.Join(Shells(), ", ")),
			Hint: c.Command.Line(""),
		},
	}
}

// Completion returns the script for a shell.
func Completion(all *line.Catalogue, shell string) string {
	return guide.Completion(TableOf(all), shell)
}

// manRules are the rules of man.
func manRules(c *line.Config) []line.Rule {
	name, hint := line.First(c.Args), "push"
	_, found := c.Command.All.Find(name)
	found = found || slices.Contains(topics.Names(), name)
	if near := pageFor(c.Command.All, name); near != "" {
		hint = near
	}
	return []line.Rule{
		{
			Broken: len(c.Args) > 1, Sentence: fmt.Sprintf("man prints one page: %d are too many", len(c.Args)),
			Hint: c.Command.Line("--dir /tmp/man1"),
		},
		{
			Broken: len(c.Args) > 0 && manOf(c).dir != "", Sentence: "--dir takes all pages, and one is named",
			Hint: c.Command.Line("--dir /tmp/man1"),
		},
		{
			Broken: len(c.Args) > 0 && !found, Sentence: fmt.Sprintf("unknown command or topic %q", name),
			Hint: c.Command.Line(hint),
		},
	}
}

// manual prints a page, or writes all of them.
func manual(c *line.Config, std say.Streams) (outcome.Status, error) {
	table := TableOf(c.Command.All)
	if manOf(c).dir != "" {
		return outcome.Done, WriteManual(table, manOf(c).dir)
	}
	page := guide.Manual(table)
	for _, topic := range table.Topics {
		if topic.Name == line.First(c.Args) {
			page = guide.TopicManual(table, topic)
		}
	}
	for _, command := range table.Commands {
		if command.Name == line.First(c.Args) {
			page = guide.CommandManual(table, command)
		}
	}
	return std.Answer(page)
}

// WriteManual writes all pages as files that man finds.
func WriteManual(table guide.Program, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--dir: %w", say.Plain(err))
	}
	pages := map[string]string{table.Name: guide.Manual(table)}
	for _, c := range table.Commands {
		pages[table.Name+"-"+c.Name] = guide.CommandManual(table, c)
	}
	for _, t := range table.Topics {
		pages[table.Name+"-"+t.Name] = guide.TopicManual(table, t)
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(text), 0o644); err != nil {
			return fmt.Errorf("--dir: %w", say.Plain(err))
		}
	}
	return nil
}

// TableOf returns the table of commands and flags for package guide.
func TableOf(all *line.Catalogue) guide.Program {
	program := all.Program
	table := guide.Program{
		Name: program, Title: "open any ZeroMQ socket from the shell", Date: buildOf().date,
		TakesFiles: program == gzip.Name, Sections: manualSections(all),
	}
	for _, s := range line.Schemes() {
		table.Schemes = append(table.Schemes, s.Begins)
	}
	for _, name := range topics.Names() {
		text, _ := topics.Text(name, program)
		table.Topics = append(table.Topics, guide.Topic{Name: name, Summary: topics.Called(topics.Summary(name), program), Text: text})
	}
	for _, w := range all.List() {
		command := guide.Command{
			Name: w.Name, Summary: w.Summary, Operands: w.Operands, Text: strings.Join(paragraphs(w), "\n\n"), Example: w.Example,
			Takes: operandOf(w),
		}
		for _, f := range line.FlagsOf(w) {
			command.Flags = append(command.Flags, guide.Flag{
				Name: f.Name, Letter: f.Letter, Group: f.Group, Meta: f.Meta, Optional: f.Kind == line.MayTakeValue,
				Help: topics.Called(f.Help, program), Takes: valueOf(w, f),
			})
		}
		table.Commands = append(table.Commands, command)
	}
	return table
}

// operandOf returns what stands beside a command's flags, by its name in the
// synopsis.
func operandOf(w line.Command) guide.Value {
	word, _, _ := strings.Cut(strings.Trim(w.Operands, "[]"), " ")
	switch word {
	case "":
		return guide.Value{}
	case "FILE":
		return guide.Value{Kind: guide.File}
	case "EP", "FRONT":
		return guide.Value{Kind: guide.Endpoint}
	case "COMMAND|TOPIC":
		return guide.Value{Kind: guide.Words, Words: slices.Concat(w.All.Names(), topics.Names())}
	}
	if strings.Contains(word, "|") {
		return guide.Value{Kind: guide.Words, Words: strings.Split(word, "|")}
	}
	return guide.Value{Kind: guide.Free}
}

// valueOf returns what a flag takes. Of a closed set it offers the values that the
// flag itself accepts.
func valueOf(w line.Command, f line.Flag) guide.Value {
	if f.Kind == line.TakesNothing || f.Kind == line.TakesNothings {
		return guide.Value{}
	}
	switch f.Meta {
	case "EP", "EP|FILE":
		return guide.Value{Kind: guide.Endpoint}
	case "FILE|NAME":
		return guide.Value{Kind: guide.Settings}
	case "DIR":
		return guide.Value{Kind: guide.Dir}
	case "FILE", "FILE|DIR", "DIR|FILE":
		return guide.Value{Kind: guide.File}
	}
	var accepted []string
	for _, text := range vocabulary(w, f) {
		if f.Set(line.NewConfig(w), text) == nil {
			accepted = append(accepted, text)
		}
	}
	if accepted == nil {
		return guide.Value{Kind: guide.Free}
	}
	if f.Meta == "NAME=VALUE" {
		for i := range accepted {
			accepted[i] = strings.TrimSuffix(accepted[i], anyValue)
		}
	}
	return guide.Value{Kind: guide.Words, Words: accepted}
}

// anyValue stands for the value of an option while it is tried.
const anyValue = "1"

// vocabulary lists the words that a flag's value may be.
func vocabulary(w line.Command, f line.Flag) []string {
	switch f.Meta {
	case "F":
		return append(line.FormatNames(true), line.LadderName)
	case "TYPE":
		var names []string
		for _, t := range sockets.Types() {
			names = append(names, strings.ToLower(t.String()))
		}
		return names
	case "A:B":
		return []string{
			"router:dealer", "xsub:xpub", "pull:push", "sub:pub", "pair:pair", "dealer:dealer", "router:router", "gather:scatter", "dish:radio",
			// as a bench has them, who sends first
			"push:pull", "req:rep", "pub:sub", "xpub:xsub", "dealer:router", "req:router", "dealer:rep", "client:server", "scatter:gather", "radio:dish", "channel:channel", "peer:peer",
		}
	case "FORM":
		return line.Shows()
	case "SIDE":
		return line.Sides()
	case "WHEN":
		return []string{"auto", "always", "never"}
	case "WHAT":
		return append(flags.ProxyParts(), "throughput", "latency")
	case "X":
		return []string{"max"}
	case "NAME=VALUE":
		var names []string
		for _, row := range flags.OptionsOf(w) {
			names = append(names, row.Name+"="+anyValue)
		}
		return append(names, "list")
	}
	if strings.Contains(f.Meta, "|") && strings.ToLower(f.Meta) == f.Meta {
		return strings.Split(f.Meta, "|")
	}
	return nil
}
