package main

import (
	"fmt"
	"runtime"
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

// The line of a hub is read in proportion to its sockets: the hint for each fault that each
// may have was written, with all of them in it.
func TestHubOfManySockets(t *testing.T) {
	allocated := func(sockets int) uint64 {
		words := []string{"zcat", "hub", "--filter", "cat"}
		for i := range sockets {
			words = append(words, fmt.Sprintf("s%d=pull -b ./s%d", i, i))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := asTyped(words); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(1) // what is made once
	if few, many := allocated(100), allocated(400); many > 6*few {
		t.Errorf("100 sockets allocate %d bytes, 400 %d", few, many)
	}
}
