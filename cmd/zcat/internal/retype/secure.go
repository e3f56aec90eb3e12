package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// Who pastes a hint must not open to everybody what was to be open to some.

// strength orders the mechanisms that words of a line ask for: 2 for CURVE, which also
// encrypts, 1 for PLAIN, 0 for none.
func strength(words []string) int {
	strongest := 0
	for _, word := range words {
		switch name, value, _ := strings.Cut(word, "="); {
		case name == "--curve-server" && value != "false" && value != "0", name == "--curve-server-key", name == "--curve-server-cert":
			return 2
		case name == "--plain-server", name == "--plain-user":
			strongest = 1
		}
	}
	return strongest
}

// secured is a hint that may be an example for the mechanism that args ask for, too; where
// there is none, it shows the command's help.
func secured(all *line.Catalogue, args []string, password bool, hint string) string {
	words := strings.Fields(hint)
	if len(words) < 2 || words[0] != all.Program || strength(words) >= strength(args) {
		return hint
	}
	w, found := all.Find(words[1])
	if !found {
		return hint
	}
	r := retyping{all: all, password: password, command: w, passes: true}
	r.flags(args[1:])
	r.typed = slices.DeleteFunc(r.typed, func(w typedWord) bool { return !r.isSecurity(w) })
	r.runsAs = func(typed []typedWord) bool {
		more := r.words(typed)[1:]
		_, err := Tried(w, slices.Concat(words[2:], more), password)
		return err == nil && strength(more) >= strength(args)
	}
	list := r.mended()
	if len(list) == 0 {
		return w.Line("--help")
	}
	for _, word := range r.words(list[0])[1:] {
		hint += " " + shell.Quoted(word)
	}
	return hint
}

// oneMechanism returns the line without the flags of PLAIN, where those of CURVE are there
// too, which encrypts; nil where they are not.
func (r *retyping) oneMechanism() []typedWord {
	of := func(w typedWord, mechanism string) bool {
		f, found := r.row(w)
		return found && f.Group == line.GroupSecurity && strings.HasPrefix(f.Name, mechanism)
	}
	if !slices.ContainsFunc(r.typed, func(w typedWord) bool { return of(w, "curve-") && w.text != "--curve-server=false" }) {
		return nil
	}
	less := slices.DeleteFunc(slices.Clone(r.typed), func(w typedWord) bool { return of(w, "plain-") })
	if len(less) == len(r.typed) {
		return nil
	}
	return less
}

// isSecurity reports whether a flag says who may talk.
func (r *retyping) isSecurity(w typedWord) bool {
	f, found := r.row(w)
	return found && f.Group == line.GroupSecurity
}
