package sockets

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// direct lets the receiver of long messages read the connection itself, while the
// connection's reader rests, as long as the receiver does nothing else: it has one peer,
// and waits for each message. When a reader hands a message over, the runtime wakes a
// thread to steal the receiver from it, which takes time from both ends: without that,
// messages of 64 KiB and 1 MiB are a fifth to a third faster, over tcp and ipc (push to
// pull, scripts/bench). The socket's lock guards it.
//
// Where other sockets of the process receive long messages as well, threads are awake in
// any case, and the reader gathers what its receiver has no time for: a hundred SUBs lost
// a quarter. Then no socket reads for itself.
type direct struct {
	peer     *peer // the peer whose reader rests; nil if there is none
	conn     *zmtp.Conn
	reading  bool // the receiver is
	recalled bool // it was interrupted

	waiting bool          // the receiver found nothing
	waits   int           // long messages in a row that it waited for
	until   time.Time     // it is not tried again until then
	pause   time.Duration // how long it was not

	uses, seen uint64        // messages in this loan; at the last look of the watch
	watching   bool          // the watch is set
	back       time.Time     // when the receiver came back with the last one
	away       time.Duration // the application took for it
	slow       int           // messages of the last few that speak against it

	ctx  context.Context //nolint:containedctx // of the receiver, watched as long as it is the same
	stop func() bool     // ends the watch of it
}

// lastLong is the socket of this process that waited for a long message last.
var lastLong atomic.Pointer[direct] //nolint:gochecknoglobals // whether a socket is the only one concerns the process

// isAlone reports whether d's socket was the last to wait for a long message.
func (d *direct) isAlone() bool {
	if lastLong.Load() == d {
		return true
	}
	lastLong.Store(d)
	return false
}

const (
	// directSize is the size of a message, in bytes, from which it is long.
	directSize = 32 << 10
	// directWaits is the number of long messages in a row that a receiver has to wait for.
	directWaits = 8
	// directShare is the part of the time that the application may have to itself for
	// most of directLook messages: while it works, nobody reads.
	directShare = 8
	directLook  = 16
	// directPause is the first and directLongest the last of the times after which an
	// application that had more is tried again.
	directPause   = 100 * time.Millisecond
	directLongest = 64 * directPause
)

// isLong reports whether s holds long messages.
func isLong(s *slab.Slab) bool { return len(s.Wire) >= directSize*max(s.Count, 1) }

// lendLong lends the connection of p, whose reader calls it after it handed over a
// message, to the receiver, and reports whether it did; the reader then has to rest.
func (s *Socket) lendLong(p *peer, conn *zmtp.Conn, long bool) bool {
	d := s.direct
	if d == nil {
		return false
	}
	if !long || !d.waiting || !d.isAlone() {
		d.waiting, d.waits = false, 0
		return false
	}
	d.waiting = false
	if d.waits++; d.waits < directWaits || d.peer != nil || len(s.peers) != 1 || p.leaving ||
		s.closing || s.ebbing.Load() || !conn.CanPoll() || time.Now().Before(d.until) {
		return false
	}
	d.peer, d.conn = p, conn
	d.uses, d.seen, d.back, d.slow = 0, 0, time.Time{}, 0
	if !d.watching {
		d.watching = true
		time.AfterFunc(leaseWatch, s.watchDirect)
	}
	return true
}

// readDirect reads the connection that was lent, if any, and reports whether something
// came. If not, its reader does.
func (s *Socket) readDirect(ctx context.Context) bool {
	s.mu.Lock()
	defer s.unlock()
	d := s.direct
	if d.peer == nil {
		return false
	}
	d.away = time.Since(d.back)
	s.watchContext(ctx)
	if d.isBusy() || s.closing || s.ebbing.Load() || ctx.Err() != nil || s.fair.waiting() > 0 {
		s.recall()
		return false
	}
	p, conn := d.peer, d.conn
	d.reading = true
	s.unlock()
	slab, _ := conn.Await() // an error waits for the reader
	s.mu.Lock()
	d.reading = false
	d.returns(time.Now())
	over := d.recalled || slab == nil || !isLong(slab)
	if d.recalled {
		conn.Listen()
		d.recalled = false
	}
	switch {
	case slab == nil:
	case s.closing:
		slab.Recycle()
	default:
		_ = s.hasArrived(p, conn, slab) // PULL and SUB take everything
	}
	if over {
		s.recall()
	}
	return slab != nil
}

// returns notes that the receiver comes back with a message.
func (d *direct) returns(now time.Time) {
	if d.uses++; !d.isAlone() || d.uses > 1 && d.away*directShare > now.Sub(d.back) {
		d.slow++
	}
	d.back = now
}

// isBusy reports whether the application has more than its share of the time, or other
// sockets receive long messages.
func (d *direct) isBusy() bool {
	if d.uses == 0 || d.uses%directLook > 0 {
		return false
	}
	busy := d.slow > directLook/2
	d.slow = 0
	if !busy {
		d.pause = 0
		return false
	}
	d.pause = min(max(2*d.pause, directPause), directLongest)
	d.until = time.Now().Add(d.pause)
	return true
}

// watchContext has the receiver called back once ctx is done.
func (s *Socket) watchContext(ctx context.Context) {
	d := s.direct
	if d.ctx == ctx {
		return
	}
	if d.stop != nil {
		d.stop()
	}
	d.ctx, d.stop = ctx, nil
	if ctx.Done() != nil {
		d.stop = context.AfterFunc(ctx, func() {
			s.mu.Lock()
			defer s.unlock()
			s.recall()
		})
	}
}

// recall sends the reader back to work, by way of the receiver where that is reading.
// The socket's lock is held.
func (s *Socket) recall() {
	d := s.direct
	switch {
	case d == nil || d.peer == nil:
		return
	case d.reading:
		if !d.recalled {
			d.recalled = true
			d.conn.Interrupt()
		}
		return
	case d.stop != nil:
		d.stop()
	}
	d.peer.wakeUp()
	d.peer, d.conn, d.ctx, d.stop = nil, nil, nil, nil
	d.waits = 0
}

// watchDirect ends a loan that nobody uses.
func (s *Socket) watchDirect() {
	s.mu.Lock()
	defer s.unlock()
	d := s.direct
	if !d.reading && d.uses == d.seen {
		s.recall()
	}
	d.seen = d.uses
	if d.watching = d.peer != nil; d.watching {
		time.AfterFunc(leaseWatch, s.watchDirect)
	}
}
