//go:build linux

package main

import (
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

func TestOrderSeesWhatMustNotBe(t *testing.T) {
	for name, c := range map[string]struct {
		numbers []int
		spoil   func(frames.Message)
		bad     bool
	}{
		"in order":     {numbers: []int{1, 2, 3}},
		"with a gap":   {numbers: []int{1, 3}},
		"twice":        {numbers: []int{1, 2, 2}, bad: true},
		"out of order": {numbers: []int{1, 3, 2}, bad: true},
		"altered":      {numbers: []int{1, 20}, spoil: func(m frames.Message) { m[2][7] ^= 1 }, bad: true},
		"cut":          {numbers: []int{1, 20}, spoil: func(m frames.Message) { m[2] = m[2][:len(m[2])-1] }, bad: true},
		"joined":       {numbers: []int{1, 20}, spoil: func(m frames.Message) { m[0], m[1] = append(m[0], m[1]...), nil }, bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrder()
			var err error
			for i, n := range c.numbers {
				m := newMessage("peer", n)
				if c.spoil != nil && i == len(c.numbers)-1 {
					c.spoil(m)
				}
				err = o.check(append(frames.Strings("routing id"), m...))
				if err != nil && i < len(c.numbers)-1 {
					t.Fatalf("message %d: %v", n, err)
				}
			}
			if (err != nil) != c.bad {
				t.Errorf("got %v, want an error: %v", err, c.bad)
			}
		})
	}
}

func TestFlatSeesWhatGrows(t *testing.T) {
	first := sample{goroutines: 20, descriptors: 10, heap: 1 << 20}
	if err := flat([]sample{first, {30, 10, 9 << 20, 0}, first, {25, 10, 1 << 20, 0}}); err != nil {
		t.Errorf("what went up and came down was a leak: %v", err)
	}
	for _, last := range []sample{{21, 10, 1 << 20, 0}, {20, 11, 1 << 20, 0}, {20, 10, 4 << 20, 0}} {
		if err := flat([]sample{first, first, last, last}); err == nil {
			t.Errorf("from %v to %v was flat", first, last)
		}
	}
}
