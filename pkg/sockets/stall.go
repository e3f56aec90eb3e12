package sockets

import (
	"fmt"
	"time"
)

// A ROUTER that may not drop waits for a peer that has no room, and everything
// behind that message waits as well. A peer that moves ends the wait by itself. One
// that does not, while others wait behind it, is closed.

const (
	// stallMoves is the number of bytes that a peer has to take to count as moving.
	stallMoves = 32 << 10
	// stallLooks is the number of times that a peer is looked at within the time
	// that it has.
	stallLooks = 20
)

// stall is the watch over a peer that the sender of a ROUTER waits for. The
// socket's lock guards it.
type stall struct {
	peer   *peer
	behind bool // the sender has messages for others behind the one for peer

	since       time.Time // when peer last moved
	sent, taken int64     // what it had taken by then: bytes, messages
	timer       *time.Timer
	set         bool
	look        func() // called when it is time to look
}

// watch watches p from now on; behind says that messages for others wait.
func (w *stall) watch(p *peer, behind bool) {
	if w.behind = behind; p.socket.opts.StallTimeout > 0 && !w.set {
		w.again(p)
	}
}

// again looks at p in a while.
func (w *stall) again(p *peer) {
	if w.peer != p {
		w.peer, w.since = p, time.Time{}
		w.moved()
	}
	w.set = true
	pause := p.socket.opts.StallTimeout / stallLooks
	if w.timer == nil {
		w.timer = time.AfterFunc(pause, w.look)
		return
	}
	w.timer.Reset(pause)
}

// moved notes how far the peer is, and reports whether it has moved since the last
// time that it was seen to move.
func (w *stall) moved() bool {
	sent, taken := w.peer.out.Progress()
	if !w.since.IsZero() && taken == w.taken && sent >= w.sent && sent < w.sent+stallMoves {
		return false
	}
	w.since, w.sent, w.taken = time.Now(), sent, taken
	return true
}

// stalledError is the reason why a peer was closed.
type stalledError struct{ limit time.Duration }

func (e *stalledError) Error() string {
	return fmt.Sprintf("it took nothing for %v, while others waited behind its messages", e.limit)
}

// callForLook makes the sender look at the peer that it waits for.
func (r *router) callForLook() {
	s := r.socket
	s.mu.Lock()
	s.look = r.lookAtStall
	r.stall.set = false
	s.unlock()
	s.wakeSender()
}

// lookAtStall closes the peer that the sender, which calls it, waits for, if that
// peer has stalled.
func (r *router) lookAtStall() {
	s := r.socket
	s.mu.Lock()
	defer s.unlock()
	w, p, limit := &r.stall, r.full, s.opts.StallTimeout
	if s.ctx.Err() != nil || p == nil || p.gone {
		w.peer = nil // a later wait begins anew
		return
	}
	if w.peer != p || w.moved() || time.Since(w.since) < limit {
		w.again(p)
		return
	}
	waits := w.behind || s.othersWait(p)
	if backlog := s.opts.Backlog; !waits && backlog != nil && (s.opts.HoldsUp || !s.lonely()) {
		id := []byte(p.id)
		s.unlock() // the application may take its time
		waits = backlog(id)
		s.mu.Lock()
	}
	switch {
	case p.gone:
		w.peer = nil
		return
	case !waits || w.moved():
		w.again(p)
		return
	}
	w.peer = nil
	s.after(func() {
		s.lost.Add(uint64(p.out.Discard()))
		s.report(Event{Kind: EventStalled, Endpoint: p.endpoint, Peer: p.remote, Err: &stalledError{limit}})
		s.wakeSender()
	})
}

// othersWait reports whether a peer other than p has sent messages that the
// application has not taken yet.
func (s *Socket) othersWait(p *peer) bool {
	for q := range s.peers {
		if q != p && q.active {
			return true
		}
	}
	return false
}
