package shell

import (
	"regexp"
	"strings"
	"sync"
)

// Lines cuts what holds several NAME=LINE, each of which belongs into a word of its own:
// where a blank, a comma or the like stands before NAME=COMMAND, outside of quotes. It takes
// off what encloses a line, and what separates it from the next.
func Lines(text string, isCommand func(string) bool) (lines []string) {
	begin := 0
	nextLine := nextLine()
	if first := nextLine.FindStringSubmatch(" " + text); first == nil || !isCommand(strings.ToLower(first[2])) {
		return []string{bare(text)}
	}
	for _, at := range nextLine.FindAllStringSubmatchIndex(text, -1) {
		start, name, word := at[0], at[2], text[at[4]:at[5]]
		if _, err := Split(text[begin:start]); err != nil || !isCommand(strings.ToLower(word)) || start == begin {
			continue
		}
		lines, begin = append(lines, bare(text[begin:start])), name
	}
	return append(lines, bare(text[begin:]))
}

// nextLine is where a line begins behind another. Few need it, and to compile it takes a
// twentieth of the time that zcat takes to start.
var nextLine = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // it never changes
	return regexp.MustCompile(`[\s,;|&]+([A-Za-z][A-Za-z0-9_]*)\s*[=:]\s*["'(\[{$]*([A-Za-z]+)`)
})

// bare is NAME=LINE without what separates it from others, nor brackets around the line.
func bare(text string) string {
	text = strings.TrimRight(text, ",; \t\r\n")
	if inner, isObject := strings.CutPrefix(text, "{"); isObject { // {"a":"LINE"}
		text = strings.TrimSuffix(inner, "}")
	}
	name, line, found := strings.Cut(text, "=")
	if opened := strings.TrimPrefix(line, "$"); found && opened != "" {
		for _, pair := range [...]string{"()", "[]", "{}"} {
			if opened[0] == pair[0] {
				return name + "=" + strings.TrimSpace(strings.TrimSuffix(opened[1:], pair[1:]))
			}
		}
	}
	return text
}
