package sockets

import (
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// lease lets the receiver of a REQ or a REP read a connection itself, in the
// place of the connection's reader, who rests. An answer that comes while the
// receiver looks for it costs no change of goroutines and no call to wake one;
// those take several times as long as the exchange itself. Between two processes
// it takes a third off the 90th percentile of a round trip (req and rep over tcp,
// scripts/bench). The socket's lock guards it.
//
// Who looks keeps a processor from the other goroutines of its process. Where these
// converse too, which is all that can be noticed of them, that costs more than it
// earns, up to several times the rate (BenchmarkReqRepCrowd): then none has a lease.
type lease struct {
	peer     *peer         // whose reader rests; nil: nobody's
	polling  bool          // the receiver is reading
	patience time.Duration // how long it looks; less after each time in vain
	slept    time.Time     // when it last went to sleep, zero once that is over
	uses     uint64        // messages that it found
	seen     uint64        // uses at the last look of the watch
	watching bool          // the watch is set
	alone    int           // how often it was last to ask for one before, of all in the process
}

// lastAsked is the lease of the socket of this process that asked for one last.
var lastAsked atomic.Pointer[lease] //nolint:gochecknoglobals // the processors are those of the process

// asksAlone notes that l's socket could do with a lease, and reports whether it is
// the only one of late.
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
	// longestPatience is how long a receiver looks that was lucky the last time.
	longestPatience = 50 * time.Microsecond
	// longAlone is how often a socket has to ask without another that does.
	longAlone = 8
	// leaseWatch is how long a connection goes unread when the application lets
	// the socket lie.
	leaseWatch = 5 * time.Millisecond
)

// lend offers the connection of p, whose reader calls it, to the receiver. If
// it is taken the reader has to rest for it.
func (s *Socket) lend(p *peer, conn *zmtp.Conn) bool {
	l := s.lease
	if l == nil || l.peer != nil || !l.asksAlone() || s.closing || s.ebbing.Load() || s.fair.others(p) || !conn.CanPoll() {
		return false
	}
	if !l.slept.IsZero() && time.Since(l.slept) < 4*longestPatience {
		l.patience = longestPatience // it came soon: the next one may, too
	}
	l.slept = time.Time{}
	if l.patience == 0 {
		return false
	}
	l.peer = p
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
		if l.patience /= 2; l.patience < time.Microsecond {
			l.patience = 0
		}
	}
	l.slept = begin
	s.endLease()
	return false
}

// busy ends a lease whose receiver has messages of other peers: it does not come
// to look at the connection that it was lent, as long as they keep coming.
func (l *lease) busy(s *Socket) {
	if l.peer != nil && s.fair.last != l.peer {
		s.endLease()
	}
}

// endLease sends the reader back to work, unless the receiver is reading, who
// will do so.
func (s *Socket) endLease() {
	l := s.lease
	if l == nil || l.peer == nil || l.polling {
		return
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
