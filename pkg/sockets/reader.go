package sockets

import (
	"errors"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/queue"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// How a connection is read, and why its reader rests. A rest begins under the
// socket's lock, and is ended by another goroutine when its reason is over
// (release), or by the reader itself (getUp). So peer.resume holds one token for
// each rest that another goroutine ended, and never an old one.

// rest is the reason why the reader of a connection rests.
type rest uint8

const (
	awake     rest = iota
	forRoom        // room in the queue of its peer, or in the memory for all
	forEnd         // the same, while it watches for the end of its connection
	forPace        // the application, which is busy with the messages that it has
	forMemory      // memory for a message that is not whole
	forLease       // the receiver, which reads in its stead
	forClose       // the close of the socket: nothing more is read (Ebb)
)

// release ends the rest of p's reader, if it is not the receiver that it rests for.
// The socket's lock is held.
func (p *peer) release() {
	if p.rest == awake || p.rest == forLease {
		return
	}
	p.wakeUp()
}

func (p *peer) wakeUp() {
	if p.rest == forEnd && p.conn != nil {
		p.conn.Interrupt()
	}
	p.rest = awake
	p.resume <- struct{}{}
}

// getUp ends the rest of the reader that calls it, and reports whether it was ended
// before. The socket's lock is held.
func (p *peer) getUp() (released bool) {
	if p.rest == awake {
		<-p.resume
		return true
	}
	p.rest = awake
	return false
}

// await rests the reader of p until it is released, and reports whether it was. A
// limit other than 0, or the socket's end, may end the rest before.
func (s *Socket) await(p *peer, limit time.Duration) (released bool) {
	var late <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-p.resume:
		return true
	case <-late:
	case <-s.ctx.Done():
	}
	s.mu.Lock()
	defer s.unlock()
	return p.getUp()
}

// mayGoOn reports whether the reason for the rest of p's reader is over, after
// messages were taken. The socket's lock is held.
func (p *peer) mayGoOn() bool {
	marks := p.socket.marks
	if p.isLate() {
		return false
	}
	switch p.rest {
	case forPace:
		if !p.in.Little() {
			return false
		}
	case forRoom, forEnd:
	case awake, forMemory, forLease, forClose:
		return false
	}
	if p.ending {
		marks.Messages = 0
	}
	return p.in.Half(marks) && (p.in.Count() == 0 || p.socket.intake.Allows(&p.part))
}

// read hands each slab to the pattern, and rests while the peer's queue is full
// or far enough ahead of the application.
func (s *Socket) read(p *peer, conn *zmtp.Conn) error {
	for {
		if s.ebbing.Load() {
			s.restForClose(p, conn)
		}
		slab, err := s.next(p, conn)
		if err != nil {
			return err
		}
		why, err := s.takeInAll(p, conn, slab)
		if err != nil {
			return err
		}
		switch why {
		case forLease:
			<-p.resume // even if the socket ends: the receiver may be reading
		case forPace:
			s.restPaced(p)
		case forRoom:
			s.restForRoom(p, conn)
		case awake, forEnd, forMemory, forClose:
		}
	}
}

// takeIn hands a slab to the pattern, and returns why the reader is to rest. Where it
// returns a passer, no receiver was woken: that, or the receiver, is to send it on.
func (s *Socket) takeIn(p *peer, conn *zmtp.Conn, slab *slab.Slab) (why rest, on *passer, err error) {
	light, long := isLight(slab), isLong(slab)
	s.mu.Lock()
	defer s.unlock()
	if light && s.passer.free() {
		on = s.passer
	}
	s.hushed = on != nil
	defer func() { s.hushed = false }()
	if s.closing {
		p.late = nil
		slab.Recycle()
	} else if err := s.hasArrived(p, conn, slab); err != nil {
		return awake, on, &zmtp.HandshakeError{Kind: zmtp.FailureProtocol, Err: err}
	}
	switch {
	case s.closing:
	case s.full(p):
		why = forRoom
	case s.lendLong(p, conn, long):
		why = forLease
	case p.in.Ahead():
		why = forPace
		p.in.Pace()
	case s.lend(p, conn):
		why = forLease
	}
	p.rest = why
	return why, on, nil
}

// full reports whether p's queue is full, or the memory for all. The socket's lock
// is held.
func (s *Socket) full(p *peer) bool {
	if p.isLate() {
		return !s.closing
	}
	full := p.in.Full(s.marks)
	if p.ending {
		// The rest lies in the kernel's buffer. A peer that we connect to comes
		// back with another buffer, and is in no account.
		most := s.marks.Bytes
		full = most > 0 && p.in.Size() >= 2*most && (p.dialed || !s.intake.Limited())
	}
	return !s.closing && !s.opts.Conflate && (full || p.in.Count() > 0 && !s.intake.Allows(&p.part))
}

// restForClose rests a reader that reads nothing more.
func (s *Socket) restForClose(p *peer, conn *zmtp.Conn) {
	s.mu.Lock()
	if s.closing {
		s.unlock()
		return
	}
	p.rest = forClose
	s.unlock()
	conn.Pause() // its silence proves nothing
	s.await(p, 0)
	conn.Resume()
}

// restPaced rests a reader that is ahead of the application, as long as the
// application takes messages.
func (s *Socket) restPaced(p *peer) {
	for !s.await(p, queue.PaceTime) {
		s.mu.Lock()
		more := !p.in.InVain() && !p.in.Little() && s.ctx.Err() == nil
		if more {
			p.rest = forPace
		}
		s.unlock()
		if !more {
			return
		}
	}
}

// hangupLook is the time that a reader rests before it watches for the end of its
// connection: most rests are over by then.
const hangupLook = 10 * time.Millisecond

// restForRoom rests the reader of a peer whose queue is full, until there is room
// or the connection is at its end. Another goroutine may wait for that end: to send
// to the peer, or to take its routing id.
func (s *Socket) restForRoom(p *peer, conn *zmtp.Conn) {
	conn.Pause()
	defer conn.Resume()
	if !s.restToEnd(p, conn) {
		return
	}
	s.mu.Lock()
	p.ending = true
	s.unlock()
	s.restOn(p, conn)
}

// restOn rests on while the queue is full.
func (s *Socket) restOn(p *peer, conn *zmtp.Conn) {
	s.mu.Lock()
	full := s.full(p) && !conn.Closed()
	if full {
		p.rest = forRoom
	}
	s.unlock()
	if full {
		s.await(p, 0)
	}
}

// restToEnd rests until there is room, or the connection is at its end, and reports
// whether it is at its end.
func (s *Socket) restToEnd(p *peer, conn *zmtp.Conn) (ended bool) {
	look := time.NewTimer(hangupLook)
	defer look.Stop()
	select {
	case <-p.resume:
		return false
	case <-s.ctx.Done():
	case <-conn.Broken():
		ended = true
	case <-look.C:
	}
	s.mu.Lock()
	if released := p.getUp(); released || ended || s.ctx.Err() != nil {
		s.unlock()
		return ended && !released
	}
	p.rest = forEnd
	s.unlock()
	err := conn.AwaitEnd()
	s.mu.Lock()
	released := p.getUp()
	conn.Listen() // it was interrupted, or may have been
	s.unlock()
	switch {
	case err == nil, errors.Is(err, net.ErrClosed):
		return true
	case errors.Is(err, errors.ErrUnsupported) && !released:
		s.restOn(p, conn)
	}
	return false
}
