package sockets

import (
	"errors"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// How a connection is read, and what its reader rests for: room in the queue of
// its peer, the application, or the receiver that reads in its place.

// read hands each slab to the pattern, and rests while the peer's queue is full
// or far enough ahead of the application.
func (s *Socket) read(p *peer, conn *zmtp.Conn) error {
	for {
		if s.ebbing.Load() {
			conn.Pause()
			<-s.closed
			conn.Resume()
		}
		slab, err := conn.Read()
		if err != nil {
			return err
		}
		s.mu.Lock()
		if s.closing {
			slab.Recycle()
		} else if err = s.hasArrived(p, conn, slab); err != nil {
			s.mu.Unlock()
			return &zmtp.HandshakeError{Kind: zmtp.FailureProtocol, Err: err}
		}
		full := s.full(p)
		ahead := !s.closing && !full && p.in.ahead()
		if p.in.waiting = full || ahead; ahead {
			p.in.pace.begin()
		}
		lent := !p.in.waiting && s.lend(p, conn)
		s.mu.Unlock()
		switch {
		case lent:
			<-p.resume
		case ahead:
			p.restPaced()
		case full:
			s.rest(p, conn)
		}
	}
}

// full reports whether p's queue is full; taken then tells when that has changed.
// The socket's lock is held.
func (s *Socket) full(p *peer) bool {
	o := &s.opts
	full := p.in.full(o.RecvHWM, o.RecvHWMBytes)
	if p.ending {
		// What there still is lies in the kernel's buffer. A peer that we connect to
		// comes back with another, and is in no account.
		full = o.RecvHWMBytes > 0 && p.in.size >= 2*o.RecvHWMBytes && (p.dialed || s.incoming.limit == 0)
	}
	p.in.waiting = !s.closing && !o.Conflate && (full || p.in.count > 0 && !s.incoming.allows(p))
	return p.in.waiting
}

// awaitTaken waits until messages were taken off p's queue, which is full.
func (s *Socket) awaitTaken(p *peer) {
	select {
	case <-p.in.room:
	case <-s.ctx.Done():
	}
}

// hangupLook is how long a reader rests before it watches for the end of its
// connection: most rests are over by then.
const hangupLook = 10 * time.Millisecond

// rest rests the reader of a peer whose queue is full, until there is room or the
// connection is at its end. Somebody may wait for that end: to send to the peer,
// or to take its place.
func (s *Socket) rest(p *peer, conn *zmtp.Conn) {
	conn.Pause() // its silence proves nothing
	defer conn.Resume()
	if !s.ended(p, conn) {
		return
	}
	s.mu.Lock()
	p.ending = true
	waits := p.in.waiting && s.full(p)
	s.mu.Unlock()
	if waits && !conn.Closed() {
		s.awaitTaken(p)
		return
	}
	p.unwait()
}

// ended waits until there is room, or the connection is at its end, and reports
// which.
func (s *Socket) ended(p *peer, conn *zmtp.Conn) bool {
	look := time.NewTimer(hangupLook)
	defer look.Stop()
	select {
	case <-p.in.room:
		return false
	case <-s.ctx.Done():
		return false
	case <-conn.Broken():
		return true
	case <-look.C:
	}
	s.mu.Lock()
	watching := p.in.waiting
	p.in.watching = watching
	s.mu.Unlock()
	if !watching {
		p.unwait()
		return false
	}
	err := conn.AwaitEnd()
	s.mu.Lock()
	p.in.watching = false
	conn.Listen() // it was interrupted, or may have been
	s.mu.Unlock()
	switch {
	case err == nil, errors.Is(err, net.ErrClosed):
		return true
	case errors.Is(err, errors.ErrUnsupported):
		s.awaitTaken(p)
		return false
	}
	p.unwait()
	return false
}
