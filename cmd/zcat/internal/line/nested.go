package line

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
)

// A command of several sockets is told of each by a command line of its own, in one
// argument: NAME='router --bind :5555'.

// Nested is the configuration of a socket whose command line stands within that of c.
// What c itself was given of the same flags are its defaults; the environment is not
// looked at. may says which flags it may have. An error is a *outcome.UsageError for
// that line alone.
func (c *Config) Nested(words []string, may func(Command, Flag) bool) (*Config, error) {
	if len(words) == 0 {
		return nil, &outcome.UsageError{Sentence: "there is no command", Hint: c.Command.Program + " router --bind tcp://127.0.0.1:5555"}
	}
	w, found := c.Command.All.Find(words[0])
	if near := c.Command.All.Nearest(words[0]); !found && near != "" {
		return nil, &outcome.UsageError{
			Sentence: fmt.Sprintf("%q is no command", words[0]), Hint: c.Command.Program + " " + Join(append([]string{near}, words[1:]...)),
		}
	}
	if !found {
		return nil, &outcome.UsageError{
			Sentence: fmt.Sprintf("%q is no command: expected a socket type such as router, dealer, pub or pull", words[0]),
			Hint:     c.Command.Program + " router --bind tcp://127.0.0.1:5555",
		}
	}
	if w.Tool {
		return nil, &outcome.UsageError{Sentence: w.Name + " is no socket", Hint: c.Command.Program + " router --bind tcp://127.0.0.1:5555"}
	}
	typed, err := Normalise(w, words[1:])
	switch {
	case err != nil:
		return nil, err
	case typed.Help:
		return nil, &outcome.UsageError{Sentence: "--help stands alone", Hint: c.Command.Program + " " + w.Name + " --connect tcp://127.0.0.1:5555"}
	case len(typed.Operands) > 0:
		return nil, &outcome.UsageError{
			Sentence: fmt.Sprintf("a socket of a hub takes no FRAME such as %q: its messages come from the filter", typed.Operands[0]),
			Hint:     c.Command.Program + " " + joinWords(words, typed.Operands),
		}
	}
	for _, s := range typed.Settings {
		if s.flag.Name == "option" && s.value == "list" {
			return nil, &outcome.UsageError{Sentence: "-o list stands alone", Hint: c.Command.Program + " " + w.Name + " -o list"}
		}
		if !may(w, s.flag) {
			return nil, &outcome.UsageError{
				Sentence: s.flag.Dashed() + " is nothing for a socket of a hub: it takes endpoint, socket, security and limit flags",
				Hint:     c.Command.Program + " " + joinWords(words, []string{s.flag.Dashed(), s.flag.Dashed() + "=" + s.value, "-" + s.flag.Letter, s.value}),
			}
		}
	}
	flags := FlagsOf(w)
	var inherited []setting
	for _, s := range undisputed(c.given, typed.Settings) {
		at := slices.IndexFunc(flags, func(f Flag) bool { return f.Name == s.flag.Name })
		if at < 0 || !may(w, flags[at]) {
			continue
		}
		// An option that sockets of this type do not have is for the others.
		if probe := NewConfig(w); s.flag.Name == "option" && flags[at].Set(probe, s.value) != nil {
			continue
		}
		inherited = append(inherited, setting{flag: flags[at], value: s.value})
	}
	typed.Settings = slices.Concat(inherited, typed.Settings)
	n := NewConfig(w)
	n.Within = true
	n.inherited = len(inherited)
	n.Access.Password = c.Access.Password
	n.Options.MaxMemory = c.Options.MaxMemory
	return n, Parse(n, typed, func() error {
		for _, s := range inherited {
			if s.flag.Group == GroupSocket && !typed.holds(s.flag.Name, len(inherited)) {
				delete(n.Typed, s.flag.Name) // what is for some of the sockets need not fit this one
			}
		}
		n.Settle(false, false)
		return n.Check()
	})
}

// holds reports whether a flag is among the settings from number first on.
func (p parsed) holds(name string, first int) bool {
	return slices.ContainsFunc(p.Settings[first:], func(s setting) bool { return s.flag.Name == name })
}

// Given lists the values that a flag was given, in their order.
func (c *Config) Given(name string) []string { return valuesOf(c.given, name) }

// GivenHere lists those of them that are not inherited from the line around that of c.
func (c *Config) GivenHere(name string) []string { return valuesOf(c.given[c.inherited:], name) }

func valuesOf(list []setting, name string) (values []string) {
	for _, s := range list {
		if s.flag.Name == name {
			values = append(values, s.value)
		}
	}
	return values
}

// joinWords is a line without some of its words.
func joinWords(words, without []string) string {
	kept := slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		return word != "" && slices.Contains(without, word)
	})
	return Join(kept)
}

// Join is a line of words that Split cuts into them again, as far as there is one: what
// has a blank and both kinds of quotes cannot be written.
func Join(words []string) string {
	written := make([]string, len(words))
	for i, word := range words {
		switch {
		case word != "" && !strings.ContainsAny(word, " \t\r\n") && word[0] != '"' && word[0] != '\'':
		case strings.Contains(word, `"`):
			word = "'" + word + "'"
		default:
			word = `"` + word + `"`
		}
		written[i] = word
	}
	return strings.Join(written, " ")
}

// Within makes an error of a nested line one of the whole: name is that of the socket,
// and whole makes the command line of that of the socket, without the program's name.
func Within(name string, err error, program string, whole func(nested string) string) error {
	var usage *outcome.UsageError
	if !errors.As(err, &usage) {
		return err
	}
	hint := usage.Hint
	if nested, ok := strings.CutPrefix(hint, program+" "); ok && !strings.HasSuffix(nested, "--help") && !strings.HasSuffix(nested, " -o list") {
		hint = whole(nested)
	}
	return &outcome.UsageError{Sentence: name + ": " + usage.Sentence, Hint: hint}
}
