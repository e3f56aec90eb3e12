//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"
)

// sample has the resources of the process.
type sample struct {
	goroutines, descriptors int
	heap, resident          int // bytes
}

func (s sample) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, heap %.1f MB, resident %.1f MB",
		s.goroutines, s.descriptors, float64(s.heap)/1e6, float64(s.resident)/1e6)
}

// calm waits until all visitors have left, and looks at what remains.
func (s *soak) calm() (sample, error) {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	for _, h := range s.hubs {
		if err := h.empty(ctx); err != nil {
			return sample{}, err
		}
		h.forget()
	}
	// A goroutine that has nothing left to do still has to end, and tells nobody.
	var now sample
	for settled := 0; settled < 10; {
		last := now
		now = look()
		if settled++; now.goroutines != last.goroutines || now.descriptors != last.descriptors {
			settled = 0
		}
		if err := pause(ctx); err != nil {
			return now, err
		}
	}
	return now, nil
}

func look() sample {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := sample{goroutines: runtime.NumGoroutine(), heap: int(m.HeapAlloc)}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		s.descriptors = len(list)
	}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, pages int
		if _, err := fmt.Sscan(string(text), &size, &pages); err == nil {
			s.resident = pages * os.Getpagesize()
		}
	}
	return s
}

// empty waits until nobody is connected to the hub.
func (h *hub) empty(ctx context.Context) error {
	for h.socket.Stats().Peers > 0 {
		if err := pause(ctx); err != nil {
			return fmt.Errorf("the %v still has %d peers: %w", h.kind, h.socket.Stats().Peers, err)
		}
	}
	return nil
}

// pause is the time between two looks.
func pause(ctx context.Context) error {
	timer := time.NewTimer(20 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flat compares the calm after the first round with the last.
func flat(calm []sample) error {
	first, last := calm[0], calm[len(calm)-1]
	// The least of the second half: what one look happens to see is no leak.
	for _, s := range calm[len(calm)/2:] {
		last.goroutines = min(last.goroutines, s.goroutines)
		last.descriptors = min(last.descriptors, s.descriptors)
		last.heap = min(last.heap, s.heap)
	}
	const slack = 2 << 20 // bytes
	switch {
	case last.goroutines > first.goroutines:
		return fmt.Errorf("%d goroutines at first, %d at last", first.goroutines, last.goroutines)
	case last.descriptors > first.descriptors:
		return fmt.Errorf("%d descriptors at first, %d at last", first.descriptors, last.descriptors)
	case last.heap > first.heap+slack:
		return fmt.Errorf("a heap of %d bytes at first, %d at last", first.heap, last.heap)
	}
	return nil
}
