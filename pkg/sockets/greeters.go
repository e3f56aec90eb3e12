package sockets

import (
	"container/list"
	"errors"
	"net"
)

// errEvicted is why a handshake fails that took longer than others while there
// was no room for more of them.
var errEvicted = errors.New("it made room for others, being the one that took longest")

// minGreeters is how many connections may be in their handshake however few
// peers are allowed.
const minGreeters = 1000

// greeters are the connections in their handshake, the oldest in front. Where
// there are too many, the oldest goes: a peer that means it is done in a moment,
// so that no number of silent ones keeps it out. The socket's lock guards them.
type greeters struct {
	line    list.List // of net.Conn
	places  map[net.Conn]*list.Element
	evicted map[net.Conn]struct{}
}

// enter adds nc where there may be limit peers, 0 for any number.
func (g *greeters) enter(nc net.Conn, limit int) {
	if limit > 0 && g.line.Len() >= max(limit, minGreeters) {
		g.evict()
	}
	if g.places == nil {
		g.places, g.evicted = map[net.Conn]*list.Element{}, map[net.Conn]struct{}{}
	}
	g.places[nc] = g.line.PushBack(nc)
}

// evict closes the oldest.
func (g *greeters) evict() {
	oldest := g.line.Front()
	if oldest == nil {
		return
	}
	nc, _ := g.line.Remove(oldest).(net.Conn)
	g.evicted[nc] = struct{}{}
	_ = nc.Close() // its handshake ends with it
}

// leave forgets nc, whose handshake is over.
func (g *greeters) leave(nc net.Conn) {
	g.line.Remove(g.places[nc]) // nothing where it was evicted
	delete(g.places, nc)
	delete(g.evicted, nc)
}

func (s *Socket) evictGreeter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greeting.evict()
}

// wasEvicted reports whether that is why a handshake on nc failed.
func (s *Socket) wasEvicted(nc net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, evicted := s.greeting.evicted[nc]
	return evicted
}
