// Package help is what zcat tells about itself: help on a screen and in full,
// manual pages, completion, and its version.
package help

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// helpWidth is the width at which the text of a help is wrapped, that of the classic
// terminal.
const helpWidth = 80

// Overview returns the help of zcat as a whole.
func Overview(all *line.Catalogue) string {
	program := all.Program
	var b strings.Builder
	wrap(&b, program+" opens any ZeroMQ socket: messages come and go as lines on stdin and stdout.", 0)
	fmt.Fprintf(&b, "\nUsage: %s COMMAND [flags] [FRAME...]\n\nCommands:\n", program)
	before := ""
	for _, w := range all.List() {
		if heading := headingOf(w); heading != before {
			b.WriteString(heading)
			before = heading
		}
		fmt.Fprintf(&b, "  %-10s %s\n", w.Name, w.Summary)
	}
	fmt.Fprintf(&b, "  %-10s %s\n", "help", "explain a command or a topic: "+program+" help push")
	b.WriteByte('\n')
	wrap(&b, fmt.Sprintf("Topics: %s help TOPIC, which is %s.", program, line.OneOf(topics.Names())), 0)
	b.WriteByte('\n')
	wrap(&b, "Endpoints: tcp://HOST:PORT, ipc://PATH, ipc://@NAME, ws://HOST:PORT/PATH; short: HOST:PORT, :PORT "+
		"(loopback), *:PORT (every interface), /path or ./path (ipc), @NAME (ipc, Linux). Either side may bind, "+
		"either may come first.", 0)
	fmt.Fprintf(&b, "\nExamples:\n  %s\n  %s\n  %s\n",
		program+" pull --bind tcp://127.0.0.1:5557", program+" push --connect tcp://127.0.0.1:5557 hello world",
		program+" req --connect tcp://127.0.0.1:5555 --timeout 2 '{\"op\":\"ping\"}'")
	b.WriteString("\nExit status:\n")
	for _, s := range exitTable() {
		fmt.Fprintf(&b, "  %-9s ", s.status)
		wrap(&b, s.meaning, max(len("  ")+len(s.status), 11)+1)
	}
	b.WriteByte('\n')
	wrap(&b, fmt.Sprintf("%[1]s --version prints the version, %[1]s COMMAND --help the flags of a command, with -h a screen of it.", program), 0)
	return b.String()
}

// headingOf is what stands above a command in the list, "" above the first ones.
func headingOf(w line.Command) string {
	switch {
	case w.Tool:
		return "\nTools:\n"
	case w.Traits().Draft:
		return "\nDrafts of ZeroMQ, of single frames:\n"
	}
	return ""
}

// exitStatus is one way to end.
type exitStatus struct{ status, meaning string }

// exitTable lists what the statuses mean.
func exitTable() []exitStatus {
	return []exitStatus{
		{"0", "done"},
		{"1", "failure while running: a bad input line, a bind that failed, a peer that broke the protocol"},
		{"2", "usage"},
		{"3", "refused: authentication, handshake, unroutable"},
		{"4", "messages left unsent when the linger ran out"},
		{"124", "--timeout ran out"},
		{"129, 130, 131, 143", "SIGHUP, SIGINT, SIGQUIT, SIGTERM"},
		{"141", "the reader of stdout is gone (SIGPIPE)"},
	}
}

// On returns the help that "zcat help" prints for what follows it: a command, or
// else a topic.
func On(all *line.Catalogue, args []string) (string, error) {
	if len(args) == 0 || args[0] == "--help" || len(args) == 1 && args[0] == "help" {
		return Overview(all), nil
	}
	if args[0] == "-h" {
		return BriefOverview(all), nil
	}
	if len(args) > 1 {
		return "", &outcome.UsageError{Sentence: fmt.Sprintf("help explains one command or topic: %d are too many", len(args)), Hint: all.Program + " help " + args[0]}
	}
	if w, found := all.Find(args[0]); found {
		return For(w), nil
	}
	if text, found := topics.Text(args[0], all.Program); found {
		return text, nil
	}
	hint, near := all.Program+" --help", pageFor(all, args[0])
	if word := strings.ToLower(args[0]); word == "topics" || word == "topic" {
		near, hint = "", all.Program+" -h" // which lists them
	} else if word == "version" {
		near, hint = "", all.Program+" --version"
	}
	switch {
	case slices.Contains(topics.Names(), near):
		hint = all.Program + " help " + near
	case near != "":
		hint = all.Program + " " + near + " --help"
	}
	return "", &outcome.UsageError{Sentence: fmt.Sprintf("unknown command or topic %q", args[0]), Hint: hint}
}

// pageFor returns the command or the topic that was probably meant by a word, or that
// explains it; "" where there is none.
func pageFor(all *line.Catalogue, word string) string {
	word = strings.ToLower(word)
	if name := topics.Subject(word); name != "" {
		return name
	}
	near := habits.Nearest(word, slices.Concat(all.Names(), topics.Names()))
	if strings.HasPrefix(near, word) || near != "" && strings.HasPrefix(word, near) {
		return near
	}
	if meant := habits.Verb(word); meant != nil {
		return meant[0]
	}
	// A word that is no slip of a name may be what a page is about.
	return cmp.Or(topics.About(word), near)
}

// For returns the help of a command.
func For(w line.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n\nUsage: %s\n\n", w.Program, w.Name, w.Summary, w.Synopsis())
	for _, text := range paragraphs(w) {
		wrap(&b, text, 0)
	}
	fmt.Fprintf(&b, "\nExample: %s %s\n", w.Program, w.Example)
	group := ""
	for _, f := range line.FlagsOf(w) {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n%s:\n", group)
		}
		label := LabelOf(f)
		fmt.Fprintf(&b, "%-30s", label)
		if len(label) >= 30 {
			fmt.Fprintf(&b, "\n%30s", "")
		}
		wrap(&b, topics.Called(f.Help, w.Program), 30)
	}
	if w.Prints() || w.TakesInput() {
		b.WriteString("\nOn a terminal:\n")
		if w.Prints() {
			wrap(&b, "Messages are shown as view unless a format is asked for: a frame a line, marked as id, -- (delimiter), body. "+
				"Behind the bar is the frame and nothing else. JSON is laid out; bytes are hex; what is long is cut.", 0)
		}
		if w.TakesInput() {
			wrap(&b, "Input is text, a message a line, edited at a prompt: TAB between frames, up and down for earlier lines, "+
				"Ctrl-D for its end. A bad line is reported and skipped.", 0)
		}
	}
	if w.Speaks() {
		b.WriteByte('\n')
		wrap(&b, "D is a time: 5 (seconds), 500ms, 2m. SIZE is bytes, or has K, M or G. Flags may stand before or after "+
			"what has none; -- ends them. "+line.EnvPrefix+"<FLAG> in the environment is a flag's default: "+line.EnvPrefix+"TIMEOUT=5; "+
			"formats there are not for what --exec and --filter run.", 0)
	}
	return b.String()
}

// LabelOf returns the flag with its value, as it stands at the head of its line.
func LabelOf(f line.Flag) string {
	label := "      "
	if f.Letter != "" {
		label = "  -" + f.Letter + ", "
	}
	label += f.Dashed()
	switch {
	case f.Kind == line.MayTakeValue:
		label += " [" + f.Meta + "]"
	case f.Meta != "":
		label += " " + f.Meta
	}
	return label
}

// paragraphs returns what the help of a command says before its flags.
func paragraphs(w line.Command) []string {
	list := strings.Split(topics.Called(w.About, w.Program), "\n\n")
	if w.TakesInput() {
		list = append(list, "FRAME arguments are the frames of one message, text or hex as --in says; stdin is then not read.")
	}
	return list
}

// wrap writes text in lines of at most helpWidth, the second and later ones
// behind an indent.
func wrap(b *strings.Builder, text string, indent int) {
	at := indent
	for i, piece := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+len(piece) > helpWidth:
			fmt.Fprintf(b, "\n%*s", indent, "")
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(piece)
		at += len(piece)
	}
	b.WriteByte('\n')
}
