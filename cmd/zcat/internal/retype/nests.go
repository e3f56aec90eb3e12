package retype

import (
	"fmt"
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

	context []string // the command's own flags that a line is tried with
}

// nested is the line of one socket.
type nested struct {
	name  string
	text  string // as it was typed, where it was one argument
	words []string
	loose bool // its words were not kept together by quotes: what follows may be of it
}

// nests returns the command line meant by args, which stand behind the name of w; "" where
// that is not known, as the fault is not in args or there are none. Where a name looks like
// a flag, meaning says so. All that is wrong is mended at once: where that cannot be done,
// the line shows the command's help.
func (r *retyping) nests(w line.Command, args []string) (meaning, line string) {
	n := &nest{retyping: *r}
	n.command, n.passes = w, true
	n.sort(args)
	if n.hyphen != "" {
		meaning = fmt.Sprintf("%q is no name: expected a letter, then letters, digits and _", n.hyphen)
	}
	for _, s := range n.sockets {
		if w, asked := n.asksForOptions(s.words); asked {
			return meaning, n.all.Program + " " + w.Name + " -o list"
		}
	}
	if len(args) == 0 || !n.accepts(n.sample()) {
		return "", ""
	}
	if len(n.sockets) == 0 {
		n.sockets = []nested{{name: "clients", words: []string{"router", "--bind", ":5555"}}}
	}
	n.ownFlags()
	for i := range n.sockets {
		if !n.mend(i) {
			return meaning, w.Line("--help")
		}
	}
	if !n.mendOwn() {
		return meaning, w.Line("--help")
	}
	return meaning, n.shell()
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
				n.sockets[last].text = strings.TrimPrefix(arg, "=")
				n.sockets[last].words = split(n.sockets[last].text)
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
	name, text, named := strings.Cut(arg, "=")
	switch {
	case arg == stdioName, strings.HasPrefix(arg, "--"), named && n.isLikeLine(text):
		return false
	case strings.HasPrefix(arg, "-"):
		_, found := flagOf(n.rows(), arg[1:], true)
		return !found
	}
	return !n.isLine(arg) && (!named || !habits.IsName(name))
}

// sortHyphened takes a line whose name begins with a hyphen, as --NAME='LINE' or
// --NAME 'LINE', and returns what stands behind it.
func (n *nest) sortHyphened(arg string, args []string) (rest []string, named bool) {
	name, text, joined := strings.Cut(arg, "=")
	bare := strings.TrimLeft(name, "-")
	if _, found := flagOf(n.rows(), bare, false); found || bare == "" && !joined {
		return args, false
	}
	if !joined {
		if len(args) == 0 || len(split(args[0])) < 2 {
			return args, false
		}
		text, args = args[0], args[1:]
	}
	if !n.isLikeLine(text) {
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
	case found && (!strings.ContainsAny(name, " /:.") && name != "" || n.isLikeLine(text)):
		if text == stdioName {
			n.stdio = true
			return
		}
		words := split(text)
		n.sockets = append(n.sockets, nested{name: name, text: text, words: words, loose: len(words) == 1})
	case n.isLine(arg) || looksLikeEndpoint(arg):
		n.sockets = append(n.sockets, nested{text: arg, words: split(arg), loose: true})
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

// isLikeLine reports whether a text is the line of a socket, though its command may be
// misspelt.
func (n *nest) isLikeLine(text string) bool {
	words := split(text)
	first := strings.ToLower(line.First(words))
	return n.isLine(first) || n.isLine(text) || len(words) > 1 && n.all.Nearest(first) != ""
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
	} else if found && !attached && len(args) > 0 && (row.Name == "filter" && !n.isFlag(args[0]) || loose && row.Kind == line.MayTakeValue && looksLikeEndpoint(args[0])) {
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
