package slab

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A recycled slab is empty, and has the room that was asked for.
func TestSlabSizes(t *testing.T) {
	for range 100 {
		for _, size := range []int{0, 1, Small, Small + 1, Large, kept, kept + 1} {
			(&Slab{Wire: make([]byte, size), Count: 3}).Recycle()
		}
		for _, large := range []bool{false, true} {
			s, least := Start(large), Small
			if large {
				least = Large
			}
			if len(s.Wire) != 0 || s.Count != 0 || cap(s.Wire) < least || cap(s.Wire) > kept {
				t.Fatalf("large %v: %d bytes of %d, %d messages", large, len(s.Wire), cap(s.Wire), s.Count)
			}
		}
		if s := New(1); cap(s.Wire) < Small {
			t.Fatalf("a slab of %d bytes", cap(s.Wire))
		}
	}
}

// A caller with a limit gets no larger slab, whatever was recycled before.
func TestSlabWithin(t *testing.T) {
	for range 100 {
		for _, size := range []int{Small, single, 2 * Large, 2*Huge + 1, kept} {
			(&Slab{Wire: make([]byte, size)}).Recycle()
		}
		for _, c := range [][2]int{{1, 1}, {1, Small}, {Small + 1, Small + 1}, {512 << 10, 512 << 10}, {512 << 10, Huge}, {Huge, Huge}, {kept, kept}} {
			if s := Within(c[0], c[1]); cap(s.Wire) < c[0] || cap(s.Wire) > c[1] || len(s.Wire) > 0 {
				t.Fatalf("%d of %d bytes, want %d to %d", len(s.Wire), cap(s.Wire), c[0], c[1])
			}
		}
	}
}

// A message of 64 KiB that is read in parts, and what a Conn wants behind it, have a size
// of slab that is recycled.
func TestSlabOfAMessage(t *testing.T) {
	for _, c := range []struct{ message, slab int }{{64 << 10, single}, {1 << 20, Huge}} {
		const header = 9
		size := c.message + header + Small
		if s := Within(size, c.slab); cap(s.Wire) != c.slab {
			t.Errorf("%d bytes for a message of %d, want %d", cap(s.Wire), c.message, c.slab)
		}
	}
}

// The shelf never holds more than it has room for, whatever is put on it; a slab
// that is taken off has the size that was asked for, and is no longer on it.
func TestShelf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var out []*Slab
	for range 1000 {
		if r.IntN(2) == 0 || len(out) == 0 {
			size := Large + 1 + r.IntN(kept)
			s := Within(size, size+r.IntN(kept))
			for _, other := range out {
				if other == s {
					t.Fatal("the same slab twice")
				}
			}
			out = append(out, s)
		} else {
			i := r.IntN(len(out))
			out[i].Recycle()
			out = slices.Delete(out, i, i+1)
		}
		if h, ok := shelves.Get().(*shelf); ok {
			bytes := 0
			for _, s := range h.slabs {
				bytes += cap(s.Wire)
			}
			if bytes != h.bytes || bytes > shelfRoom {
				t.Fatalf("%d bytes, counted as %d", bytes, h.bytes)
			}
			shelves.Put(h)
		}
		if len(out) > 8 {
			out = out[:4]
		}
	}
}
