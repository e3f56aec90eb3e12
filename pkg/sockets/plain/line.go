package plain

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// maxWaiting is how many may wait for their turn. A line no longer than that has
// moved on before the patience of those in it ends.
const maxWaiting = 128

// line is where peers wait whose password takes time to check. Sources take
// turns, so that one that sends many keeps only its own waiting. Where too many
// wait, the newest of the source with the most is sent away for now: who waits
// already is sure of a turn, and whoever comes from elsewhere finds a place. The
// zero value lets nobody through.
type line struct {
	mu      sync.Mutex
	free    int       // how many more may have their turn now
	waiting int       // in all sources
	sources []*source // that have somebody waiting, the next one in front
}

// source is where peers come from that cannot be told apart.
type source struct {
	name    string
	waiters []*waiter // the oldest in front; never empty
}

// waiter is a peer in the line.
type waiter struct {
	called chan bool // true: your turn; false: another time
}

// enter waits for a turn, which ends with leave, and reports whether there was
// one before ctx ended.
func (l *line) enter(ctx context.Context, from string) bool {
	w := l.queue(from)
	if w == nil {
		return false
	}
	select {
	case turn := <-w.called:
		return turn
	case <-ctx.Done():
	}
	if !l.remove(w) && <-w.called { // it was called just now
		l.leave()
	}
	return false
}

// leave ends a turn.
func (l *line) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free++
	l.call()
}

// queue appends a waiter to its source; nil where there is no place.
func (l *line) queue(from string) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.find(from)
	if l.waiting >= maxWaiting && !l.makeRoom(i) {
		return nil
	}
	if i = l.find(from); i < 0 {
		i = len(l.sources)
		l.sources = append(l.sources, &source{name: from})
	}
	w := &waiter{called: make(chan bool, 1)}
	l.sources[i].waiters = append(l.sources[i].waiters, w)
	l.waiting++
	l.call()
	return w
}

func (l *line) find(name string) int {
	return slices.IndexFunc(l.sources, func(s *source) bool { return s.name == name })
}

// makeRoom sends away the newest of the source with the most, unless it is the
// newcomer to the source i itself.
func (l *line) makeRoom(i int) bool {
	own := 1
	if i >= 0 {
		own += len(l.sources[i].waiters)
	}
	most := slices.MaxFunc(l.sources, func(a, b *source) int { return len(a.waiters) - len(b.waiters) })
	if len(most.waiters) <= own {
		return false
	}
	last := len(most.waiters) - 1
	most.waiters[last].called <- false
	l.take(slices.Index(l.sources, most), last)
	return true
}

// call gives their turn to as many as may have it.
func (l *line) call() {
	for ; l.free > 0 && l.waiting > 0; l.free-- {
		next := l.sources[0]
		next.waiters[0].called <- true
		l.take(0, 0)
		if len(next.waiters) > 0 {
			l.sources = append(l.sources[1:], next)
		}
	}
}

// take takes the waiter j of the source i out of the line.
func (l *line) take(i, j int) {
	s := l.sources[i]
	s.waiters = slices.Delete(s.waiters, j, j+1)
	l.waiting--
	if len(s.waiters) == 0 {
		l.sources = slices.Delete(l.sources, i, i+1)
	}
}

// remove takes w out of the line, where it still is in it.
func (l *line) remove(w *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, s := range l.sources {
		if j := slices.Index(s.waiters, w); j >= 0 {
			l.take(i, j)
			return true
		}
	}
	return false
}

// sourceOf is what the peers at an address have in common with those that one
// stranger can pass off as others: a network of IPv6, a user of this machine.
func sourceOf(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil {
		if ip = ip.Unmap(); ip.Is6() {
			network, _ := ip.Prefix(64) // a length that every address of IPv6 has
			return network.String()
		}
		return ip.String()
	}
	if user, ok := strings.CutPrefix(address, "localhost:"); ok { // UID:GID:PID
		user, _, _ = strings.Cut(user, ":")
		return "localhost:" + user
	}
	return address
}
