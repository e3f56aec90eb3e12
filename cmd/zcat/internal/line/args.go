package line

import (
	"fmt"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
)

// setting is one flag as it was typed.
type setting struct {
	flag  Flag
	value string
	at    string // where in a file it stands: "prod:3: ", "" for the command line
}

// parsed is a command line after its command.
type parsed struct {
	Settings []setting
	Operands []string
	Help     bool
	Brief    bool // one screen of help is enough
	flags    []Flag
}

// Normalise brings the arguments behind a command into one form, because the
// flag parser stops at the first positional argument, knows no -n3 and no -vv,
// and takes no flag without its value. It follows getopt: flags stand anywhere
// before "--", a flag that takes a value takes whatever comes next, letters that
// take none may stand together, and the last of them may have a value.
func Normalise(w Command, args []string) (parsed, error) {
	flags := FlagsOf(w)
	n := normaliser{command: w, flags: flags, args: args, out: parsed{flags: flags}}
	for len(n.args) > 0 && !n.out.Help {
		arg := n.args[0]
		n.args = n.args[1:]
		var err error
		switch {
		case arg == "--":
			n.out.Operands = append(n.out.Operands, n.args...)
			n.args = nil
		case strings.HasPrefix(arg, "--"):
			err = n.long(arg)
		case strings.HasPrefix(arg, "-") && arg != "-":
			err = n.letters(arg)
			n.out.Brief = n.out.Help
		default:
			n.out.Operands = append(n.out.Operands, arg)
		}
		if err != nil {
			return parsed{}, err
		}
	}
	return n.out, nil
}

// Canonical returns the command line in the one form: --flag=value for each flag,
// "--", and the positional arguments.
func (p parsed) Canonical() []string {
	args := make([]string, 0, len(p.Settings)+1+len(p.Operands))
	for _, s := range p.Settings {
		args = append(args, s.flag.Dashed()+"="+s.value)
	}
	return append(append(args, "--"), p.Operands...)
}

// values returns the values of a flag.
func (p parsed) values(name string) (values []string) {
	for _, s := range p.Settings {
		if s.flag.Name == name {
			values = append(values, s.value)
		}
	}
	return values
}

// origins returns where the values of a flag come from.
func (p parsed) origins(name string) (at []string) {
	for _, s := range p.Settings {
		if s.flag.Name == name {
			at = append(at, s.at)
		}
	}
	return at
}

type normaliser struct {
	command Command
	flags   []Flag
	args    []string // those to come
	out     parsed
}

// long takes --name, --name=value or --name value.
func (n *normaliser) long(arg string) error {
	name, value, hasValue := strings.Cut(arg[2:], "=")
	flag, found := n.find(func(f Flag) bool { return f.Name == name })
	if !found {
		return n.unknown(arg, "--"+name)
	}
	if hasValue {
		return n.add(flag, value)
	}
	return n.take(flag)
}

// letters takes -x, -xyz, -n3 and -xn 3.
func (n *normaliser) letters(arg string) error {
	whole, _, _ := strings.Cut(arg[1:], "=")
	if f, ok := n.find(func(f Flag) bool { return f.Name == whole }); ok && len(whole) > 1 {
		return &outcome.UsageError{
			Sentence: fmt.Sprintf("%q is not %s: a flag of several letters has two hyphens", arg, f.Dashed()),
			Hint:     n.command.Line(f.sample()),
		}
	}
	for rest := arg[1:]; rest != ""; {
		letter := rest[:1]
		rest = rest[1:]
		flag, found := n.find(func(f Flag) bool { return f.Letter == letter })
		switch {
		case arg == "-h" && habits.NamesHost(n.args):
			return HostRefused(n.args[0], n.command.Line("--help"))
		case letter == "h" && len(rest) > 1 && habits.NamesHost([]string{rest}):
			return HostRefused(rest, n.command.Line("--help"))
		case !found:
			return n.unknown(arg, "-"+letter)
		case flag.Kind == TakesNothing || flag.Kind == TakesNothings:
			if err := n.add(flag, "true"); err != nil {
				return err
			}
		case rest != "":
			return n.add(flag, rest)
		default:
			return n.take(flag)
		}
	}
	return nil
}

// HostRefused explains to a user who has the -h of other tools in mind that here it
// is for help.
func HostRefused(host, hint string) error {
	return &outcome.UsageError{Sentence: fmt.Sprintf("-h is for help, and takes no host such as %q: an endpoint is HOST:PORT, behind --connect", host), Hint: hint}
}

// take adds a flag whose value, if it needs one, is the next argument.
func (n *normaliser) take(flag Flag) error {
	switch flag.Kind {
	case TakesNothing, TakesNothings:
		return n.add(flag, "true")
	case MayTakeValue:
		if len(n.args) == 0 || strings.HasPrefix(n.args[0], "-") && n.args[0] != flag.Bare {
			return n.add(flag, flag.Bare)
		}
	case TakesValue:
		if len(n.args) == 0 {
			return &outcome.UsageError{Sentence: flag.Dashed() + " needs a value", Hint: n.command.Line(flag.sample())}
		}
	}
	value := n.args[0]
	n.args = n.args[1:]
	return n.add(flag, value)
}

func (n *normaliser) add(flag Flag, value string) error {
	if flag.Kind == TakesNothing {
		on, err := units.ParseBool(value)
		if err != nil {
			return &outcome.UsageError{Sentence: fmt.Sprintf("%s: %v", flag.Dashed(), err), Hint: n.command.Line(flag.sample())}
		}
		if flag.Name == "help" {
			n.out.Help = on
			return nil
		}
	}
	n.out.Settings = append(n.out.Settings, setting{flag: flag, value: value})
	return nil
}

func (n *normaliser) find(is func(Flag) bool) (Flag, bool) {
	for _, f := range n.flags {
		if is(f) {
			return f, true
		}
	}
	return Flag{}, false
}

// unknown reports that a command has no such flag, and which commands do.
func (n *normaliser) unknown(arg, flag string) error {
	var others []string
	for _, w := range n.command.All.List() {
		for _, f := range FlagsOf(w) {
			if f.Dashed() == flag || "-"+f.Letter == flag {
				others = append(others, w.Name)
			}
		}
	}
	hint := n.meant(flag)
	familiar := habits.Known(strings.TrimLeft(flag, "-"))
	if len(others) > 0 {
		if hint == "" {
			hint = n.command.Line("--help")
		}
		return &outcome.UsageError{Sentence: fmt.Sprintf("%s has no flag %s: it belongs to %s", n.command.Name, flag, strings.Join(others, ", ")), Hint: hint}
	}
	if hint != "" || familiar {
		if hint == "" {
			hint = n.command.Line("--help")
		}
		return &outcome.UsageError{Sentence: fmt.Sprintf("%s has no flag %s", n.command.Name, flag), Hint: hint}
	}
	hint = n.command.Line("--help")
	var names []string
	for _, f := range n.flags {
		names = append(names, f.Name)
	}
	name, long := strings.CutPrefix(flag, "--")
	if near := habits.Nearest(name, names); near != "" && long {
		f, _ := n.find(func(f Flag) bool { return f.Name == near })
		hint = n.command.Line(f.sample())
	} else if n.command.TakesInput() {
		hint = n.command.Line(fmt.Sprintf("-- %s", arg))
		return &outcome.UsageError{Sentence: fmt.Sprintf("%s has no flag %s; a FRAME that begins with a hyphen stands behind --", n.command.Name, flag), Hint: hint}
	}
	return &outcome.UsageError{Sentence: fmt.Sprintf("%s has no flag %s", n.command.Name, flag), Hint: hint}
}

// meant returns a command line for a user who knows a flag of another tool, or of
// another command, where nothing but the flag is known: "" where it is not clear
// what was meant.
func (n *normaliser) meant(flag string) string {
	name := strings.TrimLeft(flag, "-")
	switch {
	case n.command.EndpointOperands() == 1 && (name == "connect" || name == "c"):
		return n.command.Line("--wait 10")
	case n.command.EndpointOperands() == 2 && (name == "bind" || name == "b"):
		return n.command.Line("--verbose")
	}
	targets, _ := habits.Habit(name)
	for _, other := range targets {
		if f, found := n.find(func(f Flag) bool { return f.Name == other }); found {
			return n.command.Line(f.sample())
		}
		if (other == "FRAME" || other == "TOPIC") && n.command.TakesInput() {
			return n.command.Line("hello")
		}
	}
	return ""
}
