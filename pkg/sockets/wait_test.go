package sockets

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// A wait whose end comes together with what it waits for has met it, whichever of the two
// wakes it: a message that was to follow would be lost otherwise.
func TestWaitMetAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSocket(t, Pub)
		ctx, cancel := context.WithCancel(t.Context())
		var met atomic.Bool
		result := make(chan error, 1)
		go func() { result <- s.waitUntil(ctx, met.Load) }()
		synctest.Wait()
		s.mu.Lock()
		cancel()
		met.Store(true)
		s.changed()
		s.unlock()
		if err := <-result; err != nil {
			t.Fatal(err)
		}
	})
}
