package sockets

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/locks"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/ws"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// greeted is a connection whose handshake is done.
type greeted struct {
	nc   net.Conn
	told zmtp.Peer
	rest []byte      // what arrived after the handshake
	stop func() bool // ends the watch that closes nc with the socket
}

// handshake does the handshake on nc, or reports its failure and closes nc. one is
// set for an accepted connection, d for one that we made.
func (s *Socket) handshake(nc net.Conn, endpoint, remote string, one *greeter, d *dialer) (g greeted, err error) {
	bound := one != nil
	g.nc = nc
	life := s.ctx
	if d != nil {
		life = d.ctx
	}
	g.stop = context.AfterFunc(life, func() { _ = nc.Close() }) // it may be closed already
	o := &s.opts
	// Where the system refuses these options, its defaults serve.
	_ = transport.SetOptions(nc, transport.TCPOptions{
		SendBuffer: o.SendBuffer, RecvBuffer: o.RecvBuffer,
		KeepAlive: o.KeepAlive, KeepIdle: o.KeepAliveIdle, KeepCount: o.KeepAliveCount, TOS: o.TOS,
	})
	if s.row.raw {
		if bound {
			if err := s.settle(one, true); err != nil {
				g.stop()
				s.turnAway(nc, endpoint, remote, err)
				return g, err
			}
		}
		return g, nil
	}
	c := &zmtp.Config{
		Type: s.row.name, Identity: o.Identity, Announce: s.row.Announces,
		Server: bound, Bound: bound, Timeout: o.HandshakeTimeout, Types: names, Accepts: s.acceptsName,
		Domain: o.Domain, Authorize: o.Authorize, Context: life,
	}
	if bound {
		// A libzmq that connected to us does not come back for a second try, so
		// hesitate at once.
		c.Context, c.Address, c.Hesitant = one.ctx, one.address, true
		c.Heard, c.Versed = func() { s.advance(one, heard) }, func() { s.advance(one, versed) }
		c.Settle = func(heard bool) error { return s.settle(one, heard) }
	} else {
		c.Hesitant, c.Patient = d.unwelcomed, d.hasty
		c.Heard = func() { d.enter(halfway{open: true, heard: true}) }
		if o.Security != nil { // the side that connects may be the server
			c.Address = transport.Address(nc)
		}
	}
	if o.Security != nil {
		c.Server, c.Security = o.Security.server(), o.Security.mechanism()
	}
	g.told, g.rest, err = zmtp.Handshake(nc, c)
	if err != nil {
		g.stop()
		if bound {
			why, evicted := s.refusalFor(one)
			if why != nil {
				s.turnAway(nc, endpoint, remote, why)
				return g, err
			}
			s.refused.Add(1)
			if evicted {
				err = errEvicted
			}
		}
		s.reportHandshake(endpoint, remote, err, !bound && d.forgive(err))
	}
	return g, err
}

// acceptsName reports whether a Socket-Type property names a legal peer.
func (s *Socket) acceptsName(name string) bool {
	t, err := ParseType(name)
	return err == nil && t.String() == name && s.kind.Accepts(t)
}

// newConn makes the connection of p after its handshake.
func (s *Socket) newConn(p *peer, g greeted) *zmtp.Conn {
	o := &s.opts
	setup := zmtp.Setup{
		Raw:       s.row.raw,
		Publisher: s.row.Publishes,
		Groups:    s.row.Grouped,
		Limits:    zmtp.Limits{MaxSize: o.MaxSize, MaxFrames: o.MaxFrames, MaxPrefix: o.MaxPrefix, Enveloped: s.row.envelopes},
		Heartbeat: zmtp.Heartbeat{Interval: o.HeartbeatInterval, Timeout: o.HeartbeatTimeout, TTL: o.HeartbeatTTL},
		Control: func(wire []byte) {
			p.out.Command(wire, true)
			p.out.Flush()
		},
		Commanded: s.commanded(p.endpoint, p.remote),
	}
	if s.row.Grouped {
		setup.Limits.MaxPrefix = MaxGroup
	}
	if s.intake.Limited() && !p.dialed {
		setup.Grow = func(size int, wait bool) (bool, error) { return s.grow(p, size, wait) }
	}
	conn := zmtp.NewConn(g.nc, g.told, g.rest, setup)
	most := o.RecvHWM
	if o.Conflate || setup.Publisher {
		most = 0 // received messages need no place in a queue
	}
	conn.Allow(most, p.in.Count())
	return conn
}

// join joins a connection to its peer. From here on messages may be queued for it,
// but nothing is written before bringOnline. The socket's lock is held.
func (s *Socket) join(p *peer, conn *zmtp.Conn) error {
	p.conn, p.ending = conn, false
	if p.leaving {
		p.out.Begin(nil) // it only gets what was queued before
	} else if err := s.pattern.online(p); err != nil {
		p.conn = nil
		return err
	}
	if s.hello != nil {
		p.out.Greet(s.hello)
	}
	name := p.remote
	if p.asker != nil {
		name = p.asker.name
	}
	if from := (framing.Source{Peer: name, Endpoint: p.endpoint, User: conn.Peer.UserID}); p.source == nil || *p.source != from {
		p.source = &from
	}
	return nil
}

// bringOnline begins to write to a connection that has joined its peer. The
// connection is reported before anything else that happens on it.
func (s *Socket) bringOnline(p *peer, conn *zmtp.Conn) {
	s.report(Event{Kind: EventHandshakeDone, Endpoint: p.endpoint, Peer: p.remote, Detail: conn.Peer.Type, User: conn.Peer.UserID})
	p.out.Online(conn)
	s.mu.Lock()
	defer s.unlock()
	s.online.Add(1)
	s.tell(p, framing.Joined)
	s.notify(p, true)
	s.wakeSender()
	s.changed()
}

// awaiter is a pattern that waits for the answers of its peers.
type awaiter interface {
	// asking reports whether p has a request without a reply. The socket's lock is
	// held.
	asking(p *peer) bool
}

// serve reads from a peer until its connection ends, and forgets the peer if it
// exists only as long as its connection.
func (s *Socket) serve(p *peer, conn *zmtp.Conn) error {
	err := s.read(p, conn)
	p.out.Offline(conn)
	conn.Close()
	if p.unanswered != nil {
		p.unanswered.hangUp(p.out.Waiting())
	}
	if s.row.raw {
		s.countDropped(p.out.Discard()) // bytes in the middle of one conversation begin no other
	}
	s.mu.Lock()
	s.finishLate(p)
	p.conn = nil
	s.online.Add(-1)
	s.notify(p, false)
	detail := ""
	if a, ok := s.pattern.(awaiter); ok && a.asking(p) {
		detail = DetailAsked
	}
	forget := !p.dialed || s.opts.Immediate
	if forget && s.sheds(p) {
		s.changed()
		s.unlock()
		s.shed(p)
		s.mu.Lock()
	}
	s.tell(p, framing.Left)
	if forget {
		s.detach(p)
	}
	s.fair.settle(p)
	s.changed()
	closing := s.closing
	s.unlock()
	var broke *zmtp.HandshakeError
	var said *ws.ClosedError
	switch {
	case closing: // it is we who leave
		if detail = ""; errors.Is(err, net.ErrClosed) {
			err = nil
		}
	case errors.As(err, &broke) && broke.Kind == zmtp.FailureRefused:
		s.report(Event{Kind: EventRefused, Endpoint: p.endpoint, Peer: p.remote, Err: err})
	case errors.As(err, &broke):
		s.broken.Add(1)
		again := p.dialer != nil && p.dialer.forgive(err)
		s.report(Event{Kind: EventProtocolError, Endpoint: p.endpoint, Peer: p.remote, Err: err, Again: again})
	case errors.As(err, &said): // the reason
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed): // we closed it, and have reported the reason
		err = nil
	}
	s.report(Event{Kind: EventDisconnected, Endpoint: p.endpoint, Peer: p.remote, Detail: detail, Err: err})
	return err
}

// refuse tells a peer that it is not wanted and closes its connection.
func (s *Socket) refuse(conn *zmtp.Conn, endpoint, remote string, why error) {
	// Where the kernel does not take the ERROR at once, the peer goes without it.
	_, _ = conn.TryWrite(conn.AppendRefusal(nil, why.Error()))
	conn.Refuse()
	s.refused.Add(1)
	s.report(Event{Kind: EventPeerRefused, Endpoint: endpoint, Peer: remote, Err: why})
}

// leave ends the connection of a peer that is sent away. The socket's lock is held.
func (p *peer) leave(why error) {
	conn := p.conn
	if conn == nil {
		return
	}
	p.out.Command(conn.AppendRefusal(nil, why.Error()), false)
	p.socket.after(func() {
		p.out.Flush()
		p.socket.report(Event{Kind: EventSentAway, Endpoint: p.endpoint, Peer: p.remote, Err: why})
		conn.Refuse()
	})
}

// report tells the monitor and the readers of events, if there are any. No lock is
// held.
func (s *Socket) report(e Event) {
	watched := s.watchers.any.Load()
	if s.opts.Monitor == nil && !watched {
		return
	}
	e.Time = time.Now()
	if s.opts.Monitor != nil {
		locks.Free("a monitor is called")
		s.opts.Monitor(e)
	}
	if watched {
		s.watchers.tell(e)
	}
}

// reportHandshake reports that a handshake failed, and that its connection is over,
// as libzmq does. again says that another one will be tried.
func (s *Socket) reportHandshake(endpoint, remote string, err error, again bool) {
	e := Event{Kind: EventHandshakeFailed, Endpoint: endpoint, Peer: remote, Value: errnoOf(err), Err: err, Again: again}
	var failed *zmtp.HandshakeError
	switch {
	case !errors.As(err, &failed):
	case failed.Code != 0:
		e.Kind, e.Value = EventHandshakeProtocol, int64(failed.Code)
	case failed.Kind == zmtp.FailureAuth, failed.Kind == zmtp.FailureRefused:
		e.Kind, e.Value = EventHandshakeAuth, int64(failed.Status)
	}
	s.report(e)
	s.report(Event{Kind: EventDisconnected, Endpoint: endpoint, Peer: remote, Err: err})
}

// errnoOf returns the system's number of an error, with libzmq's number for a peer
// that hung up; 0 where there is none.
func errnoOf(err error) int64 {
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno):
	case errors.Is(err, zmtp.ErrLeft), errors.Is(err, io.EOF):
		errno = syscall.EPIPE
	case errors.Is(err, os.ErrDeadlineExceeded):
		errno = syscall.ETIMEDOUT
	}
	return int64(errno)
}

// commanded reports the commands of a peer; nil where nobody listens.
func (s *Socket) commanded(endpoint, remote string) func(string) {
	if s.opts.Monitor == nil && !s.watchers.any.Load() {
		return nil
	}
	return func(name string) {
		s.report(Event{Kind: EventCommand, Endpoint: endpoint, Peer: remote, Detail: name})
	}
}
