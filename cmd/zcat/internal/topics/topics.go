// Package topics holds the help pages that concern several commands: plain text, a
// file each.
package topics

import (
	_ "embed" // for the pages
	"regexp"
	"strings"
)

// The pages are strings within the program: nothing is read or unpacked at start.
var (
	//go:embed pages/envelopes.txt
	envelopes string
	//go:embed pages/formats.txt
	formats string
	//go:embed pages/endpoints.txt
	endpoints string
	//go:embed pages/ws.txt
	ws string
	//go:embed pages/brokers.txt
	brokers string
	//go:embed pages/filters.txt
	filters string
	//go:embed pages/traffic.txt
	traffic string
	//go:embed pages/security.txt
	security string
	//go:embed pages/limits.txt
	limits string
	//go:embed pages/status.txt
	status string
	//go:embed pages/performance.txt
	performance string
	//go:embed pages/recipes.txt
	recipes string
	//go:embed pages/smoke-tests.txt
	smokeTests string
	//go:embed pages/from-other-tools.txt
	fromOtherTools string
)

// page is the page of a topic.
type page struct{ name, text string }

func pages() []page {
	return []page{
		{"envelopes", envelopes},
		{"formats", formats},
		{"endpoints", endpoints},
		{"ws", ws},
		{"brokers", brokers},
		{"filters", filters},
		{"traffic", traffic},
		{"security", security},
		{"limits", limits},
		{"status", status},
		{"performance", performance},
		{"recipes", recipes},
		{"smoke-tests", smokeTests},
		{"from-other-tools", fromOtherTools},
	}
}

// Names lists the topics, in the order in which one would read them.
func Names() []string {
	var names []string
	for _, p := range pages() {
		names = append(names, p.name)
	}
	return names
}

// Summary returns what a topic is about, without a full stop; "" where there is
// none of that name. It is the rest of the page's first line, behind its name and a
// colon.
func Summary(name string) string {
	for _, p := range pages() {
		if p.name == name {
			title, _, _ := strings.Cut(p.text, "\n")
			return strings.TrimPrefix(title, name+": ")
		}
	}
	return ""
}

// Text returns the page of a topic, and whether there is one. program is the name
// by which zcat was called, which stands in the page wherever the program is named.
func Text(name, program string) (string, bool) {
	for _, p := range pages() {
		if p.name == name {
			return Called(p.text, program), true
		}
	}
	return "", false
}

// About returns the topic whose page has most words that begin with word; "" where
// none has any.
func About(word string) string {
	if len(word) < len("tcp") {
		return ""
	}
	begins := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(word))
	name, most := "", 0
	for _, p := range pages() {
		if n := len(begins.FindAllString(p.text, -1)); n > most {
			name, most = p.name, n
		}
	}
	return name
}

// Called replaces the name of the program in a text of the help. What is part of a longer
// word, or of a path other than that of the program, is another name; and the program's
// messages begin with "zcat: " under any name.
func Called(text, program string) string {
	const name, before, behind = "zcat", " \n\t\"'`(/", " \n\t\"'`,.;)"
	var b strings.Builder
	for at := 0; ; {
		n := strings.Index(text[at:], name)
		if n < 0 {
			b.WriteString(text[at:])
			return b.String()
		}
		begin, end := at+n, at+n+len(name)
		path := strings.HasSuffix(text[:begin], "/") && !strings.HasSuffix(text[:begin], "bin/")
		if !path && (begin == 0 || strings.IndexByte(before, text[begin-1]) >= 0) && (end == len(text) || strings.IndexByte(behind, text[end]) >= 0) {
			b.WriteString(text[at:begin] + program)
		} else {
			b.WriteString(text[at:end])
		}
		at = end
	}
}
