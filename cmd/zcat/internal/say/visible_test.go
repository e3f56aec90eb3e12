package say

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// Nothing that could steer a terminal passes, JSON keeps its value, and where a write is
// cut changes nothing.
func TestVisible(t *testing.T) {
	for _, text := range []string{
		"plain é 日本", "\x7f", "\u009b31m", "user\u202egnp.exe", "\U000e0001 tag", "\ufeff", "\ufffd", "\u2028",
	} {
		line, err := json.Marshal([]string{text})
		if err != nil {
			t.Fatal(err)
		}
		line = append(line, '\n')
		for cut := range len(line) {
			var shown bytes.Buffer
			v := &visible{w: &shown, json: true, kept: []byte("\t\n")}
			for _, part := range [][]byte{line[:cut], line[cut:]} {
				if n, err := v.Write(part); n != len(part) || err != nil {
					t.Fatal(n, err)
				}
			}
			var back []string
			if err := json.Unmarshal(shown.Bytes(), &back); err != nil || back[0] != text || steers(shown.String()) {
				t.Fatalf("%q, cut at %d: shown %q, %v", text, cut, &shown, err)
			}
		}
	}
	var shown bytes.Buffer
	v := &visible{w: &shown, kept: []byte("\x1e\t\n")}
	for _, part := range []string{"a\x1b[31m\tb\r\x1e\u009b", "\xe2\x82", "\n\xff\xe2", "\x82\xac\n"} {
		if _, err := v.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if want := "a\\x1b[31m\tb\\r\x1e\\u009b\\xe2\\x82\n\\xff€\n"; shown.String() != want {
		t.Errorf("shown %q, want %q", &shown, want)
	}
}

// steers reports whether text has what a terminal obeys, line ends apart.
func steers(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
}
