package main

import (
	"slices"
	"testing"

	"github.com/zcat/zcat/cmd/zcat/internal/retype"
)

// A line of thousands of words is refused at once, with the hint that its refusal has.
func TestLongLineIsNotMended(t *testing.T) {
	short := []string{"pull", "--connect", "@x", "hello"}
	for _, words := range []int{1, 20000} {
		args := append(slices.Clone(short[:3]), slices.Repeat(short[3:], words)...)
		refused := asTyped(append([]string{"zcat"}, args...))
		if refused == nil {
			t.Fatal("not refused")
		}
		corrected := retype.Corrected(commands("zcat"), args, retype.Around{}, refused)
		if same := corrected == refused; same != (words > 1) { //nolint:errorlint // it is to be that very one
			t.Errorf("%d words: %v", words, corrected)
		}
	}
}
