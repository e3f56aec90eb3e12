package shell

import (
	"fmt"
	"strings"
)

// Split cuts a command line into words, as much as a shell would: at blanks, but for those
// in a word that begins with a quote, which goes on to the next such quote. Nothing is
// expanded.
func Split(text string) ([]string, error) {
	const blanks = " \t\r\n"
	var words []string
	for rest := strings.TrimLeft(text, blanks); rest != ""; rest = strings.TrimLeft(rest, blanks) {
		if quote := rest[:1]; quote == `"` || quote == "'" {
			word, behind, found := strings.Cut(rest[1:], quote)
			switch {
			case !found:
				return nil, fmt.Errorf("the quote before %q has no end", firstWord(rest[1:]))
			case behind != "" && !strings.ContainsAny(behind[:1], blanks):
				return nil, fmt.Errorf("a blank is missing behind the quote that ends %q", word)
			}
			words, rest = append(words, word), behind
			continue
		}
		word := rest
		if end := strings.IndexAny(rest, blanks); end >= 0 {
			word = rest[:end]
		}
		words, rest = append(words, word), rest[len(word):]
	}
	return words, nil
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}
