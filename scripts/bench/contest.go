//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
)

// contest is a piece of work and its contestants; the first is the one with which
// the others are compared.
type contest struct {
	name    string
	metrics []metric
	entries []entry
}

// metric is something that each run of a contest measures.
type metric struct {
	name string
	unit string
	less bool // is better
}

// entry is a contestant. It returns a value for each metric.
type entry struct {
	name  string
	run   func(g *group) ([]float64, error)
	goals []goal // one for each metric, or none
}

// goal is the rate that a contestant should reach; its zero value is no goal.
type goal struct {
	ratio   float64 // to the first contestant's median
	value   float64 // or in the metric's unit
	between bool    // or not outside of the first and the last contestant's medians
	within  float64 // where more is as bad as less: the factor that is allowed
}

// ratios makes goals of ratios; 0 stands for none.
func ratios(r ...float64) []goal {
	goals := make([]goal, len(r))
	for i := range r {
		goals[i].ratio = r[i]
	}
	return goals
}

// run lets the contestants take turns. Each has a failure of its own.
func (c contest) run(ctx context.Context, rounds int, r *report) {
	values := make([][][]float64, len(c.entries)) // by entry, metric, round
	for range rounds {
		for i, e := range c.entries {
			got, err := e.once(ctx)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				r.fail(fmt.Errorf("%s, %s: %w", c.name, e.name, err))
				continue
			}
			if values[i] == nil {
				values[i] = make([][]float64, len(c.metrics))
			}
			for m, v := range got {
				values[i][m] = append(values[i][m], v)
			}
		}
	}
	for m := range c.metrics {
		c.tell(m, values, r)
	}
}

// tell reports the medians of a metric.
func (c contest) tell(m int, values [][][]float64, r *report) {
	what, reference, last := c.metrics[m], 0.0, 0.0
	if of := values[len(values)-1]; of != nil {
		last = median(of[m])
	}
	for i, e := range c.entries {
		if values[i] == nil {
			continue
		}
		row := row{
			Contest: c.name, Metric: what.name, Unit: what.unit, Contestant: e.name,
			Median: median(values[i][m]), Least: slices.Min(values[i][m]), Most: slices.Max(values[i][m]),
		}
		if i == 0 {
			reference = row.Median
		}
		if reference > 0 { // the first contestant has not failed
			row.Ratio = row.Median / reference
		}
		if e.goals == nil {
			r.add(row)
			continue
		}
		switch goal := e.goals[m]; {
		case goal.between && reference > 0 && last > 0:
			row.judgeBetween(min(reference, last)/goal.within, max(reference, last)*goal.within)
		case goal.between:
		case reference > 0 || goal.value > 0:
			row.judge(goal, what.less)
		}
		r.add(row)
	}
}

func (e entry) once(ctx context.Context) ([]float64, error) {
	g := newGroup(ctx)
	defer g.close()
	return e.run(g)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
