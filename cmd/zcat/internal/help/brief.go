package help

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// A brief help fits one screen of the classic terminal, where the prompt behind it takes
// a line.
const (
	BriefWidth = 80
	BriefLines = 23
	briefMost  = 13 // flags of a command, which leaves room for what stands around them
)

// BriefOverview returns the help of zcat as a whole on one screen.
func BriefOverview(all *line.Catalogue) string {
	program := all.Program
	var sockets, drafts, tools []string
	for _, w := range all.List() {
		switch {
		case w.Tool:
			tools = append(tools, w.Name)
		case w.Traits().Draft:
			drafts = append(drafts, w.Name)
		default:
			sockets = append(sockets, w.Name)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s opens any ZeroMQ socket: messages are lines on stdin and stdout.\n", program)
	fmt.Fprintf(&b, "Usage: %s COMMAND [flags] [FRAME...]\n\n", program)
	for _, list := range []struct {
		head  string
		names []string
	}{{"Sockets:", sockets}, {"Drafts:", drafts}, {"Tools:", tools}, {"Topics:", topics.Names()}} {
		fmt.Fprintf(&b, "%-10s", list.head)
		wrap(&b, strings.Join(list.names, " "), 10)
	}
	b.WriteString("\nFlags of every socket:\n")
	w, _ := all.Find("push")
	briefFlags(&b, w)
	fmt.Fprintf(&b, "\nExample: %s\n         %s\n", program+" pull --bind :5557", program+" push --connect :5557 hello world")
	b.WriteByte('\n')
	wrap(&b, fmt.Sprintf("%[1]s push -h is a screen on a command, --help all of it; %[1]s help endpoints "+
		"a topic, %[1]s --help a line on each command.", program), 0)
	return b.String()
}

// BriefFor returns the help of a command on one screen: what it does, the flags
// that are needed most, an example, and where to find the rest.
func BriefFor(w line.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\nUsage: %s\n\n", w.Program, w.Name, w.Summary, w.Synopsis())
	if text := opening(topics.Called(w.About, w.Program), 2); text != "" {
		wrap(&b, text, 0)
		b.WriteByte('\n')
	}
	if briefFlags(&b, w) {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "Example: %s %s\n", w.Program, w.Example)
	wrap(&b, fmt.Sprintf("More: %[1]s %[2]s --help; %[1]s -h lists the topics, such as %[1]s help envelopes.", w.Program, w.Name), 0)
	return b.String()
}

// briefFlags writes the flags of a command that are needed most, a line each, and
// reports whether there are any. Where they are too many, the last of those without
// a letter are left out.
func briefFlags(b *strings.Builder, w line.Command) bool {
	common := slices.DeleteFunc(line.FlagsOf(w), func(f line.Flag) bool { return f.Brief == "" })
	for at := len(common) - 1; at >= 0 && len(common) > briefMost; at-- {
		if common[at].Letter == "" {
			common = slices.Delete(common, at, at+1)
		}
	}
	width := 0
	for _, f := range common {
		width = max(width, len(LabelOf(f)))
	}
	for _, f := range common {
		fmt.Fprintf(b, "%-*s  %s\n", width, LabelOf(f), f.Brief)
	}
	return len(common) > 0
}

// opening returns as many whole sentences from the start of a text as fit on so
// many lines.
func opening(text string, lines int) string {
	fits := ""
	text, _, _ = strings.Cut(text, "\n")
	for _, sentence := range strings.SplitAfter(text, ". ") {
		var b strings.Builder
		wrap(&b, fits+sentence, 0)
		if strings.Count(b.String(), "\n") > lines {
			break
		}
		fits += sentence
	}
	return fits
}
