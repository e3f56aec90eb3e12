//go:build lockorder

package locks

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
)

// Mutex is a lock of class C that ends the program where it is taken out of order.
type Mutex[C Class] struct{ mu sync.Mutex }

// Lock locks m, of which it does not wait to find that it must not.
func (m *Mutex[C]) Lock() {
	enter(m.rank(), true)
	m.mu.Lock()
}

// TryLock locks m if nobody has. It waits for nobody and so may be done in any order.
func (m *Mutex[C]) TryLock() bool {
	if !m.mu.TryLock() {
		return false
	}
	enter(m.rank(), false)
	return true
}

// Unlock unlocks m, which may have been locked by another goroutine.
func (m *Mutex[C]) Unlock() {
	leave(m.rank())
	m.mu.Unlock()
}

func (*Mutex[C]) rank() rank {
	var c C
	return c.rank()
}

// Free ends the program where the caller holds a lock of a Socket, a FanOut or an Outbox; what
// is what it is about to do.
func Free(what string) {
	held.Lock()
	defer held.Unlock()
	for _, r := range held.by[goroutine()] {
		if r >= socket && r <= outbox {
			violated(fmt.Sprintf("%s with the lock of a %s", what, r))
		}
	}
}

// violated ends the program: who panicked would wait for the lock in what it has to
// close.
var violated = func(what string) { //nolint:gochecknoglobals // its test looks on
	fmt.Fprintf(os.Stderr, "panic: %s\n%s", what, debug.Stack())
	os.Exit(2)
}

// held has the locks of each goroutine.
var held = struct { //nolint:gochecknoglobals // all goroutines of the process
	sync.Mutex
	by map[string][]rank
}{by: map[string][]rank{}}

func enter(r rank, waits bool) {
	who := goroutine()
	held.Lock()
	defer held.Unlock()
	for _, other := range held.by[who] {
		if waits && other >= r {
			violated(fmt.Sprintf("the lock of a %s is taken with that of a %s", r, other))
		}
	}
	held.by[who] = append(held.by[who], r)
}

func leave(r rank) {
	who := goroutine()
	held.Lock()
	defer held.Unlock()
	has := held.by[who]
	i := slices.Index(has, r)
	if i < 0 {
		violated(fmt.Sprintf("the lock of a %s is opened by who does not hold it", r))
	}
	if has = slices.Delete(has, i, i+1); len(has) > 0 {
		held.by[who] = has
	} else {
		delete(held.by, who)
	}
}

// goroutine is the number of the goroutine that calls it.
func goroutine() string {
	var stack [64]byte
	number, _, _ := bytes.Cut(bytes.TrimPrefix(stack[:runtime.Stack(stack[:], false)], []byte("goroutine ")), []byte(" "))
	return string(number)
}

func (r rank) String() string {
	return []string{"", "Proxy", "Reply", "Watchers", "Reader", "Writer", "Socket", "FanOut", "Outbox", "Conn", "Name", "Listener", "Stream", "Leaf"}[r]
}
