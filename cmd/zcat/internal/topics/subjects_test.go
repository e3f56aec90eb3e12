package topics

import (
	"strings"
	"testing"
)

// Each subject stands once, under a page that there is, and is not the name of one.
func TestSubjects(t *testing.T) {
	seen := map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(subjects)) {
		name, words, _ := strings.Cut(line, ": ")
		if Summary(name) == "" {
			t.Errorf("there is no page %q", name)
		}
		for _, word := range strings.Fields(words) {
			if other := seen[word]; other != "" {
				t.Errorf("%s is explained by %s and by %s", word, other, name)
			}
			seen[word] = name
			if Summary(word) != "" {
				t.Errorf("%s is a page itself", word)
			}
		}
	}
	for word, want := range map[string]string{"Config": "recipes", "exit_codes": "status", "TLS": "ws", "zzz": "", "": ""} {
		if got := Subject(word); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
