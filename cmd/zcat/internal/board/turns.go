package board

import (
	"context"
	"slices"
	"sync"
)

// turns lets those who write to the command do so one at a time, first come first served. The
// zero value is nobody's turn.
type turns struct {
	mu    sync.Mutex
	held  bool
	queue []chan struct{} // of those who wait, closed when it is their turn
}

// take waits for the turn.
func (t *turns) take(ctx context.Context) error {
	t.mu.Lock()
	if !t.held {
		t.held = true
		t.mu.Unlock()
		return nil
	}
	mine := t.join()
	t.mu.Unlock()
	return t.await(ctx, mine)
}

// again passes the turn on, and waits for the next behind those who wait by now: to take
// another place later would let one who is quick have two turns meanwhile.
func (t *turns) again(ctx context.Context) error {
	t.mu.Lock()
	if len(t.queue) == 0 {
		t.mu.Unlock()
		return nil
	}
	mine := t.join()
	t.next()
	t.mu.Unlock()
	return t.await(ctx, mine)
}

// pass passes the turn on.
func (t *turns) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next()
}

// wanted reports whether somebody waits.
func (t *turns) wanted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.queue) > 0
}

// join and next are with the lock held.
func (t *turns) join() chan struct{} {
	mine := make(chan struct{})
	t.queue = append(t.queue, mine)
	return mine
}

func (t *turns) next() {
	if t.held = len(t.queue) > 0; t.held {
		close(t.queue[0])
		t.queue = slices.Delete(t.queue, 0, 1)
	}
}

func (t *turns) await(ctx context.Context, mine chan struct{}) error {
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.queue, mine); i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	} else {
		t.next() // it had just come
	}
	return ctx.Err()
}
