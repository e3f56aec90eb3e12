package main

import (
	"fmt"
	"strings"
)

// setting is one flag as it was given.
type setting struct {
	flag  flagRow
	value string
	at    string // where in a file it stands: "prod:3: ", "" for the command line
}

// parsed is a command line after its command.
type parsed struct {
	settings []setting
	operands []string
	help     bool
	brief    bool // a screen of it is enough
}

// normalise brings the arguments behind a command into one form, because the
// flag parser stops at the first positional argument, knows no -n3 and no -vv,
// and takes no flag without its value. It follows getopt: flags stand anywhere
// before "--", a flag that takes a value takes whatever comes next, letters that
// take none may stand together, and the last of them may have a value.
func normalise(w command, args []string) (parsed, error) {
	n := normaliser{command: w, flags: flagsOf(w), args: args}
	for len(n.args) > 0 && !n.out.help {
		arg := n.args[0]
		n.args = n.args[1:]
		var err error
		switch {
		case arg == "--":
			n.out.operands = append(n.out.operands, n.args...)
			n.args = nil
		case strings.HasPrefix(arg, "--"):
			err = n.long(arg)
		case strings.HasPrefix(arg, "-") && arg != "-":
			err = n.letters(arg)
			n.out.brief = n.out.help
		default:
			n.out.operands = append(n.out.operands, arg)
		}
		if err != nil {
			return parsed{}, err
		}
	}
	return n.out, nil
}

// canonical is the command line in the one form: --flag=value for each flag,
// "--", and the positional arguments.
func (p parsed) canonical() []string {
	args := make([]string, 0, len(p.settings)+1+len(p.operands))
	for _, s := range p.settings {
		args = append(args, s.flag.dashed()+"="+s.value)
	}
	return append(append(args, "--"), p.operands...)
}

// values are those that a flag was given.
func (p parsed) values(name string) (values []string) {
	for _, s := range p.settings {
		if s.flag.name == name {
			values = append(values, s.value)
		}
	}
	return values
}

// origins are where the values of a flag come from.
func (p parsed) origins(name string) (at []string) {
	for _, s := range p.settings {
		if s.flag.name == name {
			at = append(at, s.at)
		}
	}
	return at
}

type normaliser struct {
	command command
	flags   []flagRow
	args    []string // those to come
	out     parsed
}

// long takes --name, --name=value or --name value.
func (n *normaliser) long(arg string) error {
	name, value, hasValue := strings.Cut(arg[2:], "=")
	flag, found := n.find(func(f flagRow) bool { return f.name == name })
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
	if f, ok := n.find(func(f flagRow) bool { return f.name == whole }); ok && len(whole) > 1 {
		return &usageError{
			fmt.Sprintf("%q is not %s: a flag of several letters has two hyphens", arg, f.dashed()),
			n.command.line(f.sample()),
		}
	}
	for rest := arg[1:]; rest != ""; {
		letter := rest[:1]
		rest = rest[1:]
		flag, found := n.find(func(f flagRow) bool { return f.letter == letter })
		switch {
		case arg == "-h" && namesHost(n.args):
			return hostRefused(n.args[0], n.command.line("--help"))
		case letter == "h" && len(rest) > 1 && namesHost([]string{rest}):
			return hostRefused(rest, n.command.line("--help"))
		case !found:
			return n.unknown(arg, "-"+letter)
		case flag.kind == takesNothing || flag.kind == takesNothings:
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

// hostRefused explains to who has the -h of other tools in mind that it is for
// help here.
func hostRefused(host, hint string) error {
	return &usageError{fmt.Sprintf("-h is for help, and takes no host such as %q: an endpoint is HOST:PORT, behind --connect", host), hint}
}

// take adds a flag whose value, if it needs one, is the next argument.
func (n *normaliser) take(flag flagRow) error {
	switch flag.kind {
	case takesNothing, takesNothings:
		return n.add(flag, "true")
	case mayTakeValue:
		if len(n.args) == 0 || strings.HasPrefix(n.args[0], "-") && n.args[0] != flag.bare {
			return n.add(flag, flag.bare)
		}
	case takesValue:
		if len(n.args) == 0 {
			return &usageError{flag.dashed() + " needs a value", n.command.line(flag.sample())}
		}
	}
	value := n.args[0]
	n.args = n.args[1:]
	return n.add(flag, value)
}

func (n *normaliser) add(flag flagRow, value string) error {
	if flag.kind == takesNothing {
		on, err := parseBool(value)
		if err != nil {
			return &usageError{fmt.Sprintf("%s: %v", flag.dashed(), err), n.command.line(flag.sample())}
		}
		if flag.name == "help" {
			n.out.help = on
			return nil
		}
	}
	n.out.settings = append(n.out.settings, setting{flag: flag, value: value})
	return nil
}

func (n *normaliser) find(is func(flagRow) bool) (flagRow, bool) {
	for _, f := range n.flags {
		if is(f) {
			return f, true
		}
	}
	return flagRow{}, false
}

// unknown says that a command has no such flag, and which commands do.
func (n *normaliser) unknown(arg, flag string) error {
	var others []string
	for _, w := range n.command.all.list {
		for _, f := range flagsOf(w) {
			if f.dashed() == flag || "-"+f.letter == flag {
				others = append(others, w.name)
			}
		}
	}
	hint := n.meant(flag)
	familiar := known(strings.TrimLeft(flag, "-"))
	if len(others) > 0 {
		if hint == "" {
			hint = n.command.line("--help")
		}
		return &usageError{fmt.Sprintf("%s has no flag %s: it belongs to %s", n.command.name, flag, strings.Join(others, ", ")), hint}
	}
	if hint != "" || familiar {
		if hint == "" {
			hint = n.command.line("--help")
		}
		return &usageError{fmt.Sprintf("%s has no flag %s", n.command.name, flag), hint}
	}
	hint = n.command.line("--help")
	var names []string
	for _, f := range n.flags {
		names = append(names, f.name)
	}
	name, long := strings.CutPrefix(flag, "--")
	if near := nearest(name, names); near != "" && long {
		f, _ := n.find(func(f flagRow) bool { return f.name == near })
		hint = n.command.line(f.sample())
	} else if senders(n.command) {
		hint = n.command.line(fmt.Sprintf("-- %s", arg))
		return &usageError{fmt.Sprintf("%s has no flag %s; a FRAME that begins with a hyphen stands behind --", n.command.name, flag), hint}
	}
	return &usageError{fmt.Sprintf("%s has no flag %s", n.command.name, flag), hint}
}
