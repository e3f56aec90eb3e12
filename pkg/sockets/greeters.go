package sockets

import (
	"container/list"
	"context"
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
	line list.List // of *greeter
}

// greeter is a connection in its handshake.
type greeter struct {
	nc      net.Conn
	ctx     context.Context //nolint:containedctx // of the handshake, done once nobody waits for it
	cancel  context.CancelFunc
	place   *list.Element
	evicted bool
}

// enter adds nc where there may be limit peers, 0 for any number. ctx is the
// socket's.
func (g *greeters) enter(ctx context.Context, nc net.Conn, limit int) *greeter {
	if limit > 0 && g.line.Len() >= max(limit, minGreeters) {
		g.evict()
	}
	one := &greeter{nc: nc}
	one.ctx, one.cancel = context.WithCancel(ctx)
	one.place = g.line.PushBack(one)
	return one
}

// evict closes the oldest.
func (g *greeters) evict() {
	oldest := g.line.Front()
	if oldest == nil {
		return
	}
	one, _ := g.line.Remove(oldest).(*greeter)
	one.evicted = true
	_ = one.nc.Close() // its handshake ends with it
	one.cancel()
}

// leave forgets one whose handshake is over.
func (g *greeters) leave(one *greeter) {
	g.line.Remove(one.place) // nothing where it was evicted
	one.cancel()
}

func (s *Socket) evictGreeter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greeting.evict()
}

// wasEvicted reports whether that is why a handshake failed.
func (s *Socket) wasEvicted(one *greeter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return one.evicted
}
