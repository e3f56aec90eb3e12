package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// ownFlags mends the command's own flags.
func (n *nest) ownFlags() {
	n.typed = nil
	if !n.flags(n.own) {
		n.typed = nil
	}
	n.typed = slices.DeleteFunc(n.typed, func(w typedWord) bool {
		f, found := n.row(w)
		return w.operand || found && f.Name == "filter" && n.filter != ""
	})
	n.context = nil
	for _, typed := range [][]typedWord{n.typed, n.securing()} {
		if words := n.words(typed)[1:]; n.accepts(slices.Concat(n.sample(), words)) {
			n.context = words
			return
		}
	}
}

// sample is a socket that any such command can have.
func (n *nest) sample() []string { return []string{"a=router --bind :5555"} }

// securing are the command's own flags that say who may talk.
func (n *nest) securing() []typedWord {
	return slices.DeleteFunc(slices.Clone(n.typed), func(w typedWord) bool { return !n.isSecurity(w) })
}

// mendOwn makes the line one that can be run, now that those of the sockets can. It reports
// whether it can, with all that says who may talk.
func (n *nest) mendOwn() bool {
	n.runsAs = func(typed []typedWord) bool {
		n.typed = typed
		return strength(n.words(typed)) >= strength(n.own) && n.accepts(n.whole())
	}
	all := n.typed
	if list := n.mended(); len(list) > 0 {
		n.typed = list[0]
		return true
	}
	n.typed = n.fewest(all)
	return n.typed != nil
}

// whole is the words of the line behind the command's name.
func (n *nest) whole() []string {
	var words []string
	for _, s := range n.sockets {
		words = append(words, s.name+"="+line.Join(s.words))
	}
	if n.stdio {
		words = append(words, stdioName)
	}
	words = append(words, n.words(n.typed)[1:]...)
	switch {
	case n.filter != "":
		words = append(words, "--filter", n.filter)
	case n.stdio:
		words = append(words, "--filter", "cat")
	}
	return words
}

// shell is the line for a shell: NAME='LINE'.
func (n *nest) shell() string {
	written := n.all.Program + " " + n.command.Name
	for i, word := range n.whole() {
		if i < len(n.sockets) {
			name, text, _ := strings.Cut(word, "=")
			written += " " + name + "=" + shell.Quoted(text)
			continue
		}
		written += " " + shell.Quoted(word)
	}
	return written
}
