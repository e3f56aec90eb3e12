package sockets

import (
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// lease lets the receiver of a REQ or a REP read a connection itself, while the
// connection's reader rests. An answer that comes while the receiver polls for it
// costs no switch between goroutines and no call to wake one; those take several
// times as long as the exchange itself. Between two processes it takes a third off
// the 90th percentile of a round trip (req and rep over tcp, scripts/bench). The
// socket's lock guards it.
//
// A receiver that polls keeps a processor from the other goroutines of its process.
// Where other sockets of the process exchange requests too, which is all that can
// be noticed, that costs more than it earns, up to several times the rate
// (BenchmarkReqRepCrowd): then no socket has a lease.
type lease struct {
	peer     *peer         // the peer whose reader rests; nil if there is none
	before   *peer         // the one that the last message came from
	polling  bool          // the receiver is reading
	patience time.Duration // how long it polls; less after each time in vain
	slept    time.Time     // when it last went to sleep, zero once that is over
	uses     uint64        // messages that it found
	seen     uint64        // uses at the last look of the watch
	watching bool          // the watch is set
	alone    int           // how often in a row this socket asked for a lease, and no other of the process
}

// lastAsked is the lease of the socket of this process that asked for one last.
var lastAsked atomic.Pointer[lease] //nolint:gochecknoglobals // a lease costs the whole process

// asksAlone notes that l's socket asks for a lease, and reports whether it has
// lately been the only one that did.
func (l *lease) asksAlone() bool {
	if lastAsked.Load() != l {
		lastAsked.Store(l)
		l.alone = 0
		return false
	}
	l.alone = min(l.alone+1, longAlone)
	return l.alone == longAlone
}

const (
	// longestPatience is the time that a receiver polls after it found something.
	longestPatience = 50 * time.Microsecond
	// longAlone is the number of times in a row that a socket has to ask for a
	// lease while no other does.
	longAlone = 8
	// leaseWatch is the interval at which a lease is ended that is not used, since
	// the application does not receive.
	leaseWatch = 5 * time.Millisecond
)

// lend lends the connection of p, whose reader calls it, to the receiver, and
// reports whether it did; the reader then has to rest.
func (s *Socket) lend(p *peer, conn *zmtp.Conn) bool {
	l := s.lease
	if l == nil {
		return false
	}
	again := p == l.before
	if l.before = p; !again {
		l.patience /= 2 // peers take turns: the next to say something is another one
	}
	if l.peer != nil || !l.asksAlone() || s.closing || s.ebbing.Load() || s.fair.others(p) || !conn.CanPoll() {
		return false
	}
	if again && !l.slept.IsZero() && time.Since(l.slept) < 4*longestPatience {
		l.patience = longestPatience // it came soon: the next one may, too
	}
	l.slept = time.Time{}
	if l.patience < time.Microsecond {
		return false
	}
	l.peer = p
	conn.Polls(true)
	if !l.watching {
		l.watching = true
		time.AfterFunc(leaseWatch, s.watchLease)
	}
	return true
}

// poll reads the connection that was lent, if any, for a moment, and reports
// whether something came. If not, the receiver goes to sleep.
func (s *Socket) poll() bool {
	l := s.lease
	if l == nil {
		return false
	}
	s.mu.Lock()
	defer s.unlock()
	begin := time.Now()
	if l.peer == nil {
		l.slept = begin
		return false
	}
	p, conn, patience := l.peer, l.peer.conn, l.patience
	l.polling = true
	s.unlock()
	slab, _ := conn.Poll(func() bool { // an error waits for the reader
		return len(s.arrival) > 0 || time.Since(begin) > patience
	})
	s.mu.Lock()
	l.polling = false
	switch {
	case slab != nil && !s.closing:
		l.uses++
		l.patience = longestPatience
		_ = s.hasArrived(p, conn, slab) // REQ and REP take everything
		return true
	case slab != nil:
		slab.Recycle()
	case len(s.arrival) == 0:
		l.patience /= 2
	}
	l.slept = begin
	s.endLease()
	return false
}

// busy ends a lease whose receiver has messages of other peers: as long as they
// keep coming, it does not poll the connection that it was lent.
func (l *lease) busy(s *Socket) {
	if l.peer != nil && s.fair.last != l.peer {
		s.endLease()
	}
}

// endLease sends the reader back to work, unless the receiver is reading, which
// will do so itself.
func (s *Socket) endLease() {
	l := s.lease
	if l == nil || l.peer == nil || l.polling {
		return
	}
	if l.peer.conn != nil {
		l.peer.conn.Polls(false)
	}
	l.peer.wakeUp()
	l.peer = nil
}

// watchLease ends a lease that nobody uses.
func (s *Socket) watchLease() {
	s.mu.Lock()
	defer s.unlock()
	l := s.lease
	if !l.polling && l.uses == l.seen {
		s.endLease()
	}
	l.seen = l.uses
	if l.watching = l.peer != nil; l.watching {
		time.AfterFunc(leaseWatch, s.watchLease)
	}
}
