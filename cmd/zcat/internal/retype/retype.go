// Package retype finds the command line that was meant by one that was refused: slips,
// and the words of nc, socat, kcat, nats, redis-cli, mosquitto, websocat, omq and zmqc.
package retype

import (
	"os"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// Retyped returns the command lines that may have been meant by args, none where
// that is not known; password says that the environment holds one. Where something
// has no meaning here at all, meaning says so, else it is "".
func Retyped(all *line.Catalogue, args []string, password bool) (meaning string, lines []string) {
	return retyped(all, args, Around{Password: password})
}

func retyped(all *line.Catalogue, args []string, around Around) (meaning string, lines []string) {
	password := around.Password
	if w, found := all.Find(line.First(args)); found {
		if _, err := Tried(w, args[1:], password); err == nil {
			return "", nil // nothing is wrong with this
		}
	}
	if len(args) == 0 || slices.Contains([]string{"help", "--help", "-V", "--version", "version"}, args[0]) ||
		args[0] == "-h" && !habits.NamesHost(args[1:]) || slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--help=") }) {
		return "", nil
	}
	if meaning, line := withoutMeaning(all, args); meaning != "" {
		return meaning, []string{line}
	}
	r := retyping{all: all, password: password, undrawn: around.Undrawn}
	if w, found := all.Find(line.First(args)); found && w.Nests != nil {
		if meaning, line := r.nests(w, args[1:]); line != "" {
			return meaning, []string{line}
		}
		return "", nil
	}
	rest, ok := r.name(translated(all, args))
	if _, found := all.Find(args[0]); !ok && !found && args[0] != all.Program && toolOf(strings.ToLower(args[0])) != nil {
		return r.meaning, []string{all.Program + " help from-other-tools"}
	}
	if !ok || !r.flags(rest) || !r.place() {
		return r.meaning, nil
	}
	if r.helps {
		return r.meaning, []string{r.command.Line("--help")}
	}
	r.complete()
	if line := r.severally(); line != "" {
		return r.meaning, []string{line}
	}
	for _, typed := range r.mended() {
		if r.typed = typed; strength(r.words(typed)) < strength(args) {
			continue
		}
		lines = append(lines, r.line())
	}
	return r.meaning, lines
}

// Tried returns the configuration of a command line, which is not run.
func Tried(w line.Command, args []string, password bool) (*line.Config, error) {
	written, err := line.Normalise(w, args)
	if err != nil {
		return nil, err
	}
	return line.Configure(w, written, os.LookupEnv, func(c *line.Config) {
		if password {
			c.Access.Password = access.NewPassword(line.PasswordVariable) // any will do
		}
	}, func(c *line.Config) { c.Settle(false, false) })
}

// retyping is a command line on its way from what was typed to what was meant.
type retyping struct {
	all     *line.Catalogue
	meaning string // why the command is not one of ours, "" where the refusal says it anyway
	command line.Command
	flagsOf []line.Flag // that the command named by ofWord has
	ofWord  string
	typed   []typedWord // behind the command
	front   []string    // operands that come before the others
	binds   bool        // the command of another tool was one that listens
	foreign bool        // it was a command of another tool
	broker  bool        // of one whose -b is a broker

	speaks bool // something is to be sent
	helps  bool // all that was asked for is help

	everything bool // a pattern that matches all was subscribed to

	password bool // the environment holds one

	passes  bool // what is no flag is passed over
	undrawn bool // nothing can be drawn

	runsAs func(typed []typedWord) bool // whether a line can be run that is a part of another; nil: it stands alone

	host, port    string // halves of an endpoint
	input, output string // files in place of stdin and stdout
	appends       bool   // to output
	topic0        string // what goes in front of each line of stdin
}

// typedWord is what stands behind the command: a flag with its value, or an operand.
type typedWord struct {
	text    string
	value   string
	valued  bool // value is a word of its own
	operand bool
	behind  bool // the end of flags, where a hyphen means nothing
	filler  bool // the value was missing
	met     bool // an endpoint that only a broker would have bound
}

// add adds a flag, and its value if it has one.
func (r *retyping) add(flag string, value ...string) {
	w := typedWord{text: flag}
	if len(value) > 0 {
		w.value, w.valued = value[0], true
	}
	r.typed = append(r.typed, w)
}

func (r *retyping) operand(text string, behind bool) {
	behind = behind || len(text) > 1 && text[0] == '-'
	r.typed = append(r.typed, typedWord{text: text, operand: true, behind: behind})
}

// words returns the words of a line with the flags and operands of typed.
func (r *retyping) words(typed []typedWord) []string {
	words := []string{r.command.Name}
	var behind []string // the end of flags, as soon as one operand has to stand there
	ends := slices.ContainsFunc(typed, func(w typedWord) bool { return w.behind })
	for _, w := range typed {
		if ends && w.operand {
			behind = append(behind, w.text)
			continue
		}
		words = append(words, w.text)
		if w.valued {
			words = append(words, w.value)
		}
	}
	if ends {
		words = append(append(words, "--"), behind...)
	}
	return words
}

// runs reports whether a line of typed can be run.
func (r *retyping) runs(typed []typedWord) bool {
	if r.runsAs != nil {
		return r.runsAs(typed)
	}
	c, err := Tried(r.command, r.words(typed)[1:], r.password)
	return err == nil && c != nil
}

// line returns the line for a shell.
func (r *retyping) line() string {
	written := r.all.Program
	for _, word := range r.words(r.typed) {
		written += " " + shell.Quoted(word)
	}
	input := shell.Quoted(r.input)
	switch {
	case r.topic0 != "":
		written = strings.TrimSuffix("awk '{print \""+r.topic0+"\" $0; fflush()}' "+strings.TrimSuffix(input, "''"), " ") + " | " + written
	case r.input == "":
	case r.operands() > 0: // with FRAMEs stdin is not read
		written += ` "$(cat ` + input + `)"`
	default:
		written += " < " + input
	}
	switch {
	case r.appends:
		written += " >> " + shell.Quoted(r.output)
	case r.output != "":
		written += " > " + shell.Quoted(r.output)
	}
	return written
}

// severally returns a line of several commands, where each operand needs one of its
// own; "" where it does not.
func (r *retyping) severally() string {
	if r.command.Name != "keygen" && r.command.EndpointOperands() != 1 || r.operands() < 2 {
		return ""
	}
	var lines []string
	all := r.typed
	for i, one := range all {
		if !one.operand {
			continue
		}
		r.typed = nil
		for j, w := range all {
			if !w.operand || i == j {
				r.typed = append(r.typed, w)
			}
		}
		if !r.runs(r.typed) {
			r.typed = all
			return ""
		}
		lines = append(lines, r.line())
	}
	return strings.Join(lines, " && ")
}
