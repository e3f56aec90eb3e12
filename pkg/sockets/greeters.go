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

// greeters are the connections in their handshake. Those of one source that are at the
// same stage are a crowd. Where there are too many, the oldest of the largest crowd is
// closed: an honest peer is done in a moment, so that no number of silent ones keeps it
// out, and one that is far away keeps all its time, however many come from another
// source, or get less far. The socket's lock guards them.
type greeters struct {
	crowds map[crowdName]*list.List // of *greeter; who came first in front, none empty
	count  int                      // of those that may have to make room
	number uint64                   // of the last one

	promised, settled int // with a place (settle.go)
}

// greeter is a connection in its handshake.
type greeter struct {
	nc      net.Conn
	address string          // transport.Address's
	ctx     context.Context //nolint:containedctx // of the handshake, done once nobody waits for it
	cancel  context.CancelFunc

	crowd    crowdName
	number   uint64        // in the order in which they came
	place    *list.Element // in its crowd
	standing standing
	evicted  bool
	refusal  error // the reason why it gets no place among the peers
}

// crowdName says which crowd a connection is in.
type crowdName struct {
	source string // turns.SourceOf its address
	stage  stage
}

// stage is how far a connection has come, by what it took the peer to get there.
type stage uint8

const (
	silent stage = iota
	heard        // it sent something
	versed       // its HELLO was accepted: it knows a password, or the server's key
)

// enter adds nc to a socket that may have limit peers, 0 for any number. ctx is the
// socket's.
func (g *greeters) enter(ctx context.Context, nc net.Conn, address string, limit int) *greeter {
	if limit > 0 && g.count+g.promised+g.settled >= max(limit, minGreeters) {
		g.evict()
	}
	g.number++
	one := &greeter{nc: nc, address: address, crowd: crowdName{source: turns.SourceOf(address)}, number: g.number}
	one.ctx, one.cancel = context.WithCancel(ctx)
	g.add(one)
	return one
}

func (g *greeters) add(one *greeter) {
	crowd := g.crowds[one.crowd]
	if crowd == nil {
		crowd = list.New()
		if g.crowds == nil {
			g.crowds = map[crowdName]*list.List{}
		}
		g.crowds[one.crowd] = crowd
	}
	one.place = crowd.PushBack(one)
	g.count++
}

// advance notes how far one has come.
func (g *greeters) advance(one *greeter, to stage) {
	if one.evicted || one.standing != unplaced {
		return
	}
	g.remove(one)
	one.crowd.stage = to
	g.add(one)
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
	crowd := g.crowds[one.crowd]
	crowd.Remove(one.place)
	if crowd.Len() == 0 {
		delete(g.crowds, one.crowd)
	}
	g.count--
}

func (s *Socket) evictGreeter() {
	s.mu.Lock()
	defer s.unlock()
	s.greeting.evict()
}

func (s *Socket) advance(one *greeter, to stage) {
	s.mu.Lock()
	defer s.unlock()
	s.greeting.advance(one, to)
}
