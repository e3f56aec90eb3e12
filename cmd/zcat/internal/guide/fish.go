package guide

import (
	"fmt"
	"strings"
)

// fish works from 3.0 on.
func fish(p Program) string {
	var b strings.Builder
	f := "__" + identifier(p.Name) + "_is"
	fmt.Fprintf(&b, "# fish completion for %[1]s: %[1]s completion fish | source\n\n"+
		"# Whether the command line has the command that is named; none, without a name.\n"+
		"function %[2]s\n    set -l typed (commandline -opc)\n    test \"$typed[2]\" = \"$argv[1]\"\nend\n\n"+
		"complete -c %[1]s -e\ncomplete -c %[1]s -f\n", p.Name, f)
	none := fmt.Sprintf("complete -c %s -n %s ", p.Name, f)
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "%s-a %s -d %s\n", none, c.Name, fishQuoted(c.Summary))
	}
	fmt.Fprintf(&b, "%[1]s-a help -d 'explain a command or a topic'\n%[1]s-s h -l help -d 'explain the program'\n%[1]s-l version -d 'print the version'\n", none)
	if p.TakesFiles {
		b.WriteString(none + "-F\n")
	}
	for _, c := range p.Commands {
		is := fmt.Sprintf("complete -c %s -n '%s %s'", p.Name, f, c.Name)
		for _, flag := range c.Flags {
			b.WriteString(is)
			if flag.Letter != "" {
				b.WriteString(" -s " + flag.Letter)
			}
			fmt.Fprintf(&b, " -l %s%s -d %s\n", flag.Name, p.fishValue(flag.Takes), fishQuoted(flag.brief()))
		}
		switch c.Takes.Kind {
		case File, Dir:
			b.WriteString(is + " -F\n")
		case Words, Endpoint:
			b.WriteString(is + " -a " + fishQuoted(strings.Join(p.words(c.Takes), " ")) + "\n")
		case Nothing, Free, Settings:
		}
	}
	for _, t := range p.explained() {
		fmt.Fprintf(&b, "complete -c %s -n '%s help' -a %s -d %s\n", p.Name, f, t.Name, fishQuoted(t.Text))
	}
	return b.String()
}

// words returns the words that a value may begin with.
func (p Program) words(v Value) []string {
	if v.Kind == Endpoint {
		return p.Schemes
	}
	return v.Words
}

func (p Program) fishValue(v Value) string {
	switch v.Kind {
	case Nothing:
		return ""
	case File:
		return " -r -F"
	case Dir:
		return " -x -a '(__fish_complete_directories)'"
	case Settings:
		return ` -r -F -a '(test -n "$XDG_CONFIG_HOME"; or set -l XDG_CONFIG_HOME ~/.config; path basename $XDG_CONFIG_HOME/zcat/*)'`
	case Endpoint:
		return " -r -F -a " + fishQuoted(strings.Join(p.words(v), " "))
	case Words:
		return " -x -a " + fishQuoted(strings.Join(v.Words, " "))
	case Free:
	}
	return " -x"
}

// fishQuoted is text as one word of fish.
func fishQuoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
