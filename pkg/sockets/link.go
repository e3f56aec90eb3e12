package sockets

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// greeted is a connection whose handshake is done.
type greeted struct {
	nc   net.Conn
	told zmtp.Peer
	rest []byte      // what arrived behind the handshake
	stop func() bool // ends the watch that closes nc with the socket
}

// handshake does the handshake on nc, or reports why it failed and closes nc. d is
// what connected to the endpoint, nil where it is bound.
func (s *Socket) handshake(nc net.Conn, endpoint, remote string, d *dialer) (g greeted, err error) {
	bound := d == nil
	g.nc = nc
	g.stop = context.AfterFunc(s.ctx, func() { _ = nc.Close() }) // it may be closed already
	o := &s.opts
	// Where the system refuses the wish, its own buffers serve.
	_ = transport.SetOptions(nc, transport.TCPOptions{SendBuffer: o.SendBuffer, RecvBuffer: o.RecvBuffer, KeepAlive: o.KeepAlive})
	c := &zmtp.Config{
		Type: s.kind.String(), Identity: o.Identity, Announce: s.kind.row().announces,
		Server: bound, Bound: bound, Timeout: o.HandshakeTimeout, Accepts: s.acceptsName,
		Domain: o.Domain,
	}
	if !bound {
		c.Heard = func() { d.enter(halfway{open: true, heard: true}) }
	}
	if o.Authorize != nil {
		c.Authorize, c.Address = s.authorize, transport.Address(nc)
	}
	if o.Security != nil {
		c.Server, c.Security = o.Security.server(), o.Security.mechanism()
	}
	g.told, g.rest, err = zmtp.Handshake(nc, c)
	if err != nil {
		g.stop()
		if bound {
			s.refused.Add(1)
			if s.wasEvicted(nc) {
				err = errEvicted
			}
		}
		s.reportHandshake(endpoint, remote, err, !bound && d.forgive(err))
	}
	return g, err
}

// authorize asks the application's handler, which has no longer than the socket
// lives.
func (s *Socket) authorize(ctx context.Context, r *zap.Request) zap.Reply {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	reply := s.opts.Authorize(ctx, r)
	if s.ctx.Err() != nil {
		return zap.Reply{Status: zap.Temporary, Text: "the socket is closing"}
	}
	return reply
}

// acceptsName reports whether a Socket-Type property names a legal peer.
func (s *Socket) acceptsName(name string) bool {
	t, err := ParseType(name)
	return err == nil && t.String() == name && s.kind.Accepts(t)
}

// newConn makes the connection of p out of one whose handshake is done.
func (s *Socket) newConn(p *peer, g greeted) *zmtp.Conn {
	o := &s.opts
	setup := zmtp.Setup{
		Publisher: s.kind == Pub || s.kind == XPub,
		Limits:    zmtp.Limits{MaxSize: o.MaxSize, MaxFrames: o.MaxFrames, MaxPrefix: o.MaxPrefix},
		Heartbeat: zmtp.Heartbeat{Interval: o.HeartbeatInterval, Timeout: o.HeartbeatTimeout, TTL: o.HeartbeatTTL},
		Control:   func(wire []byte) { p.out.command(wire, true) },
		Commanded: s.commanded(p.endpoint, p.remote),
	}
	if s.incoming.limit > 0 && !p.dialed {
		setup.Grow = func(size int, wait bool) (bool, error) { return s.grow(p, size, wait) }
	}
	return zmtp.NewConn(g.nc, g.told, g.rest, setup)
}

// bringOnline joins a connection to its peer. The socket's lock is held.
func (s *Socket) bringOnline(p *peer, conn *zmtp.Conn) error {
	p.conn = conn
	if err := s.pattern.online(p); err != nil {
		p.conn = nil
		return err
	}
	s.online++
	p.out.online(conn)
	s.wakeSender()
	s.changed()
	s.report(Event{Kind: EventHandshakeDone, Endpoint: p.endpoint, Peer: p.remote, Detail: conn.Peer.Type, User: conn.Peer.UserID})
	return nil
}

// serve reads from a peer until its connection ends, and forgets the peer if it
// exists only as long as its connection.
func (s *Socket) serve(p *peer, conn *zmtp.Conn) error {
	err := s.read(p, conn)
	p.out.offline(conn)
	conn.Close()
	s.mu.Lock()
	p.conn = nil
	s.online--
	forget := !p.dialed || s.opts.Immediate
	if forget && s.sheds(p) {
		s.changed()
		s.mu.Unlock()
		s.shed(p)
		s.mu.Lock()
	}
	if forget {
		s.detach(p)
	}
	s.changed()
	closing := s.closing
	s.mu.Unlock()
	var broke *zmtp.HandshakeError
	switch {
	case closing:
	case errors.As(err, &broke) && broke.Kind == zmtp.FailureRefused:
		s.report(Event{Kind: EventRefused, Endpoint: p.endpoint, Peer: p.remote, Err: err})
	case errors.As(err, &broke):
		s.broken.Add(1)
		again := p.dialer != nil && p.dialer.forgive(err)
		s.report(Event{Kind: EventProtocolError, Endpoint: p.endpoint, Peer: p.remote, Err: err, Again: again})
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed): // we closed it, and said why
		err = nil
	}
	s.report(Event{Kind: EventDisconnected, Endpoint: p.endpoint, Peer: p.remote, Err: err})
	return err
}

// read hands each slab to the pattern, and rests while the peer's queue is full
// or far enough ahead of the application.
func (s *Socket) read(p *peer, conn *zmtp.Conn) error {
	for {
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
			conn.Pause()
			s.awaitTaken(p)
			conn.Resume()
		}
	}
}

// full reports whether p's queue is full; taken then tells when that has changed.
// The socket's lock is held.
func (s *Socket) full(p *peer) bool {
	o := &s.opts
	p.in.waiting = !s.closing && !o.Conflate &&
		(p.in.full(o.RecvHWM, o.RecvHWMBytes) || p.in.count > 0 && !s.incoming.allows(p))
	return p.in.waiting
}

// awaitTaken waits until messages were taken off p's queue, which is full.
func (s *Socket) awaitTaken(p *peer) {
	select {
	case <-p.in.room:
	case <-s.ctx.Done():
	}
}

// refuse tells a peer that it is not wanted and closes its connection.
func (s *Socket) refuse(conn *zmtp.Conn, endpoint, remote string, why error) {
	// What the kernel does not take at once, a peer does not need to know.
	_, _ = conn.TryWrite(zmtp.AppendError(nil, why.Error()))
	conn.Close()
	s.refused.Add(1)
	s.report(Event{Kind: EventPeerRefused, Endpoint: endpoint, Peer: remote, Err: why})
}

// leave ends the connection of a peer that lost its routing id to another. The
// socket's lock is held.
func (p *peer) leave(why error) {
	if p.conn == nil {
		return
	}
	p.out.command(zmtp.AppendError(nil, why.Error()), false)
	p.conn.Close()
	p.socket.report(Event{Kind: EventPeerRefused, Endpoint: p.endpoint, Peer: p.remote, Err: why})
}

// report tells the monitor, if there is one.
func (s *Socket) report(e Event) {
	if s.opts.Monitor != nil {
		e.Time = time.Now()
		s.opts.Monitor(e)
	}
}

func (s *Socket) reportHandshake(endpoint, remote string, err error, again bool) {
	e := Event{Kind: EventHandshakeFailed, Endpoint: endpoint, Peer: remote, Err: err, Again: again}
	var failed *zmtp.HandshakeError
	if errors.As(err, &failed) {
		switch failed.Kind {
		case zmtp.FailureAuth, zmtp.FailureRefused:
			e.Kind, e.Value = EventHandshakeAuth, int64(failed.Status)
		case zmtp.FailureProtocol, zmtp.FailureMechanism, zmtp.FailureType:
			e.Kind = EventHandshakeProtocol
		case zmtp.FailureLost, zmtp.FailureTimeout:
		}
	}
	s.report(e)
}

// commanded reports the commands of a peer; nil where nobody listens.
func (s *Socket) commanded(endpoint, remote string) func(string) {
	if s.opts.Monitor == nil {
		return nil
	}
	return func(name string) {
		s.report(Event{Kind: EventCommand, Endpoint: endpoint, Peer: remote, Detail: name})
	}
}
