package retype

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// mend makes a line of a socket one that can be run, and reports whether it can with all
// that says who may talk.
func (n *nest) mend(i int) bool {
	s := &n.sockets[i]
	if words, err := shell.Split(s.text); err == nil && len(words) > 0 && n.acceptsLine(words) {
		s.words, s.name = words, n.nameOf(i)
		return true
	}
	if end := slices.IndexFunc(s.words, func(word string) bool { return word != "" && strings.Trim(word, "|&;<>") == "" }); end > 0 {
		s.words = s.words[:end]
	}
	if len(s.words) > 1 && n.isProgram(s.words[0]) {
		s.words = s.words[1:]
	}
	// What stands behind the end of flags would be FRAMEs, which there are none of here.
	words := slices.DeleteFunc(slices.Clone(s.words), func(word string) bool { return word == "--" })
	first := line.First(words)
	lower := strings.ToLower(first)
	kind, named := n.all.Find(strings.ToLower(s.name))
	switch w, known := n.all.Find(first); {
	case known && !w.Tool:
	case known:
		words = nil
	case n.isLine(lower):
		words = append([]string{lower}, words[1:]...)
	case n.isLine(strings.SplitN(lower, ":", 2)[0]): // router:5555, PULL:./x
		_, endpoint, _ := strings.Cut(first, ":")
		if !looksLikeEndpoint(endpoint) {
			endpoint = ":" + endpoint
		}
		words = append([]string{strings.SplitN(lower, ":", 2)[0], "--bind", endpoint}, words[1:]...)
	case looksLikeEndpoint(first):
		words = append([]string{"router", "--bind"}, words...)
		if named && !kind.Tool {
			words[0] = kind.Name
		}
	case strings.HasPrefix(first, "-") && slices.ContainsFunc(words, n.isLine):
		at := slices.IndexFunc(words, n.isLine)
		words = slices.Concat(words[at:at+1], words[:at], words[at+1:])
	case strings.HasPrefix(first, "-") && named && !kind.Tool:
		words = append([]string{kind.Name}, words...)
	case strings.HasPrefix(first, "-"):
		words = append([]string{"router"}, words...)
	}
	if s.words = n.accepted(words); s.words == nil {
		if slices.ContainsFunc(words, isRole) {
			return false
		}
		s.words = []string{"router", "--bind", ":5555"}
	}
	s.name = n.nameOf(i)
	return true
}

// isRole reports whether a word of a line asks for a mechanism.
func isRole(word string) bool {
	return strings.HasPrefix(word, "--curve-") || strings.HasPrefix(word, "--plain-")
}

// accepted is a line as a socket may have it, nil where that is not known.
func (n *nest) accepted(words []string) []string {
	if n.acceptsLine(words) {
		return words
	}
	r := retyping{all: n.all, password: n.password, passes: true}
	r.runsAs = func(typed []typedWord) bool {
		return strength(r.words(typed)) >= strength(words) && n.acceptsLine(r.words(typed))
	}
	rest, ok := r.name(words)
	if !ok || r.command.Tool || !r.flags(rest) || !r.place() {
		return nil
	}
	n.misplaced(&r)
	r.complete()
	r.typed = slices.DeleteFunc(r.typed, func(w typedWord) bool {
		f, found := r.row(w)
		return w.operand || !found || !n.command.Nests(r.command, f)
	})
	if list := r.mended(); len(list) > 0 {
		return r.words(list[0])
	}
	if typed := r.fewest(r.typed); typed != nil {
		return r.words(typed)
	}
	return nil
}

// misplaced finds what a line has behind a flag that no socket of the command may have: the
// filter, or the endpoint where there is no other.
func (n *nest) misplaced(r *retyping) {
	for _, w := range slices.Clone(r.typed) {
		f, found := r.row(w)
		if !found || n.command.Nests(r.command, f) {
			continue
		}
		value := w.value
		if _, behind, isJoined := strings.Cut(w.text, "="); isJoined {
			value = behind
		}
		switch {
		case f.Name == "filter" && n.filter == "":
			n.filter = value
		case !strings.Contains(f.Meta, "FILE") && looksLikeEndpoint(value) && !r.attached(nil):
			r.placeEndpoint(value)
		}
	}
}

// asksForOptions reports whether a line asks for the list of its command's options, which
// stands alone.
func (n *nest) asksForOptions(words []string) (w line.Command, asked bool) {
	w, found := n.all.Find(line.First(words))
	if !found || w.Tool {
		return w, false
	}
	for i, word := range words {
		behind := ""
		if i > 0 {
			behind = words[i-1]
		}
		asked = asked || word == "--option=list" || word == "-olist" || word == "list" && (behind == "-o" || behind == "--option")
	}
	return w, asked
}

// nameOf is a name that no other socket has, the one that was typed if it is one.
func (n *nest) nameOf(i int) string {
	s := n.sockets[i]
	free := func(name string) bool {
		return !slices.ContainsFunc(n.sockets, func(other nested) bool { return other.name == name })
	}
	taken := slices.ContainsFunc(n.sockets[:i], func(other nested) bool { return other.name == s.name })
	isName := func(name string) bool { return n.accepts([]string{name + "=router --bind :5555"}) }
	if !taken && isName(s.name) {
		return s.name
	}
	base := strings.Map(func(l rune) rune {
		if l < 0x80 && (l >= 'a' && l <= 'z' || l >= 'A' && l <= 'Z' || l == '_' || l >= '0' && l <= '9') {
			return l
		}
		return '_'
	}, s.name)
	base = strings.TrimRight(strings.TrimLeft(base, "_0123456789"), "_")
	if base != "" && free(base) && isName(base) {
		return base
	}
	if base != "" {
		for _, digit := range "123456789" {
			if name := base + string(digit); free(name) {
				return name
			}
		}
	}
	for _, letter := range "abcdefghijklmnopqrstuvwxyz" {
		if free(string(letter)) {
			return string(letter)
		}
	}
	return "socket"
}

// acceptsLine reports whether the command can be run with a socket of these words.
func (n *nest) acceptsLine(words []string) bool {
	return len(words) > 0 && n.accepts(slices.Concat([]string{"a=" + line.Join(words)}, n.context))
}

// accepts reports whether the command can be run with these words.
func (n *nest) accepts(words []string) bool {
	c, err := Tried(n.command, words, n.password)
	return err == nil && c != nil
}
