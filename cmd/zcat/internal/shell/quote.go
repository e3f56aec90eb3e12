// Package shell quotes the words of a command line, and cuts one into words.
package shell

import (
	"fmt"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

// Quoted returns a word of a command line as a shell takes it, zsh too, for which
// an asterisk that matches no file is an error and = in front begins the name of a
// command. What a terminal would not show is written with printf.
func Quoted(word string) string {
	const plain = "-_./:=,@%+"
	special := strings.ContainsFunc(word, func(r rune) bool {
		return r > '~' || !isWordRune(r) && !strings.ContainsRune(plain, r)
	})
	switch {
	case say.Printable(word) != word:
		return byPrintf(word)
	case special || word == "" || word[0] == '=' || strings.Contains(word, "=~"):
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// byPrintf returns a word as a printf that prints it. Command substitution loses
// the line ends at its end, so that such a word is written as most shells, but not
// all, read it.
func byPrintf(word string) string {
	var b strings.Builder
	for i := range len(word) {
		switch c := word[i]; {
		case c == '%':
			b.WriteString("%%")
		case c < ' ' || c > '~' || c == '\'' || c == '\\' || c == '-' && i == 0:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	if strings.HasSuffix(word, "\n") {
		return "$'" + strings.ReplaceAll(b.String(), "%%", "%") + "'"
	}
	return `"$(printf '` + b.String() + `')"`
}

func isWordRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
