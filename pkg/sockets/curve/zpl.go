package curve

import (
	"errors"
	"fmt"
	"strings"
)

// setting is one value of a file in ZPL (RFC 4), as far as certificates use it:
// sections, and values one level below them.
type setting struct {
	line                 int
	section, name, value string
}

// indent is the number of spaces in front of a name for each level.
const indent = 4

// parseZPL lists the settings of a text.
func parseZPL(text string) ([]setting, error) {
	var (
		list   []setting
		path   []string // the names above the line
		number int
	)
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		bare := strings.TrimLeft(line, " ")
		if bare == "" || bare[0] == '#' {
			continue
		}
		spaces := len(line) - len(bare)
		if spaces%indent != 0 || spaces/indent > len(path) {
			return nil, fmt.Errorf("line %d: %d spaces in front of the name: expected %d for each level", number, spaces, indent)
		}
		name, value, err := cutSetting(bare)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		path = append(path[:spaces/indent], name)
		if len(path) == 2 {
			list = append(list, setting{number, path[0], name, value})
		}
	}
	return list, nil
}

// cutSetting splits a line into its name and value, which may be missing.
func cutSetting(line string) (name, value string, err error) {
	end := strings.IndexFunc(line, func(r rune) bool { return !strings.ContainsRune(nameRunes, r) })
	if end < 0 {
		return line, "", nil
	}
	name, rest := line[:end], strings.TrimLeft(line[end:], " \t")
	switch {
	case name == "":
		return "", "", errors.New("no name at its start: expected letters, digits or one of $-_@.&+/")
	case rest == "" || rest[0] == '#':
		return name, "", nil
	case rest[0] != '=':
		return "", "", errors.New("expected = after the name")
	}
	rest = strings.TrimLeft(rest[1:], " \t")
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		value, _, _ = strings.Cut(rest, "#")
		return name, strings.TrimRight(value, " \t"), nil
	}
	value, behind, closed := strings.Cut(rest[1:], rest[:1])
	if behind = strings.TrimLeft(behind, " \t"); !closed || behind != "" && behind[0] != '#' {
		return "", "", errors.New("a value in quotes ends with the same quote, and nothing follows it")
	}
	return name, value, nil
}

const nameRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$-_@.&+/"

// quote returns a value in the quotes that it does not contain.
func quote(value string) string {
	if strings.Contains(value, `"`) {
		return "'" + value + "'"
	}
	return `"` + value + `"`
}
