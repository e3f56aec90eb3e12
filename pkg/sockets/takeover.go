package sockets

import (
	"context"
	"slices"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// Some places are for one peer alone: a routing id of a ROUTER, the one peer of a
// PAIR. Who left may come back at once. Its new connection can be through its
// handshake before the end of the old one is read, as each is read by a goroutine of
// its own; libzmq has one thread, which sees the end first. So newcomers to a place
// that is taken wait a moment for the end of who holds it, in a line, in the
// goroutines of their own handshakes, where they hold up nobody else.

// placing is a pattern that has such places. The socket's lock is held.
type placing interface {
	// place returns the place that a newcomer wants; alone says that it is refused where
	// another peer has it. newcomer is nil before it is a peer.
	place(newcomer *peer, told *zmtp.Peer) (name string, alone bool)
	// holder returns the peer that has a place, nil where it is free.
	holder(name string) *peer
}

const (
	// endGrace is the time that a newcomer waits for the end of a peer of which nothing
	// says that it has left: on its way through a network it may be overtaken.
	endGrace = 50 * time.Millisecond
	// endPatience is the same for one that is known to have hung up. If what it sent
	// is not read by then, it loses its place.
	endPatience = 250 * time.Millisecond
	// maxHeirs is the number of newcomers that may wait for one place at a time: visits of a client in a
	// loop while our process had no time for them, rather than of a crowd.
	maxHeirs = 16
)

// heir is a newcomer that waits for a place. It looks again when it is told.
type heir struct{ told chan struct{} }

// places are the lines of heirs, by place; none is empty. The socket's lock guards
// them.
type places map[string][]*heir

// tell has the first in a line look again.
func (l places) tell(place string) {
	if line := l[place]; len(line) > 0 {
		wake(line[0].told)
	}
}

func (l places) leave(place string, h *heir) {
	line := slices.DeleteFunc(l[place], func(other *heir) bool { return other == h })
	if l[place] = line; len(line) == 0 {
		delete(l, place)
	}
	l.tell(place)
}

// awaitPlace waits for the place of a newcomer until it is free, or the newcomer
// is to be refused. The socket's lock is held, but not while it waits.
func (s *Socket) awaitPlace(ctx context.Context, newcomer *peer, told *zmtp.Peer) {
	pattern, ok := s.pattern.(placing)
	if !ok {
		return
	}
	place, alone := pattern.place(newcomer, told)
	line := s.places[place]
	if !alone || len(line) == 0 && pattern.holder(place) == nil || len(line) >= maxHeirs {
		return
	}
	h := &heir{make(chan struct{}, 1)}
	if s.places == nil {
		s.places = places{}
	}
	s.places[place] = append(line, h)
	defer s.places.leave(place, h)
	came := time.Now()
	var holder *peer
	var since time.Time // it was first in the line behind that holder
	for ctx.Err() == nil && !s.closing {
		if s.places[place][0] != h {
			s.awaitTold(ctx, h, nil)
			continue
		}
		now := pattern.holder(place)
		if now == nil || now.dialed { // the place of one that we connect to is kept for it
			return
		}
		if now != holder {
			holder, since = now, time.Now()
		}
		left, changed := s.hasLeft(holder, pattern, place)
		wait := endGrace - time.Since(came)
		if left {
			wait = endPatience - time.Since(since)
		}
		switch {
		case changed:
		case wait > 0:
			timer := time.NewTimer(wait)
			s.awaitTold(ctx, h, timer.C)
			timer.Stop()
		case left:
			s.partWith(holder) // it is read on, and hears nothing more
		default:
			return
		}
	}
}

// hasLeft reports whether a peer is known to have hung up, and whether the place was
// another's once that was known. The socket's lock is held, but not over the look.
func (s *Socket) hasLeft(holder *peer, pattern placing, place string) (left, changed bool) {
	conn := holder.conn
	s.unlock()
	left = conn == nil || conn.HungUp()
	s.mu.Lock()
	return left, pattern.holder(place) != holder
}

// awaitTold waits until an heir is to look again, or until late. The socket's lock is held, but
// not while it waits.
func (s *Socket) awaitTold(ctx context.Context, h *heir, late <-chan time.Time) {
	s.unlock()
	select {
	case <-h.told:
	case <-late:
	case <-ctx.Done():
	case <-s.closed:
	}
	s.mu.Lock()
}

// partWith has the pattern forget p, whose place is free then. The socket's lock is
// held.
func (s *Socket) partWith(p *peer) {
	if p.detached {
		return
	}
	p.detached = true
	s.pattern.detach(p)
	if len(s.places) > 0 {
		s.places.tell(p.id)
	}
}
