package sockets

import (
	"context"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// direct lets the receiver of long messages read the connection itself, while the
// connection's reader rests, as long as the receiver does nothing else: it has one peer,
// and waited for each message. A message whose reader hands it over wakes a goroutine,
// and another thread to steal that, four times a message of 1 MiB. The socket's lock
// guards it.
type direct struct {
	peer     *peer // the peer whose reader rests; nil if there is none
	conn     *zmtp.Conn
	reading  bool // the receiver is
	recalled bool // it was interrupted

	waiting bool      // the receiver found nothing
	waits   int       // long messages in a row that it waited for
	busy    time.Time // the application had no time then

	uses, seen uint64 // messages in this loan; at the last look of the watch
	watching   bool   // the watch is set
	back       time.Time
	away, all  time.Duration // since the last look at both: spent by the application, and in all

	ctx  context.Context //nolint:containedctx // of the receiver, watched as long as it is the same
	stop func() bool     // ends the watch of it
}

const (
	// directSize is the size of a message, in bytes, from which it is long.
	directSize = 32 << 10
	// directWaits is the number of long messages in a row that a receiver has to wait for.
	directWaits = 8
	// directLook is the number of messages after which the share of the application is
	// looked at, and directShare the part of the time that it may have: while it works,
	// nobody reads.
	directLook  = 32
	directShare = 8
	// directPause is the time after which an application that had more is tried again.
	directPause = 100 * time.Millisecond
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
	if !long || !d.waiting {
		d.waits = 0
		return false
	}
	d.waiting = false
	if d.waits++; d.waits < directWaits || d.peer != nil || len(s.peers) != 1 || p.leaving ||
		s.closing || s.ebbing.Load() || !conn.CanPoll() || time.Since(d.busy) < directPause {
		return false
	}
	d.peer, d.conn = p, conn
	d.uses, d.seen, d.back, d.away, d.all = 0, 0, time.Time{}, 0, 0
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
	if !d.back.IsZero() {
		d.away += time.Since(d.back)
	}
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
	now := time.Now()
	if !d.back.IsZero() {
		d.all += now.Sub(d.back)
	}
	d.back = now
	d.uses++
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

// isBusy reports whether the application has more than its share of the time.
func (d *direct) isBusy() bool {
	if d.uses%directLook != directLook-1 {
		return false
	}
	if d.away*directShare > d.all {
		d.busy = time.Now()
		return true
	}
	d.away, d.all = 0, 0
	return false
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
