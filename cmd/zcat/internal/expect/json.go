package expect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// A path is written as in jq: .a.b[0]["a key"], and . alone for the whole value.
type step struct {
	key   string
	index int // where it is not a key
	isKey bool
}

// parseJSON reads what follows "json:": a path, and what is expected there.
func parseJSON(text string) (func([]byte) *Miss, error) {
	path, rest, err := parsePath(text)
	if err != nil {
		return nil, err
	}
	at := text[:len(text)-len(rest)]
	if at == "" {
		at = "."
	}
	test := func(any) *Miss { return nil }
	switch {
	case rest == "":
	case rest[0] == '=':
		want, err := decode([]byte(rest[1:]))
		if err != nil {
			want = rest[1:]
		}
		test = func(got any) *Miss {
			if equal(want, got) {
				return nil
			}
			return &Miss{"at " + at, encode(want), encode(got)}
		}
	case rest[0] == '~':
		re, err := regexp.Compile(rest[1:])
		if err != nil {
			return nil, err
		}
		test = func(got any) *Miss {
			text, ok := got.(string)
			if !ok {
				text = encode(got)
			}
			if re.MatchString(text) {
				return nil
			}
			return &Miss{"at " + at, "re:" + re.String(), encode(got)}
		}
	}
	return func(frame []byte) *Miss {
		value, err := decode(frame)
		if err != nil {
			return &Miss{"it is not JSON", "json:" + text, show(frame, 0)}
		}
		got, found := follow(value, path)
		if !found {
			return &Miss{"there is no " + at, "json:" + text, show(frame, 0)}
		}
		return test(got)
	}, nil
}

var errPath = errors.New(`a path is written as .key, .key[0] or .["a key"], and . for all of it`)

// parsePath reads a path, and returns what follows it. An empty one is the whole
// value.
func parsePath(text string) (path []step, rest string, err error) {
	rest = text
	if rest == "" || !strings.ContainsRune(".=~", rune(rest[0])) {
		return nil, "", errPath
	}
	if after, ok := strings.CutPrefix(rest, "."); ok && (after == "" || strings.ContainsRune("=~[", rune(after[0]))) {
		rest = after
	}
	for rest != "" && rest[0] != '=' && rest[0] != '~' {
		var s step
		if s, rest, err = parseStep(rest); err != nil {
			return nil, "", err
		}
		path = append(path, s)
	}
	return path, rest, nil
}

func parseStep(text string) (s step, rest string, err error) {
	if name, ok := strings.CutPrefix(text, "."); ok {
		end := strings.IndexAny(name, ".[=~")
		if end < 0 {
			end = len(name)
		}
		if end == 0 {
			return s, "", errPath
		}
		return step{key: name[:end], isKey: true}, name[end:], nil
	}
	inner, ok := strings.CutPrefix(text, "[")
	if !ok {
		return s, "", errPath
	}
	if quoted, err := strconv.QuotedPrefix(inner); err == nil {
		key, err := strconv.Unquote(quoted)
		rest, ok := strings.CutPrefix(inner[len(quoted):], "]")
		if err != nil || !ok {
			return s, "", errPath
		}
		return step{key: key, isKey: true}, rest, nil
	}
	number, rest, ok := strings.Cut(inner, "]")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return s, "", errPath
	}
	return step{index: n}, rest, nil
}

// follow finds the value at a path. An index below 0 counts from the end.
func follow(value any, path []step) (any, bool) {
	for _, s := range path {
		switch v := value.(type) {
		case map[string]any:
			next, ok := v[s.key]
			if !ok || !s.isKey {
				return nil, false
			}
			value = next
		case []any:
			n := s.index
			if n < 0 {
				n += len(v)
			}
			if s.isKey || n < 0 || n >= len(v) {
				return nil, false
			}
			value = v[n]
		default:
			return nil, false
		}
	}
	return value, true
}

// decode reads one JSON value, and keeps its numbers as they are written.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	return value, nil
}

// encode writes a value on one line.
func encode(value any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if len(text) > 4*window {
		text = text[:4*window] + "..."
	}
	return text
}

// equal compares two values, numbers by their value: 1 is 1.0 and 1e0.
func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || sameNumber(string(a), string(b)))
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, value := range a {
			other, found := b[key]
			if !found || !equal(value, other) {
				return false
			}
		}
		return true
	}
	return a == b
}

// longNumber is the size from which numbers are compared as they are written: the
// exact value of 1e999999999 would fill the memory.
const longNumber = 40

func sameNumber(a, b string) bool {
	if len(a) > longNumber || len(b) > longNumber || exponent(a) > longNumber || exponent(b) > longNumber {
		return false
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// exponent is the size of a number's exponent, 0 where it has none.
func exponent(number string) int {
	at := strings.IndexAny(number, "eE")
	if at < 0 {
		return 0
	}
	n, err := strconv.Atoi(number[at+1:])
	if err != nil {
		return longNumber + 1
	}
	return max(n, -n)
}
