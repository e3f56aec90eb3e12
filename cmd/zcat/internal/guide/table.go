// Package guide writes the guides to a program's commands and flags from one table
// of them: completion scripts for shells, and manual pages.
package guide

import "strings"

// Program is the table; its name is the one under which it was called.
type Program struct {
	Name     string
	Title    string // what it is, in a line
	Release  string // "1.2.3"
	Date     string // of the release, "2026-11-22"
	Sections []Section
	Commands []Command
	Schemes  []string // what an endpoint may begin with: "ipc://"
	Topics   []Topic  // that its help has pages on, beside the commands
	// TakesFiles says that the program also serves those who take it for gzip's,
	// so that its first argument may be a file.
	TakesFiles bool
}

// Section is a part of the program's own page.
type Section struct {
	Title string
	Terms []Term // where there are some, a list of them
	Text  string // paragraphs, an empty line between two
	Lines []string
}

// Term is something named, and what it is.
type Term struct{ Name, Text string }

// Topic is something that concerns several commands.
type Topic struct {
	Name    string
	Summary string // a line
	Text    string // lines, none of which is to be broken
}

// Command is one of the program's commands.
type Command struct {
	Name     string
	Summary  string // a line
	Operands string // "[FRAME...]"
	Text     string // paragraphs, an empty line between two
	Example  string // a command line, without the program
	Flags    []Flag
	Takes    Value // of each operand
}

// Flag is one flag of a command.
type Flag struct {
	Name     string // without hyphens
	Letter   string // "" where it has none
	Group    string // the heading it stands under
	Meta     string // its value in words: "FILE"; "" where it takes none
	Optional bool   // it may stand without its value
	Help     string
	Takes    Value
}

// Value describes what a flag or an operand may be.
type Value struct {
	Kind  Kind
	Words []string // that it may be, or begin with; the latter end in =
}

// Kind is the kind of thing that a value stands for.
type Kind uint8

const (
	// Nothing means that no value is taken.
	Nothing Kind = iota
	// Free is a value that nobody can guess.
	Free
	// Words are a closed set.
	Words
	// File is the name of a file.
	File
	// Dir is the name of a directory.
	Dir
	// Endpoint is the endpoint of a socket, or its path.
	Endpoint
	// Settings is a file of them: a path, or a name in the folder of the user's own.
	Settings
)

// spellings are the forms of a flag: "-n" and "--count".
func (f Flag) spellings() []string {
	if f.Letter == "" {
		return []string{"--" + f.Name}
	}
	return []string{"-" + f.Letter, "--" + f.Name}
}

// brief returns the help up to its first pause, for a line in a list.
func (f Flag) brief() string {
	depth := 0
	for i, c := range f.Help {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && (strings.HasPrefix(f.Help[i:], "; ") || strings.HasPrefix(f.Help[i:], ". ")):
			return f.Help[:i]
		}
	}
	return f.Help
}

// explained lists what the program's help explains.
func (p Program) explained() []Term {
	var list []Term
	for _, c := range p.Commands {
		list = append(list, Term{c.Name, c.Summary})
	}
	for _, t := range p.Topics {
		list = append(list, Term{t.Name, t.Summary})
	}
	return list
}

// namesOf lists the names of terms.
func namesOf(terms []Term) []string {
	var names []string
	for _, t := range terms {
		names = append(names, t.Name)
	}
	return names
}

// identifier returns name with the characters replaced that shells do not allow in
// a function's name.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}

// quoted returns text as one word of a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Shells lists those that Completion writes for.
func Shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// Completion returns the script that makes a shell complete the program's commands,
// flags and values, "" for a shell that is not among Shells.
func Completion(p Program, shell string) string {
	switch shell {
	case "bash":
		return bash(p)
	case "zsh":
		return zsh(p)
	case "fish":
		return fish(p)
	case "powershell":
		return powershell(p)
	}
	return ""
}
