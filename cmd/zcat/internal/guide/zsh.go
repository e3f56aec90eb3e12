package guide

import (
	"fmt"
	"strings"
)

// zsh is a function for its completion system, for $fpath or to be sourced.
func zsh(p Program) string {
	var b strings.Builder
	f := "_" + identifier(p.Name)
	fmt.Fprintf(&b, "#compdef %s\n\n%s_commands() {\n  local -a commands=(\n", p.Name, f)
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "    %s\n", quoted(c.Name+":"+c.Summary))
	}
	b.WriteString("    'help:explain a command or a topic'\n  )\n  _describe -t commands command commands \"$@\"\n}\n\n")
	fmt.Fprintf(&b, "%s_topics() {\n  local -a topics=(\n", f)
	for _, t := range p.Topics {
		fmt.Fprintf(&b, "    %s\n", quoted(t.Name+":"+t.Summary))
	}
	b.WriteString("  )\n  _describe -t topics topic topics \"$@\"\n}\n\n")
	fmt.Fprintf(&b, "%s_endpoints() {\n  _alternative 'schemes:endpoint:compadd -S \"\" -- %s' 'files:socket:_files'\n}\n\n", f, strings.Join(p.Schemes, " "))
	fmt.Fprintf(&b, "%s_settings() {\n  _alternative 'names:name:_files -W \"${XDG_CONFIG_HOME:-$HOME/.config}/zcat\"' 'files:file:_files'\n}\n\n", f)
	fmt.Fprintf(&b, "%s() {\n  local curcontext=$curcontext state line\n  typeset -A opt_args\n", f)
	b.WriteString("  _arguments -C -S '(- *)'{-h,--help}'[explain the program]' '(- *)--version[print the version]' '1: :->command' '*:: :->rest'\n")
	b.WriteString("  case $state in\n  command)\n")
	fmt.Fprintf(&b, "    _alternative 'commands:command:%s_commands'", f)
	if p.TakesFiles {
		b.WriteString(` 'files:compressed file:_files -g "*.(gz|Z)(-.)"'`)
	}
	b.WriteString("\n    ;;\n  rest)\n    case $line[1] in\n")
	fmt.Fprintf(&b, "    help) (( CURRENT > 2 )) || _alternative 'commands:command:%[1]s_commands' 'topics:topic:%[1]s_topics' ;;\n", f)
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "    %s)\n      _arguments -s -S", c.Name)
		for _, flag := range c.Flags {
			b.WriteString(" \\\n        " + zshFlag(flag, f))
		}
		if action := zshAction(c.Takes, f); c.Takes.Kind != Nothing {
			b.WriteString(" \\\n        " + quoted("*: :"+action))
		}
		b.WriteString("\n      ;;\n")
	}
	fmt.Fprintf(&b, "    esac\n    ;;\n  esac\n}\n\n"+
		"# From $fpath this file is the function's body; sourced, it is to be registered.\n"+
		"if [[ $funcstack[1] == %[1]s ]]; then\n  %[1]s \"$@\"\nelse\n  compdef %[1]s %[2]s\nfi\n", f, p.Name)
	return b.String()
}

// zshFlag is a flag as _arguments takes it.
func zshFlag(flag Flag, f string) string {
	letter, long := flag.Letter, flag.Name
	if flag.Takes.Kind != Nothing {
		letter, long = letter+"+", long+"="
	}
	names := "--" + long
	if flag.Letter != "" {
		names = "{-" + letter + ",--" + long + "}"
	}
	spec := "[" + zshText(flag.brief()) + "]"
	if flag.Takes.Kind != Nothing {
		colon := ":"
		if flag.Optional {
			colon = "::"
		}
		spec += colon + zshText(flag.Meta) + ":" + zshAction(flag.Takes, f)
	}
	return "'*'" + names + quoted(spec)
}

func zshAction(v Value, f string) string {
	switch v.Kind {
	case Words:
		words := strings.ReplaceAll(strings.Join(v.Words, " "), ":", `\:`)
		if strings.Contains(words, "=") {
			return `{compadd -S "" -- ` + words + "}"
		}
		return "{compadd -- " + words + "}"
	case File:
		return "_files"
	case Dir:
		return "_files -/"
	case Endpoint:
		return f + "_endpoints"
	case Settings:
		return f + "_settings"
	case Nothing, Free:
	}
	return " "
}

// zshText is text within a specification.
func zshText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace(text)
}
