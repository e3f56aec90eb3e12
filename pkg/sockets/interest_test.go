package sockets

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestTopicCounts: interest counts what an application subscribed to.
func TestTopicCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	in, counts := newInterest(), map[string]int{}
	words := []string{"", "a", "ab", "abc", "b", strings.Repeat("x", 3000), strings.Repeat("x", 1500)}
	for range 5000 {
		word := words[r.IntN(len(words))]
		if r.IntN(2) == 0 {
			in.subscribe([]byte(word))
			counts[word]++
		} else {
			if got, want := in.forget([]byte(word)), counts[word] == 1; got != want {
				t.Fatalf("the last of %s: %t, want %t", cutShort(word), got, want)
			}
			if counts[word]--; counts[word] <= 0 {
				delete(counts, word)
			}
		}
		topic := words[r.IntN(len(words))]
		wanted := false
		for prefix := range counts {
			wanted = wanted || strings.HasPrefix(topic, prefix)
		}
		if got := in.wants([]byte(message(topic))); got != wanted {
			t.Fatalf("wants %s: %t, want %t", cutShort(topic), got, wanted)
		}
		if _, want := counts[""]; in.everything() != want {
			t.Fatalf("everything: %t, want %t", !want, want)
		}
	}
}
