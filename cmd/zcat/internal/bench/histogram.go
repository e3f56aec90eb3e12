package bench

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The lines of a histogram, and the columns that stand in front of its bars and behind.
const (
	histogramLines = 12
	histogramFrame = 34
	leastBar       = 10
)

// Histogram draws how often each latency was, for a terminal of some columns: lines of
// equal ratio from the shortest to the longest, so that both the usual and the rare are
// seen. It is "" for a throughput, and where all are the same.
func (r Result) Histogram(columns int, ascii bool) string {
	if r.latency == nil || r.latency.TotalCount() == 0 {
		return ""
	}
	low, high := float64(max(r.latency.Min(), 1)), float64(r.latency.Max())
	if high <= low {
		return ""
	}
	ratio := math.Pow(high/low, 1.0/histogramLines)
	var counts [histogramLines]int64
	largest := int64(1)
	for _, bar := range r.latency.Distribution() {
		if bar.Count == 0 {
			continue
		}
		middle := float64(bar.From+bar.To) / 2
		at := int(math.Log(max(middle, low)/low) / math.Log(ratio))
		at = min(at, histogramLines-1)
		counts[at] += bar.Count
		largest = max(largest, counts[at])
	}
	full, part, edge := "█", "▏", "│"
	if ascii {
		full, part, edge = "#", ".", "|"
	}
	room := max(columns-histogramFrame, leastBar)
	var b strings.Builder
	for i, n := range counts {
		from, to := low*math.Pow(ratio, float64(i)), low*math.Pow(ratio, float64(i+1))
		length := int(float64(room) * float64(n) / float64(largest))
		bar := strings.Repeat(full, length)
		if length == 0 && n > 0 {
			bar = part
		}
		line := fmt.Sprintf("%10s - %-9s %s%s", short(from), short(to), edge, bar)
		if n > 0 {
			line += fmt.Sprintf(" %.3g%%", 100*float64(n)/float64(r.latency.TotalCount()))
		}
		if ascii {
			line = strings.ReplaceAll(line, "µ", "u")
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// short writes a number of nanoseconds with three digits.
func short(nanos float64) string {
	d := time.Duration(nanos)
	unit := time.Duration(1)
	for d >= 1000*unit {
		unit *= 10
	}
	return d.Round(unit).String()
}
