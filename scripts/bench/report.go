//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// row is a line of the report.
type row struct {
	Contest    string  `json:"contest"`
	Contestant string  `json:"contestant"`
	Metric     string  `json:"metric"`
	Unit       string  `json:"unit"`
	Median     float64 `json:"median"`
	Least      float64 `json:"least"`
	Most       float64 `json:"most"`
	Ratio      float64 `json:"ratio,omitempty"` // to the contest's first contestant
	Goal       string  `json:"goal,omitempty"`
	Missed     bool    `json:"missed"`
}

// judge compares with a goal.
func (r *row) judge(g goal, less bool) {
	value, want, unit := r.Ratio, g.ratio, ""
	if g.value > 0 {
		value, want, unit = r.Median, g.value, " "+r.Unit
	}
	if want == 0 {
		return
	}
	if g.within > 0 {
		r.judgeAt(value, want/g.within, want*g.within)
		return
	}
	sign := ">="
	if less {
		sign = "<="
	}
	r.Goal = fmt.Sprintf("%s %g%s", sign, want, unit)
	r.Missed = value < want
	if less {
		r.Missed = value > want
	}
}

// judgeBetween compares the median with two limits.
func (r *row) judgeBetween(least, most float64) { r.judgeAt(r.Median, least, most) }

func (r *row) judgeAt(value, least, most float64) {
	r.Goal = fmt.Sprintf("%s to %s", short(least), short(most))
	r.Missed = value < least || value > most
}

// report collects rows and failures, and prints a table as it grows.
type report struct {
	begin    time.Time
	rounds   int
	seconds  float64
	asJSON   bool
	contest  string // of the last row printed
	rows     []row
	failures []error
	unsaid   error // of writing to stdout
}

func newReport(rounds int, seconds float64, asJSON bool) *report {
	r := &report{begin: time.Now(), rounds: rounds, seconds: seconds, asJSON: asJSON}
	r.say("medians of %d rounds, %d processors, %s\n", rounds, runtime.NumCPU(), runtime.GOARCH)
	return r
}

// say writes a part of the table.
func (r *report) say(format string, args ...any) {
	if !r.asJSON && r.unsaid == nil {
		_, r.unsaid = fmt.Fprintf(os.Stdout, format, args...)
	}
}

func (r *report) fail(err error) {
	r.failures = append(r.failures, err)
	_, _ = fmt.Fprintln(os.Stderr, "bench:", strings.ReplaceAll(err.Error(), "\n", ": "))
}

func (r *report) add(line row) {
	r.rows = append(r.rows, line)
	if line.Contest != r.contest {
		r.contest = line.Contest
		r.say("\n%-50s %10s %10s %10s %8s  %s\n", line.Contest, "median", "least", "most", "ratio", "goal")
	}
	missed := ""
	if line.Missed {
		missed = " MISSED"
	}
	what := strings.TrimRight(line.Metric+", "+line.Unit, ", ")
	r.say("  %-20s %-27s %10s %10s %10s %8.2f  %s%s\n", line.Contestant, what,
		short(line.Median), short(line.Least), short(line.Most), line.Ratio, line.Goal, missed)
}

// finish prints what is left to print. It fails where a run did.
func (r *report) finish() error {
	missed := 0
	for _, line := range r.rows {
		if line.Missed {
			missed++
		}
	}
	elapsed := time.Since(r.begin).Round(time.Second)
	r.say("\n%d goals missed, %d runs failed, %v\n", missed, len(r.failures), elapsed)
	if r.asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		r.unsaid = e.Encode(map[string]any{
			"rounds": r.rounds, "seconds": r.seconds, "processors": runtime.NumCPU(), "arch": runtime.GOARCH,
			"elapsed": elapsed.Seconds(), "rows": r.rows, "failures": len(r.failures),
		})
	}
	if len(r.failures) > 0 { // each was reported when it happened
		return errors.Join(r.unsaid, fmt.Errorf("%d runs failed: messages were lost or changed", len(r.failures)))
	}
	return r.unsaid
}

// short writes a number with three digits and a k or M.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.3gM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.3gk", v/1e3)
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
