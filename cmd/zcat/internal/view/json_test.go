package view

import (
	"runtime"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets"
)

// The depth of JSON does not count what stands in strings.
func TestDepth(t *testing.T) {
	for text, want := range map[string]int{
		`[]`: 1, `{"a":[1,{"b":2}],"c":[[]]}`: 3, `["[[[",{"\"[[\\":"]"}]`: 2, `["\\",[]]`: 2,
	} {
		if got := depth([]byte(text)); got != want {
			t.Errorf("%s: %d", text, got)
		}
	}
}

// What is laid out stays in proportion to the frame: indentation grows with the square
// of the depth.
func TestDeepJSONIsBounded(t *testing.T) {
	for _, deep := range []int{maxDepth, maxDepth + 1, 9000} {
		text := strings.Repeat("[", deep) + strings.Repeat("]", deep)
		for _, full := range []bool{false, true} {
			v := &View{Width: 80, Full: full}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			shown := string(v.Append(nil, message(sockets.Pull, text)))
			runtime.ReadMemStats(&after)
			if used, most := int(after.TotalAlloc-before.TotalAlloc), 64<<10+50*2*deep; deep > maxDepth && used > most {
				t.Errorf("%d deep, full %v: %d bytes allocated", deep, full, used)
			}
			if laidOut := strings.Contains(shown, "│   ["); laidOut != (deep <= maxDepth) {
				t.Errorf("%d deep, full %v:\n%.300s", deep, full, shown)
			}
			wantSafe(t, v, message(sockets.Pull, text))
		}
	}
}
