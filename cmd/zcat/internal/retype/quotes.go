package retype

import (
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/shell"
)

// split is shell.Split for a text whose quotes may be wrong.
func split(text string) []string {
	words, err := shell.Split(text)
	if err != nil || torn(words) {
		if whole, ok := likeShell(text); ok {
			words, err = whole, nil
		}
	}
	if err != nil {
		return strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(text))
	}
	if len(words) == 1 && strings.Contains(words[0], " ") {
		return split(words[0]) // the whole line stood in quotes
	}
	return words
}

// torn reports whether blanks were cut at that a shell would have kept: one is behind a
// quote inside of a word, or behind a backslash.
func torn(words []string) bool {
	for _, word := range words {
		if strings.Count(word, `"`)%2 != 0 || strings.Count(word, "'")%2 != 0 || strings.HasSuffix(word, `\`) {
			return true
		}
	}
	return false
}

// likeShell cuts a text as a shell does, where quotes may stand inside of words: --flag="a b" is
// a flag and its value. In what is no value, as ["a b"], they are kept. A quote without an
// end goes on to the next flag. ok is false where there is a quote that keeps nothing
// together.
func likeShell(text string) (words []string, ok bool) {
	word, some := "", false
	end := func() {
		if some {
			words = append(words, word)
		}
		word, some = "", false
	}
	for text != "" {
		c := text[0]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			end()
		case c == '\\' && len(text) > 1 && strings.IndexByte(` "'`, text[1]) >= 0:
			word, some = word+text[1:2], true
			text = text[1:]
		case c == '"' || c == '\'':
			inside, behind, closed := strings.Cut(text[1:], text[:1])
			opens := word == "" || strings.HasSuffix(word, "=") || len(word) == 2 && word[0] == '-'
			if !closed && !opens {
				return nil, false
			}
			if !closed {
				if at := strings.Index(inside, " -"); at >= 0 {
					inside, behind = inside[:at], inside[at:]
				}
			}
			if flag, isFlag := strings.CutSuffix(word, "="); isFlag && strings.HasPrefix(flag, "--") && !strings.Contains(flag, "=") {
				words, word = append(words, flag), ""
			}
			if !opens {
				inside = text[:1] + inside + text[:1]
			}
			word, some = word+inside, true
			text = behind
			continue
		default:
			word, some = word+text[:1], true
		}
		text = text[1:]
	}
	end()
	return words, true
}
