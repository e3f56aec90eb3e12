//go:build linux

package main

import (
	"context"
	"slices"
)

// shrink drops what a case does not need to differ.
func (c *court) shrink(ctx context.Context, s *scenario) (*scenario, error) {
	for smaller := true; smaller; {
		smaller = false
		for _, candidate := range candidates(s) {
			differs, err := c.differs(candidate)
			if err != nil {
				return s, err
			}
			if ctx.Err() != nil {
				smaller = false // it has to do as it is
				break
			}
			if differs {
				s, smaller = candidate, true
				break
			}
		}
	}
	return s, nil
}

// differs looks twice, the second time with more patience.
func (c *court) differs(s *scenario) (bool, error) {
	for look := range 2 {
		v, err := c.look(s, patienceAt(look))
		if err != nil || len(v.differences) == 0 {
			return false, err
		}
	}
	return true, nil
}

// candidates are the cases one step smaller than s, the smallest first.
func candidates(s *scenario) (all []*scenario) {
	add := func(change func(*scenario)) {
		c := s.clone()
		change(c)
		all = append(all, c)
	}
	n := len(s.steps)
	for size := n / 2; size > 0; size /= 2 {
		for i := 0; i+size <= n; i += size {
			add(func(c *scenario) { c.steps = slices.Delete(c.steps, i, i+size) })
		}
	}
	if s.chop != 0 {
		add(func(c *scenario) { c.chop = 0 })
	}
	if s.tcp {
		add(func(c *scenario) { c.tcp = false })
	}
	if s.connects {
		add(func(c *scenario) { c.connects = false })
	}
	for i := range s.options {
		add(func(c *scenario) { c.options = slices.Delete(c.options, i, i+1) })
	}
	for i, st := range s.steps {
		if len(st.frames) > 1 {
			for k := range st.frames {
				if s.raw() {
					break // it has two
				}
				add(func(c *scenario) { c.steps[i].frames = slices.Delete(slices.Clone(st.frames), k, k+1) })
			}
		}
	}
	return all
}
