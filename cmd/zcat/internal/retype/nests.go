package retype

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// A command of several sockets is told of each in one argument, NAME='COMMAND FLAGS'.
// What was typed is cut into such lines anew, and each is mended by itself.

// nest is the line of a command of several sockets on its way to what was meant.
type nest struct {
	retyping
	sockets []nested
	stdio   bool
	filter  string
	own     []string // flags of the command itself
	hyphen  string   // a name that was typed with one in front

	filtering bool // what stands behind the filter may be of it: no quotes kept it together
}

// nested is the line of one socket.
type nested struct {
	name  string
	words []string
	loose bool // its words were not kept together by quotes: what follows may be of it
}

// nests returns the command line meant by args, which stand behind the name of w; "" where
// that is not known. Where a name looks like a flag, meaning says so.
func (r *retyping) nests(w line.Command, args []string) (meaning, line string) {
	n := &nest{retyping: *r}
	n.command = w
	n.sort(args)
	for i := range n.sockets {
		n.mend(i)
	}
	if n.hyphen != "" {
		meaning = fmt.Sprintf("%q is no name: expected a letter, then letters, digits and _", n.hyphen)
	}
	if len(n.sockets) == 0 {
		return "", ""
	}
	n.ownFlags()
	for {
		if written := n.whole(); n.accepts(written) {
			return meaning, n.shell()
		}
		if len(n.typed) == 0 {
			return "", ""
		}
		n.typed = n.typed[:len(n.typed)-1]
	}
}

// sort tells the sockets' lines from the command's own flags.
func (n *nest) sort(args []string) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		last := len(n.sockets) - 1
		if n.filtering = n.filtering && n.ofFilter(arg); n.filtering {
			n.filter += " " + shell.Quoted(arg)
			continue
		}
		switch {
		case arg == "--", strings.Trim(arg, ",;") == "" && arg != "":
		case arg == "filter" && len(args) > 0:
			args = n.sortFlag("--filter", args)
		case len(arg) > 1 && arg[0] == '-':
			if rest, named := n.sortHyphened(arg, args); named {
				args = rest
				continue
			}
			args = n.sortFlag(arg, args)
		case arg == "-":
			n.stdio = true
		case last >= 0 && len(n.sockets[last].words) == 0: // NAME= 'LINE', NAME = 'LINE'
			if arg != "=" {
				n.sockets[last].words = split(strings.TrimPrefix(arg, "="))
			}
		case len(args) > 0 && strings.HasPrefix(args[0], "=") && habits.IsName(arg):
			n.sockets = append(n.sockets, nested{name: arg})
		default:
			n.sortOperand(arg)
		}
	}
}

// ofFilter reports whether a word behind the filter is of it, as in --filter jq -c .
func (n *nest) ofFilter(arg string) bool {
	switch {
	case arg == stdioName, strings.HasPrefix(arg, "--"):
		return false
	case strings.HasPrefix(arg, "-"):
		_, found := flagOf(n.rows(), arg[1:], true)
		return !found
	}
	name, _, named := strings.Cut(arg, "=")
	return !n.isLine(arg) && (!named || !habits.IsName(name))
}

// sortHyphened takes a line whose name begins with a hyphen, as --NAME='LINE' or
// --NAME 'LINE', and returns what stands behind it.
func (n *nest) sortHyphened(arg string, args []string) (rest []string, named bool) {
	name, text, joined := strings.Cut(arg, "=")
	bare := strings.TrimLeft(name, "-")
	if _, found := flagOf(n.rows(), bare, false); found || bare == "" {
		return args, false
	}
	if !joined {
		if len(args) == 0 || len(split(args[0])) < 2 {
			return args, false
		}
		text, args = args[0], args[1:]
	}
	if !n.isLine(text) {
		return args, false
	}
	if n.hyphen == "" {
		n.hyphen = name
	}
	n.sortOperand(bare + "=" + text)
	return args, true
}

// sortOperand takes an operand for the line of a socket, or for the filter.
func (n *nest) sortOperand(arg string) {
	for _, one := range shell.Lines(arg, func(word string) bool { return n.isLine(word) }) {
		n.sortLine(one)
	}
}

func (n *nest) sortLine(arg string) {
	name, text, found := strings.Cut(arg, "=")
	if !found {
		if before, behind, colon := strings.Cut(arg, ":"); colon && n.isLine(behind) {
			name, text, found = before, behind, true // NAME:LINE
		}
	}
	last := len(n.sockets) - 1
	switch {
	case found && name != "" && (!strings.ContainsAny(name, " /:.") || n.isLine(text)):
		if text == stdioName {
			n.stdio = true
			return
		}
		words := split(text)
		n.sockets = append(n.sockets, nested{name: name, words: words, loose: len(words) == 1})
	case n.isLine(arg) || looksLikeEndpoint(arg):
		n.sockets = append(n.sockets, nested{words: split(arg), loose: true})
	case last >= 0 && n.sockets[last].loose:
		n.sockets[last].words = append(n.sockets[last].words, arg)
	case n.filter == "":
		n.filter = arg
	}
}

// isValue reports whether what stands behind a flag is its value, and not the line of a
// socket: an option's is NAME=VALUE, too.
func (n *nest) isValue(row line.Flag, arg string) bool {
	_, behind, equals := strings.Cut(arg, "=")
	return !equals || row.Name == "option" && !n.isLine(behind)
}

// stdioName is stdin and stdout among the sockets.
const stdioName = line.StdoutName

// isLine reports whether a text begins with the name of a command.
func (n *nest) isLine(text string) bool {
	words := split(text)
	if len(words) > 1 && n.isProgram(words[0]) {
		words = words[1:]
	}
	w, found := n.all.Find(line.First(words))
	return found && !w.Tool
}

// isProgram reports whether a word is the name of this program, as in front of a command
// line of its own.
func (n *nest) isProgram(word string) bool {
	return word == n.all.Program || word == "zcat" || strings.HasSuffix(word, "/zcat")
}

// sortFlag takes a flag for one of the command, or of the socket whose words were not
// kept together, and returns what stands behind it.
func (n *nest) sortFlag(arg string, args []string) []string {
	name, value, attached := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	short := !strings.HasPrefix(arg, "--")
	row, found := flagOf(n.rows(), name, short)
	last := len(n.sockets) - 1
	loose := last >= 0 && n.sockets[last].loose
	if !found && loose {
		if w, known := n.all.Find(n.sockets[last].words[0]); known {
			row, found = flagOf(line.FlagsOf(w), name, short)
			loose = found
		}
	} else {
		loose = false
	}
	words := []string{arg}
	if takes := found && row.Kind == line.TakesValue || !found; takes && !attached && len(args) > 0 && !strings.HasPrefix(args[0], "-") && n.isValue(row, args[0]) {
		words, args, value = append(words, args[0]), args[1:], args[0]
	} else if found && !attached && len(args) > 0 && (row.Name == "filter" || loose && row.Kind == line.MayTakeValue && looksLikeEndpoint(args[0])) {
		words, args, value = append(words, args[0]), args[1:], args[0]
	}
	switch {
	case loose:
		n.sockets[last].words = append(n.sockets[last].words, words...)
	case found && row.Name == "filter":
		n.filter, n.filtering = value, value != ""
	default:
		n.own = append(n.own, words...)
	}
	return args
}

func flagOf(rows []line.Flag, name string, short bool) (line.Flag, bool) {
	for _, f := range rows {
		if f.Name == name || short && name != "" && f.Letter == name[:1] {
			return f, true
		}
	}
	return line.Flag{}, false
}

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
}

// split is shell.Split for a text whose quotes may be wrong.
func split(text string) []string {
	words, err := shell.Split(text)
	if err != nil {
		return strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(text))
	}
	if len(words) == 1 && strings.Contains(words[0], " ") {
		return split(words[0]) // the whole line stood in quotes
	}
	return words
}

// mend makes a line of a socket one that can be run.
func (n *nest) mend(i int) {
	s := &n.sockets[i]
	if end := slices.IndexFunc(s.words, func(word string) bool { return strings.Trim(word, "|&;<>") == "" }); end > 0 {
		s.words = s.words[:end]
	}
	if len(s.words) > 1 && n.isProgram(s.words[0]) {
		s.words = s.words[1:]
	}
	words := s.words
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
		s.words = []string{"router", "--bind", ":5555"}
	}
	s.name = n.nameOf(i)
}

// accepted is a line as a socket may have it, nil where that is not known.
func (n *nest) accepted(words []string) []string {
	if len(words) > 0 && n.accepts([]string{"a=" + line.Join(words)}) {
		return words
	}
	r := retyping{all: n.all, password: n.password}
	rest, ok := r.name(words)
	if !ok || r.command.Tool || !r.flags(rest) || !r.place() {
		return nil
	}
	r.complete()
	for i, w := range r.typed {
		if f, found := r.row(w); found && f.Name == "filter" && n.filter == "" {
			if _, value, joined := strings.Cut(w.text, "="); joined {
				n.filter = value
			} else {
				n.filter = r.typed[i].value
			}
		}
	}
	r.typed = slices.DeleteFunc(r.typed, func(w typedWord) bool {
		f, found := r.row(w)
		return w.operand || !found || !n.command.Nests(r.command, f)
	})
	for {
		words := r.words(r.typed)
		if n.accepts([]string{"a=" + line.Join(words)}) {
			return words
		}
		if len(r.typed) == 0 {
			return nil
		}
		r.typed = r.typed[:len(r.typed)-1]
	}
}

// nameOf is a name that no other socket has, the one that was typed if it is one.
func (n *nest) nameOf(i int) string {
	s := n.sockets[i]
	free := func(name string) bool {
		return !slices.ContainsFunc(n.sockets, func(other nested) bool { return other.name == name })
	}
	taken := slices.ContainsFunc(n.sockets[:i], func(other nested) bool { return other.name == s.name })
	if !taken && n.accepts([]string{s.name + "=" + line.Join(s.words)}) {
		return s.name
	}
	base := strings.Map(func(l rune) rune {
		if l < 0x80 && (l >= 'a' && l <= 'z' || l >= 'A' && l <= 'Z' || l == '_' || l >= '0' && l <= '9') {
			return l
		}
		return '_'
	}, s.name)
	base = strings.TrimRight(strings.TrimLeft(base, "_0123456789"), "_")
	if base != "" && free(base) && n.accepts([]string{base + "=" + line.Join(s.words)}) {
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

// accepts reports whether the command can be run with these words.
func (n *nest) accepts(words []string) bool {
	c, err := Tried(n.command, words, n.password)
	return err == nil && c != nil
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
