package retype

import (
	"slices"
	"testing"
)

// Quotes are read as they were meant, whatever is wrong with them.
func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		`sub -s "a b"`:            {"sub", "-s", "a b"},
		`sub --subscribe="a b"`:   {"sub", "--subscribe", "a b"},
		`sub -s"a b"`:             {"sub", "-sa b"},
		`sub -s a\ b`:             {"sub", "-s", "a b"},
		`sub -s "a b -c @x`:       {"sub", "-s", "a b", "-c", "@x"},
		`sub -s 'it''s'`:          {"sub", "-s", "its"},
		`dealer --hello ["a b"]`:  {"dealer", "--hello", `["a b"]`},
		`push --identity it's -v`: {"push", "--identity", "it's", "-v"},
		`"sub -c @x"`:             {"sub", "-c", "@x"},
		`a"x y"`:                  {`a"x y"`},
		`x"a 'b"`:                 {`x"a 'b"`},
		``:                        nil,
	} {
		if got := split(text); !slices.Equal(got, want) {
			t.Errorf("%s\nbecame %q\nwant   %q", text, got, want)
		}
	}
}

// FuzzSplit: it comes to an end, and loses nothing but quotes, blanks and backslashes.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{`a"x y"`, `"'a b'`, `"a`, `\ `, `--x="`, `["a b"]`, `"" ''`, `a"b c'd e"f'`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kept := 0
		for _, word := range split(text) {
			kept += len(word)
		}
		if kept > len(text) {
			t.Errorf("%q became %q", text, split(text))
		}
	})
}
