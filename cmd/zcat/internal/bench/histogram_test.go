package bench

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Most are near the shortest, one is far away: both have a bar, whatever the width.
func TestHistogram(t *testing.T) {
	took := hdrhistogram.New(1, int64(time.Hour), 3)
	for i := range 1000 {
		if err := took.RecordValue(int64(20*time.Microsecond) + int64(i)*10); err != nil {
			t.Fatal(err)
		}
	}
	if err := took.RecordValue(int64(30 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	r := Result{Measure: Latency, latency: took}
	for _, columns := range []int{20, 80, 200} {
		for _, ascii := range []bool{false, true} {
			lines := strings.Split(strings.TrimSuffix(r.Histogram(columns, ascii), "\n"), "\n")
			if len(lines) != histogramLines {
				t.Fatalf("%d lines", len(lines))
			}
			first, last := lines[0], lines[len(lines)-1]
			if !strings.Contains(first, " 99.9%") || !strings.Contains(last, " 0.0999%") || !strings.Contains(last, "30") {
				t.Errorf("%d columns:\n%s\n%s", columns, first, last)
			}
			for _, line := range lines {
				if n := utf8.RuneCountInString(line); n > max(columns, histogramFrame+leastBar) {
					t.Errorf("%q is %d columns wide, of %d", line, n, columns)
				}
				if ascii && len(line) != utf8.RuneCountInString(line) {
					t.Errorf("%q is not ASCII", line)
				}
			}
		}
	}
	if (Result{}).Histogram(80, false) != "" || (Result{latency: hdrhistogram.New(1, 10, 1)}).Histogram(80, false) != "" {
		t.Error("nothing has a histogram")
	}
}
