//go:build lockorder

package locks

import "testing"

// TestOrder: each class is taken behind those before it, and in no other order.
func TestOrder(t *testing.T) {
	locks := []interface {
		Lock()
		TryLock() bool
		Unlock()
	}{
		&Mutex[Proxy]{}, &Mutex[Reply]{}, &Mutex[Watchers]{}, &Mutex[Reader]{}, &Mutex[Writer]{}, &Mutex[Socket]{}, &Mutex[FanOut]{}, &Mutex[Outbox]{}, &Mutex[Conn]{},
		&Mutex[Name]{}, &Mutex[Listener]{}, &Mutex[Stream]{}, &Mutex[Leaf]{},
	}
	panics := func(do func()) (did bool) {
		defer func() { did = recover() != nil }()
		do()
		return false
	}
	for i, outer := range locks {
		outer.Lock()
		if got, want := panics(func() { Free("it writes") }), i >= 5 && i < 8; got != want {
			t.Errorf("lock %d: that it writes is a fault: %v, want %v", i, got, want)
		}
		for j, inner := range locks {
			if i == j {
				continue
			}
			if got, want := panics(func() { inner.Lock(); inner.Unlock() }), j < i; got != want {
				t.Errorf("lock %d behind %d is a fault: %v, want %v", j, i, got, want)
			}
			if panics(func() { inner.TryLock(); inner.Unlock() }) {
				t.Errorf("lock %d cannot be tried behind %d", j, i)
			}
		}
		outer.Unlock()
		if panics(func() { Free("it writes") }) {
			t.Errorf("lock %d is still held", i)
		}
	}
	var a, b Mutex[Outbox]
	a.Lock()
	defer a.Unlock()
	if !panics(b.Lock) {
		t.Error("two of a class at once are no fault")
	}
	other := make(chan bool)
	go func() { other <- panics(b.Lock) }()
	if <-other {
		t.Error("what one goroutine holds is another's fault")
	}
}
