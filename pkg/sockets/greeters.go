package sockets

import (
	"container/list"
	"context"
	"errors"
	"net"

	"github.com/zcat/zcat/pkg/sockets/internal/turns"
)

// errEvicted is the reason of a handshake that was ended to make room for others.
var errEvicted = errors.New("it was the oldest of too many handshakes")

// minGreeters is the number of connections that may be in their handshake even
// where fewer peers are allowed.
const minGreeters = 1000

// greeters are the connections in their handshake. Where there are too many, the
// oldest of the source with the most is closed: an honest peer is done in a moment,
// so that no number of silent ones keeps it out, and one that is far away keeps all
// its time, however many come from another source. The socket's lock guards them.
type greeters struct {
	crowds map[string]*list.List // of *greeter, by source; the oldest in front, none empty
	count  int                   // of those that may have to make room
	number uint64                // of the last one

	promised, settled int // with a place (settle.go)
}

// greeter is a connection in its handshake.
type greeter struct {
	nc      net.Conn
	address string          // transport.Address's
	ctx     context.Context //nolint:containedctx // of the handshake, done once nobody waits for it
	cancel  context.CancelFunc

	source   string
	number   uint64        // in the order in which they came
	place    *list.Element // in its crowd
	standing standing
	evicted  bool
	refusal  error // the reason why it gets no place among the peers
}

// enter adds nc to a socket that may have limit peers, 0 for any number. ctx is the
// socket's.
func (g *greeters) enter(ctx context.Context, nc net.Conn, address string, limit int) *greeter {
	if limit > 0 && g.count+g.promised+g.settled >= max(limit, minGreeters) {
		g.evict()
	}
	g.number++
	one := &greeter{nc: nc, address: address, source: turns.SourceOf(address), number: g.number}
	one.ctx, one.cancel = context.WithCancel(ctx)
	crowd := g.crowds[one.source]
	if crowd == nil {
		crowd = list.New()
		if g.crowds == nil {
			g.crowds = map[string]*list.List{}
		}
		g.crowds[one.source] = crowd
	}
	one.place = crowd.PushBack(one)
	g.count++
	return one
}

// evict closes the oldest of the largest crowd, or of several that are as large.
func (g *greeters) evict() {
	var oldest *greeter
	most := 0
	for _, crowd := range g.crowds {
		one, _ := crowd.Front().Value.(*greeter)
		if n := crowd.Len(); n > most || n == most && one.number < oldest.number {
			oldest, most = one, n
		}
	}
	if oldest == nil {
		return
	}
	g.remove(oldest)
	oldest.evicted = true
	_ = oldest.nc.Close() // its handshake ends with it
	oldest.cancel()
}

// settle takes one, which has its place now, out of its crowd.
func (g *greeters) settle(one *greeter) {
	g.remove(one)
	*g.placed(one)++
}

// placed is the number of those that have their place as one has.
func (g *greeters) placed(one *greeter) *int {
	if one.standing == promised {
		return &g.promised
	}
	return &g.settled
}

// leave forgets one whose handshake is over.
func (g *greeters) leave(one *greeter) {
	switch {
	case one.standing != unplaced:
		*g.placed(one)--
	case !one.evicted:
		g.remove(one)
	}
	one.cancel()
}

func (g *greeters) remove(one *greeter) {
	crowd := g.crowds[one.source]
	crowd.Remove(one.place)
	if crowd.Len() == 0 {
		delete(g.crowds, one.source)
	}
	g.count--
}

func (s *Socket) evictGreeter() {
	s.mu.Lock()
	defer s.unlock()
	s.greeting.evict()
}
