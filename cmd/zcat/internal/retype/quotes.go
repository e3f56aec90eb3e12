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
	if len(words) == 1 && strings.Contains(words[0], " ") && len(words[0]) < len(text) {
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

// likeShell cuts a text as a shell does, where quotes may stand inside of words: --flag="a b"
// is a flag and its value. In what is no value, as ["a b"], they are kept. A quote without an
// end goes on to the next flag. ok is false where there is a quote that keeps nothing
// together.
func likeShell(text string) (words []string, ok bool) {
	q := quoting{rest: text}
	for q.rest != "" {
		c := q.rest[0]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			q.end()
			q.rest = q.rest[1:]
		case c == '\\' && len(q.rest) > 1 && strings.IndexByte(" \"'", q.rest[1]) >= 0:
			q.take(q.rest[1:2], q.rest[2:])
		case c == '"' || c == '\'':
			if !q.quote() {
				return nil, false
			}
		default:
			q.take(q.rest[:1], q.rest[1:])
		}
	}
	q.end()
	return q.words, true
}

// quoting is a text on its way to its words.
type quoting struct {
	words []string
	word  string // that has begun
	some  bool   // one has
	ended bool   // a quote has, just before
	rest  string
}

func (q *quoting) take(text, rest string) {
	q.word, q.some, q.ended, q.rest = q.word+text, true, false, rest
}

func (q *quoting) end() {
	if q.some {
		q.words = append(q.words, q.word)
	}
	q.word, q.some, q.ended = "", false, false
}

// quote takes what a quote begins. It reports whether that has an end, or needs none.
func (q *quoting) quote() bool {
	mark := q.rest[:1]
	inside, behind, closed := strings.Cut(q.rest[1:], mark)
	opens := q.word == "" || q.ended || strings.HasSuffix(q.word, "=") || len(q.word) == 2 && q.word[0] == '-'
	switch {
	case !opens && !closed:
		return false
	case !opens:
		inside = mark + inside + mark
	case !closed:
		if at := strings.Index(inside, " -"); at >= 0 {
			inside, behind = inside[:at], inside[at:]
		}
	}
	if flag, isFlag := strings.CutSuffix(q.word, "="); isFlag && strings.HasPrefix(flag, "--") && !strings.Contains(flag, "=") {
		q.words, q.word = append(q.words, flag), ""
	}
	q.take(inside, behind)
	q.ended = opens
	return true
}
