//go:build linux

package main

import "slices"

// spoil flips a bit, or drops, adds, cuts.
func (g *generator) spoil(b []byte) []byte {
	b = slices.Clone(b)
	if len(b) == 0 {
		return []byte{byte(g.IntN(256))}
	}
	i := g.IntN(len(b))
	switch g.IntN(5) {
	case 0, 1:
		b[i] ^= 1 << g.IntN(8)
	case 2:
		b = slices.Delete(b, i, i+1)
	case 3:
		b = slices.Insert(b, i, byte(g.IntN(256)))
	case 4:
		b = b[:i]
	}
	return b
}

// mutate changes what peers send without regard to its meaning.
func (g *generator) mutate() {
	var puts []int
	for i, st := range g.s.steps {
		if st.verb == put {
			puts = append(puts, i)
		}
	}
	for range 1 + g.IntN(3) {
		i := puts[g.IntN(len(puts))]
		st := &g.s.steps[i]
		other := g.s.steps[puts[g.IntN(len(puts))]].bytes
		switch g.IntN(8) {
		case 0, 1, 2, 3:
			if i > 1 || g.one(10) { // a greeting has but few bits of interest
				st.bytes = g.spoil(st.bytes)
			}
		case 4:
			st.bytes = nil
		case 5:
			st.bytes = append(slices.Clone(st.bytes), st.bytes...)
		case 6:
			st.bytes = append(slices.Clone(st.bytes), other...)
		case 7:
			at := g.IntN(len(st.bytes) + 1)
			st.bytes = append(slices.Clone(st.bytes[:at]), other[g.IntN(len(other)+1):]...)
		}
	}
}
