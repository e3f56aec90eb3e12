package frames_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
)

// Every character may be written as an escape, in either case, and is its UTF-8.
func TestEveryEscape(t *testing.T) {
	const run = 1 << 10 // characters a frame
	for first := rune(0); first <= utf8.MaxRune; first += run {
		if first > 0xffff {
			first += 15 * run // of the other planes a part is enough
		}
		var lower, upper, plain strings.Builder
		for r := first; r < first+run; r++ {
			if !utf8.ValidRune(r) {
				continue
			}
			plain.WriteRune(r)
			for _, unit := range utf16.Encode([]rune{r}) {
				_, _ = fmt.Fprintf(&lower, `\u%04x`, unit)
				_, _ = fmt.Fprintf(&upper, `\u%04X`, unit)
			}
		}
		text := `["` + lower.String() + `","` + upper.String() + `"]`
		m, err := frames.DecodeMessage(frames.JSON, []byte(text), frames.DecoderOptions{})
		if err != nil || len(m) != 2 || string(m[0]) != plain.String() || string(m[1]) != plain.String() {
			t.Errorf("from %U on: %.40q, %v", first, m, err)
		}
	}
}
