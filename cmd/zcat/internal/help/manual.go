package help

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/guide"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
)

// manualSections are the sections of the program's own page: what a newcomer has to
// know before the flags of a command mean anything.
func manualSections(all *line.Catalogue) []guide.Section {
	program := all.Program
	commands := guide.Section{Title: "COMMANDS", Text: "Each has a page of its own, " + program + "-push for instance."}
	for _, w := range all.List() {
		commands.Terms = append(commands.Terms, guide.Term{Name: w.Name, Text: capital(w.Summary) + "."})
	}
	statuses := guide.Section{Title: "EXIT STATUS", Text: "Where several hold, the first of 141, 2, 129 to 143, 124, 1, 4, 3 is the status."}
	for _, s := range exitTable() {
		statuses.Terms = append(statuses.Terms, guide.Term{Name: s.status, Text: capital(s.meaning) + "."})
	}
	formats := guide.Section{Title: "FORMATS", Text: "Without a format, messages are json; those that come from a terminal are text."}
	for _, f := range line.Formats() {
		formats.Terms = append(formats.Terms, guide.Term{Name: f.Name(), Text: f.Manual})
	}
	return []guide.Section{
		{
			Title: "DESCRIPTION",
			Text: "Opens a ZeroMQ socket of the type that COMMAND names, sends what it reads from stdin, and prints what it receives. " +
				"A message is a list of frames, and a line is a message: by default an array in JSON, a string for each frame. " +
				"Nothing is added, stripped or replaced, so that what is printed in json or hex can be sent again as it came.\n\n" +
				"FRAME arguments are the frames of one message; stdin is then not read. Flags may stand before or after them, and -- ends the flags.\n\n" +
				"Whether both ends see the same frames depends on their types. A REQ puts an empty frame, the delimiter, in front of its request, " +
				"and a REP takes it off; a ROUTER puts the routing id of the peer in front of what it receives, and takes it off what it sends. " +
				"What stands in front of the body, through the first empty frame, is the envelope, and " + program + " router shows it.",
		},
		commands,
		{
			Title: "ENDPOINTS",
			Text:  "Either side may bind and either may come first: the connecting side tries for ever. Both --bind and --connect may be repeated and mixed.",
			Terms: endpointForms(),
		},
		formats,
		{
			Title: "ENVIRONMENT",
			Terms: []guide.Term{
				{Name: line.EnvPrefix + "FLAG", Text: "The default of a long flag: " + line.EnvPrefix + "TIMEOUT=5 for --timeout 5, hyphens as underscores, 1 or 0 for a flag that takes no value. Commands that are started do not inherit them."},
				{Name: "PATH", Text: "Where the zcat of gzip is looked for, which gets what is plainly meant for it: a file, flags of gzip, compressed bytes on stdin."},
			},
		},
		statuses,
		topicsSection(program),
		{
			Title: "EXAMPLES",
			Text:  "A service, and a request to it:",
			Lines: []string{program + " rep --bind @hello --count 1 world &", program + " req --connect @hello hello"},
		},
	}
}

// endpointForms lists the forms of an endpoint, the short ones last.
func endpointForms() []guide.Term {
	var terms []guide.Term
	for _, s := range line.Schemes() {
		terms = append(terms, guide.Term{Name: s.Form, Text: s.Manual})
	}
	return append(
		terms,
		guide.Term{Name: "HOST:PORT", Text: "Short for tcp://HOST:PORT; :PORT is the loopback interface, *:PORT every interface."},
		guide.Term{Name: "@NAME", Text: "Short for ipc://@NAME; /PATH and ./PATH are ipc too."},
	)
}

// topicsSection lists the pages about what concerns several commands.
func topicsSection(program string) guide.Section {
	section := guide.Section{Title: "TOPICS", Text: program + " help TOPIC prints a page on one of them, which is also " + program + "-TOPIC of the manual."}
	for _, name := range topics.Names() {
		section.Terms = append(section.Terms, guide.Term{Name: name, Text: capital(topics.Called(topics.Summary(name), program)) + "."})
	}
	return section
}

// capital is text as the start of a sentence.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
