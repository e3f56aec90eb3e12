// Package turns shares out work that strangers can ask for and that costs
// processors: hashes of passwords, the public keys of a handshake.
package turns

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets/internal/locks"
)

// MostWaiting is the largest number of peers that wait in a Line. Those in a longer
// one might not get their turn in time.
const MostWaiting = 128

// Line lets peers wait for their turn. Sources take turns, so that one that sends
// many peers delays only its own. Where too many wait, the newest of the source
// with the most is sent away for now: older ones are sure of a turn, and a peer
// from elsewhere finds a place. A peer that is gone leaves the line at once. The
// zero value lets nobody through.
type Line struct {
	mu      locks.Mutex[locks.Leaf]
	free    int       // how many more may have their turn now
	waiting int       // in all sources
	sources []*source // that have somebody waiting, the next one in front
}

// source holds the waiting peers of one source (SourceOf).
type source struct {
	name    string
	waiters []*waiter // never empty; those that come again in front, then the oldest
}

// waiter is a peer in the line.
type waiter struct {
	again  bool
	called chan bool // true: your turn; false: another time
}

// NewLine makes a line that gives that many turns at a time.
func NewLine(turns int) *Line { return &Line{free: turns} }

// Try takes a turn if one is free and nobody waits for it. It ends with Leave.
func (l *Line) Try() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free == 0 || l.waiting > 0 {
		return false
	}
	l.free--
	return true
}

// Enter waits for a turn, which ends with Leave, and reports whether there was
// one before ctx ended. again says that the peer has had a turn before, and got
// further with it than a stranger gets without effort: it comes before the peers of
// its source that begin, and is not sent away for one of them.
func (l *Line) Enter(ctx context.Context, from string, again bool) bool {
	w := l.queue(from, again)
	if w == nil {
		return false
	}
	select {
	case turn := <-w.called:
		return turn
	case <-ctx.Done():
	}
	if !l.remove(w) && <-w.called { // it was called just now
		l.Leave()
	}
	return false
}

// Leave ends a turn.
func (l *Line) Leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free++
	l.call()
}

// Waiting returns the number of peers that wait.
func (l *Line) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting
}

// queue puts a waiter into its source; nil where there is no place.
func (l *Line) queue(from string, again bool) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting >= MostWaiting && !l.makeRoom(l.find(from), again) {
		return nil
	}
	i := l.find(from)
	if i < 0 {
		i = len(l.sources)
		l.sources = append(l.sources, &source{name: from})
	}
	s, w := l.sources[i], &waiter{again: again, called: make(chan bool, 1)}
	at := len(s.waiters)
	if again {
		at = s.first()
	}
	s.waiters = slices.Insert(s.waiters, at, w)
	l.waiting++
	l.call()
	return w
}

// first returns the index of the first waiter that does not come again.
func (s *source) first() int {
	i := slices.IndexFunc(s.waiters, func(w *waiter) bool { return !w.again })
	if i < 0 {
		return len(s.waiters)
	}
	return i
}

func (l *Line) find(name string) int {
	return slices.IndexFunc(l.sources, func(s *source) bool { return s.name == name })
}

// makeRoom sends away the newest waiter of the source with the most, unless that is
// the newcomer to the source i itself. A newcomer that comes again replaces one of
// its own source that does not.
func (l *Line) makeRoom(i int, again bool) bool {
	own := 1
	if i >= 0 {
		own += len(l.sources[i].waiters)
	}
	most := 0
	for j, s := range l.sources {
		if len(s.waiters) > len(l.sources[most].waiters) {
			most = j
		}
	}
	if len(l.sources[most].waiters) <= own {
		if !again || i < 0 || l.sources[i].first() == len(l.sources[i].waiters) {
			return false
		}
		most = i
	}
	last := len(l.sources[most].waiters) - 1
	l.sources[most].waiters[last].called <- false
	l.take(most, last)
	return true
}

// call gives the free turns to those that wait.
func (l *Line) call() {
	for ; l.free > 0 && l.waiting > 0; l.free-- {
		next := l.sources[0]
		next.waiters[0].called <- true
		l.take(0, 0)
		if len(next.waiters) > 0 {
			l.sources = append(l.sources[1:], next)
		}
	}
}

// take removes the waiter j of the source i from the line.
func (l *Line) take(i, j int) {
	s := l.sources[i]
	s.waiters = slices.Delete(s.waiters, j, j+1)
	l.waiting--
	if len(s.waiters) == 0 {
		l.sources = slices.Delete(l.sources, i, i+1)
	}
}

// remove removes w from the line, and reports whether it still was in it.
func (l *Line) remove(w *waiter) bool {
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

// SourceOf returns the source of the peers at an address (zap.Request's). One
// stranger can have all addresses of one source: those of an IPv6 network, or of a
// user of this machine.
func SourceOf(address string) string {
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
