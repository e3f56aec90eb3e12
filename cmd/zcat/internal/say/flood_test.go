package say

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// However many things come, what is reported is bounded, and no thing is neither reported
// nor counted.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		flood := &Flood{Say: &Speech{W: &out}, Most: 10}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		const all = 30_000 // half a minute
		for i := range all {
			flood.Fail(Kind{"q: ", "bad line", " of it"}, "line %d: skipped", i+1)
			<-tick.C
		}
		flood.End()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		single, summed := 0, 0
		for _, line := range lines {
			var n int
			if _, err := fmt.Sscanf(line, "zcat: q: and %d more bad lines of it within", &n); err == nil {
				summed += n
			} else {
				single++
			}
		}
		if single+summed != all || len(lines) > 30 {
			t.Errorf("%d lines for %d of %d", len(lines), single+summed, all)
		}
		if !slices.Contains(lines, "zcat: q: and 990 more bad lines of it within 1s") {
			t.Errorf("got %q", lines)
		}
	})
}
