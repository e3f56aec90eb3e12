package topics

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"
)

// hostileTopics are sequences of subscriptions by which a peer may try to make us
// keep more than we count, or copy more than it sends.
var hostileTopics = map[string]func(say func(prefix string, cancel bool)){
	"ever shorter starts of a long prefix": func(say func(string, bool)) {
		long := strings.Repeat("x", 100_000)
		say(long, false)
		for n := len(long) - 700; n > 0; n -= 700 {
			say(long[:n], false)
			say(long[:n], true)
		}
	},
	"a short start left of each long prefix": func(say func(string, bool)) {
		for i := range 60 {
			long := strings.Repeat(string(rune('0'+i)), 10_000)
			say(long, false)
			say(long[:1], false)
			say(long, true)
		}
	},
	"labels split near their end": func(say func(string, bool)) {
		for i := range 2000 {
			long := fmt.Sprintf("%04d", i) + strings.Repeat("x", maxLabel-4)
			say(long, false)
			say(long[:maxLabel-10], false)
		}
	},
	"steps of one byte, cancelled from the start": func(say func(string, bool)) {
		long := strings.Repeat("x", 2*maxLabel)
		for n := range len(long) {
			say(long[:n], false)
		}
		for n := range len(long) {
			say(long[:n], true)
		}
	},
	"steps of one byte, every other cancelled": func(say func(string, bool)) {
		long := strings.Repeat("x", 2*maxLabel)
		for n := range len(long) {
			say(long[:n], false)
		}
		for n := 0; n < len(long); n += 2 {
			say(long[:n], true)
		}
	},
	"branches along a long prefix, cancelled": func(say func(string, bool)) {
		long := strings.Repeat("x", 50_000)
		say(long, false)
		for n := 0; n < len(long); n += 333 {
			say(long[:n]+"y", false)
		}
		for n := 0; n < len(long); n += 333 {
			say(long[:n]+"y", true)
		}
	},
	"many at once, one left": func(say func(string, bool)) {
		const many = 8000 // the list of them, kept four times over, is more than the slack of the test
		for i := range many {
			say(fmt.Sprintf("%05d", i), false)
		}
		for i := range many - 1 {
			say(fmt.Sprintf("%05d", i), true)
		}
	},
	"wide nodes that shrink": func(say func(string, bool)) {
		for i := range 256 * 16 {
			say(string([]byte{byte(i >> 4), 'a', byte(i << 4), 'b'}), false)
		}
		for i := range 256 * 16 {
			if i%16 != 3 {
				say(string([]byte{byte(i >> 4), 'a', byte(i << 4), 'b'}), true)
			}
		}
	},
	"twice, and what is not held": func(say func(string, bool)) {
		for i := range 1000 {
			say("same", false)
			say(fmt.Sprintf("never %d", i), true)
			say("sam", i%2 == 0)
		}
	},
}

// TestAccount: after each of the hostile sequences the account equals the memory of
// the tree, and the real heap holds hardly more.
func TestAccount(t *testing.T) {
	for name, sequence := range hostileTopics {
		t.Run(name, func(t *testing.T) {
			m := newModel(t)
			p, steps := m.peers[0], 0
			sequence(func(prefix string, cancel bool) {
				if cancel {
					m.cancel(prefix, p)
				} else {
					m.subscribe(prefix, p)
				}
				if steps++; steps%512 == 0 {
					m.check(prefix + "!")
					m.account()
				}
			})
			m.account()
			m.leaveAll()

			// Again without the model, whose memory would be measured with it.
			const times = 4 // the test's own memory is less than that of this many of them
			before := liveHeap()
			var trees [times]Tree[int]
			var holders [times]*Holder[int]
			counted := int64(0)
			for i := range trees {
				var charged tally
				trees[i] = New[int](&charged)
				tree, holder := &trees[i], newHolders(1)[0]
				holders[i] = holder
				sequence(func(prefix string, cancel bool) {
					if cancel {
						tree.Remove([]byte(prefix), holder)
					} else {
						tree.Add([]byte(prefix), holder)
					}
				})
				counted += int64(charged)
			}
			if grown := liveHeap() - before; grown > counted+counted/4+128<<10 {
				t.Errorf("%d bytes on the heap, %d are counted", grown, counted)
			}
			runtime.KeepAlive(&trees)
			runtime.KeepAlive(&holders)
		})
	}
}

// TestSizes: the account of a node is the allocator's block for it.
func TestSizes(t *testing.T) {
	if got := unsafe.Sizeof(node[int]{}); got != nodeMemory {
		t.Errorf("a node has %d bytes", got)
	}
	if got := unsafe.Sizeof(Hold[int]{}); got != holdMemory {
		t.Errorf("a hold has %d bytes", got)
	}
	for n := 1; n <= maxLabel; n++ {
		if got, most := labelMemory(bytes.Clone(make([]byte, n))), n+n/8+2*leastLabel; got < n || got > most {
			t.Errorf("a label of %d bytes takes %d, want at most %d", n, got, most)
		}
	}
}

// TestSteps bounds what a step copies: a peer that subscribes to starts of long
// prefixes makes us allocate no more than a few labels each time.
func TestSteps(t *testing.T) {
	var tree Tree[int]
	holder := newHolders(1)[0]
	long := make([]byte, 1<<20)
	tree.Add(long, holder)
	const steps = 100
	used := allocatedBy(func() {
		for i := range steps {
			short := long[:i*10_000]
			tree.Add(short, holder)
			tree.Remove(short, holder)
		}
	})
	if used > steps*5*maxLabel {
		t.Errorf("%d bytes allocated in each step", used/steps)
	}
}

// allocatedBy returns the number of bytes that do allocates.
func allocatedBy(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestTreeLetsGo: the rest of a split prefix does not keep the memory of the long
// one, and the short one can come and go at little cost.
func TestTreeLetsGo(t *testing.T) {
	const count = 64
	var tree Tree[int]
	holder := newHolders(1)[0]
	before := liveHeap()
	for i := range count {
		short := []byte{byte(i)}
		long := append(short, make([]byte, 1<<20)...)
		tree.Add(long, holder)
		tree.Add(short, holder)
		tree.Remove(long, holder)
	}
	if grown := liveHeap() - before; grown > 1<<20 {
		t.Errorf("%d short prefixes hold %d bytes", count, grown)
	}
	if !tree.Held([]byte{7}) {
		t.Error("not held")
	}
}

// liveHeap returns the number of bytes in use after a collection.
func liveHeap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
