package sockets

import "errors"

// Who has our last word of the handshake takes itself for a peer, and sends. So from
// before that word on a connection has its place, and does not go any more for the sake
// of others: neither where too many are in their handshake nor where too many are peers.

// standing is what a connection in its handshake may count on.
type standing uint8

const (
	unplaced standing = iota // it may have to make room
	promised                 // it has our last word, and its place; its own word is due
	settled                  // it has its place
)

// errSpeakFirst says that the peer's last word has to come before ours.
var errSpeakFirst = errors.New("too many have a place and are silent")

// settle gives one its place, or returns the reason why it gets none. heard says that
// its last word is there. Those that were not heard have half of the free places at
// most, and are half of those that may be in their handshake: silence keeps nobody out.
func (s *Socket) settle(one *greeter, heard bool) error {
	s.mu.Lock()
	defer s.unlock()
	why := s.crowded()
	switch {
	case one.evicted:
		return errEvicted
	case s.closing:
		why = ErrClosed
	case !heard && (why != nil || !s.mayPromise()):
		return errSpeakFirst
	}
	if why != nil {
		one.refusal = why
		return why
	}
	one.standing = promised
	if heard {
		one.standing = settled
	}
	s.greeting.settle(one)
	return nil
}

// mayPromise reports whether a peer may have our last word before its own is there. The
// socket's lock is held.
func (s *Socket) mayPromise() bool {
	g, most := &s.greeting, s.opts.MaxPeers
	return g.promised < minGreeters/2 && (most == 0 || g.promised < (most-s.accepted-g.settled)/2)
}

// refusalFor returns the reason why one got no place, if that ended its handshake.
func (s *Socket) refusalFor(one *greeter) (why error, evicted bool) {
	s.mu.Lock()
	defer s.unlock()
	return one.refusal, one.evicted
}
