package sockets

import (
	"net"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// A peer that is fed may send further subscriptions before it has taken what it asked
// for. They wait in the slab that they came in, and its reader rests until the feed is
// over.

// arrival is a slab that is being taken in.
type arrival struct {
	slab   *slab.Slab
	rest   []byte // messages behind the one that is looked at
	inside bool   // there is one: scan is in it
	again  bool   // its frame that scan is at has to be taken in
	told   bool   // its last frame was taken in before
	scan   frameScan
	open   openFrames // what was not delivered of it
}

// cut goes on to the next message.
func (a *arrival) cut() (message []byte) {
	message, a.rest = framing.CutMessage(a.rest)
	a.told = a.slab.Told && len(a.rest) == 0
	return message
}

// feeder is a pattern that feeds peers. The socket's lock is held.
type feeder interface {
	// unfed is the number of messages that p was still to be fed.
	unfed(p *peer) int
	// finish takes in what is late of a peer whose connection has ended, and ends what
	// it is fed.
	finish(p *peer)
	// kept is the number of topics of which it keeps messages, and the bytes of memory
	// for them.
	kept() (topics, bytes int)
}

// isLate reports whether something of p waits until it is fed. The socket's lock is
// held.
func (p *peer) isLate() bool { return p.late != nil && p.feeding }

// next returns what is to be taken in next from a connection.
func (s *Socket) next(p *peer, conn *zmtp.Conn) (*slab.Slab, error) {
	switch {
	case p.late == nil: // its reader alone writes that
		return conn.Read()
	case conn.Closed():
		return nil, net.ErrClosed
	}
	return p.late.slab, nil
}

// finishLate takes in what is late of a peer whose connection has ended. The socket's
// lock is held.
func (s *Socket) finishLate(p *peer) {
	if p.late == nil {
		return
	}
	if f, ok := s.pattern.(feeder); ok && !s.closing && !p.leaving {
		f.finish(p)
		return
	}
	p.late.slab.Recycle()
	p.late = nil
}

// unfed is the number of messages that p was still to be fed. The socket's lock is held.
func (s *Socket) unfed(p *peer) int {
	if f, ok := s.pattern.(feeder); ok && p.feeding {
		return f.unfed(p)
	}
	return 0
}

// feed writes what p is fed so far, and has a goroutine go on where there is more.
func (x *xpub) feed(p *peer) {
	s := x.socket
	s.after(p.out.Flush)
	if x.out.feeding(p) {
		p.feeding = true
		s.tasks.Go(func() { x.feedOn(p) })
	}
}

// feedOn feeds p until that is over, as its outbox has room.
func (x *xpub) feedOn(p *peer) {
	s := x.socket
	for more, full := true, false; more; {
		if full {
			select {
			case <-p.spared:
			case <-s.ctx.Done():
				return
			}
		}
		more, full = x.out.feedOn(p)
		p.out.Flush()
	}
	s.mu.Lock()
	defer s.unlock()
	p.feeding = false
	if p.rest != awake && p.mayGoOn() {
		p.release()
	}
	s.wakeSender() // which may be Close
}

func (x *xpub) unfed(p *peer) int { return x.out.unfed(p) }

func (x *xpub) finish(p *peer) {
	x.out.starve(p)
	_ = x.arrive(p, p.late.slab) // its connection is over in any case
}

func (x *xpub) kept() (topics, bytes int) { return x.out.keeping() }
