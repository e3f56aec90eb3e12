package slab

import "testing"

// What was put last is taken first, by whichever processor, and a stack keeps no more
// than its few from the garbage collector.
func TestStackTakesTheNewest(t *testing.T) {
	const most = 3
	k := newStack(most)
	all := make([]*Slab, 10)
	for i := range all {
		all[i] = &Slab{Wire: make([]byte, 0, 1)}
		k.put(all[i])
	}
	if len(k.last) != most || cap(k.last) != most {
		t.Errorf("%d are kept of %d", len(k.last), cap(k.last))
	}
	taken := make(chan *Slab)
	for i := range most {
		go func() { taken <- k.take() }()
		if s := <-taken; s != all[len(all)-1-i] {
			t.Fatalf("number %d from the top is another one", i)
		}
	}
	for s := k.take(); s != nil; s = k.take() { // the pool may have thrown away any
		for _, newest := range all[len(all)-most:] {
			if s == newest {
				t.Fatal("the same slab twice")
			}
		}
	}
}
