package main

import (
	"os"
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
)

// corrected is err, where it is about the command line, with a hint that keeps all
// of the line that was typed and mends what is wrong with it: if that is known,
// and makes a line that can be run. Nobody knows better than who typed it what it
// was for.
func corrected(program string, args []string, password bool, err error) error {
	usage, ok := err.(*usageError) //nolint:errorlint // what is wrapped is about something else
	if !ok {
		return err
	}
	if line := retyped(program, args, password); line != "" {
		return &usageError{usage.sentence, line}
	}
	return err
}

// retyped is the command line that was meant by args, "" where it is not known;
// password says that the environment holds one.
func retyped(program string, args []string, password bool) string {
	if w, found := findWord(program, first(args)); found {
		if _, err := tried(w, args[1:], password); err == nil {
			return "" // nothing of this is wrong
		}
	}
	r := retyping{program: program, password: password}
	rest, ok := r.command(args)
	if !ok || !r.flags(rest) || !r.place() {
		return ""
	}
	r.complete()
	words := r.words()
	if c, err := tried(r.word, words[1:], password); err != nil || c == nil {
		return ""
	}
	line := program
	for _, word := range words {
		line += " " + quoted(word)
	}
	switch {
	case r.input == "":
	case r.operands() > 0: // with FRAMEs stdin is not read
		line += ` "$(cat ` + quoted(r.input) + `)"`
	default:
		line += " < " + quoted(r.input)
	}
	if r.output != "" {
		line += " > " + quoted(r.output)
	}
	return line
}

// tried is the configuration of a command line, which is not run.
func tried(w word, args []string, password bool) (*config, error) {
	line, err := normalise(w, args)
	if err != nil {
		return nil, err
	}
	return configure(w, line, os.LookupEnv, func(c *config) {
		if password {
			c.access.Password = access.NewPassword(passwordVariable) // any will do
		}
	}, func(c *config) { c.settle(false, false) })
}

// retyping is a command line on its way from what was typed to what was meant.
type retyping struct {
	program string
	word    word
	typed   []typedWord // behind the command
	front   []string    // operands that come before the others
	binds   bool        // the command of another tool was one that listens
	foreign bool        // it was a command of another tool

	password bool // the environment holds one

	host, port    string // halves of an endpoint
	input, output string // files in the place of stdin and stdout
}

// typedWord is a word behind the command: one of a flag, or an operand.
type typedWord struct {
	text    string
	operand bool
	behind  bool // the end of flags, where a hyphen means nothing
}

func (r *retyping) add(words ...string) {
	for _, w := range words {
		r.typed = append(r.typed, typedWord{text: w})
	}
}

func (r *retyping) operand(text string, behind bool) {
	r.typed = append(r.typed, typedWord{text, true, behind})
}

// words is the line as it is now.
func (r *retyping) words() []string {
	words := []string{r.word.name}
	for _, w := range r.typed {
		if w.behind && !slices.Contains(words, "--") {
			words = append(words, "--")
		}
		words = append(words, w.text)
	}
	return words
}
