package slab

import (
	"sync"

	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

// stack keeps free slabs of about one size. The few that were used last are taken first:
// where one processor puts and another takes, as an application and a reader do, a
// sync.Pool alone hands out the oldest, and so goes through all that there ever were. A
// receiver of 64 KiB needs a third of the memory with it. The rest is the garbage
// collector's.
type stack struct {
	mu   locks.Mutex[locks.Leaf]
	most int
	last []*Slab // at most so many, the newest behind
	pool sync.Pool
}

// newStack returns one that keeps most slabs from the garbage collector.
func newStack(most int) *stack { return &stack{most: most, last: make([]*Slab, 0, most)} }

func (k *stack) put(s *Slab) {
	if s = k.push(s); s != nil {
		k.pool.Put(s)
	}
}

// push puts s on top, and returns the slab that has no more room, if any.
func (k *stack) push(s *Slab) (oldest *Slab) {
	if k.most == 0 {
		return s
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(k.last); n == k.most {
		oldest = k.last[0]
		k.last = k.last[:copy(k.last, k.last[1:])]
	}
	k.last = append(k.last, s)
	return oldest
}

// take returns nil if there is none.
func (k *stack) take() *Slab {
	if s := k.pop(); s != nil {
		return s
	}
	s, _ := k.pool.Get().(*Slab)
	return s
}

func (k *stack) pop() *Slab {
	if k.most == 0 {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	n := len(k.last) - 1
	if n < 0 {
		return nil
	}
	s := k.last[n]
	k.last[n] = nil
	k.last = k.last[:n]
	return s
}
