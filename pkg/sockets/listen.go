package sockets

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// errCrowded is why a connection is turned away.
var errCrowded = errors.New("as many peers as the socket takes are there")

// acceptPause is how long the listener rests after a failure such as running
// out of file descriptors.
const acceptPause = 100 * time.Millisecond

// minGreeting is how many connections may be in their handshake however few
// peers are allowed, so that some silent ones keep nobody out.
const minGreeting = 1000

// CheckBind returns what is wrong with an endpoint to bind.
func CheckBind(endpoint string) error {
	e, err := transport.Parse(endpoint)
	if err != nil {
		return err
	}
	return e.CheckBind()
}

// CheckConnect returns what is wrong with an endpoint to connect to.
func CheckConnect(endpoint string) error {
	e, err := transport.Parse(endpoint)
	if err != nil {
		return err
	}
	return e.CheckConnect()
}

// Canonical is endpoint in its long form, the one that events name it by: :5555
// is tcp://127.0.0.1:5555. One that cannot be read stays as it is.
func Canonical(endpoint string) string {
	e, err := transport.Parse(endpoint)
	if err != nil {
		return endpoint
	}
	return e.String()
}

// Bind listens on endpoint and returns it with the real port where a wildcard
// asked for any. ctx limits the look-up of a host's name.
func (s *Socket) Bind(ctx context.Context, endpoint string) (resolved string, err error) {
	e, err := transport.Parse(endpoint)
	if err != nil {
		return "", err
	}
	if err := e.CheckBind(); err != nil {
		return "", err
	}
	if err := s.open(); err != nil {
		return "", err
	}
	l, err := e.Listen(ctx)
	if err != nil {
		s.report(Event{Kind: EventBindFailed, Endpoint: e.String(), Err: err})
		return "", err
	}
	resolved = l.Endpoint()
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		_ = l.Close() // the socket's end is the news
		return "", ErrClosed
	}
	s.listeners = append(s.listeners, l)
	s.tasks.Go(func() { s.accept(l, resolved) })
	s.mu.Unlock()
	s.report(Event{Kind: EventListening, Endpoint: resolved})
	return resolved, nil
}

// accept takes connections as they come; each has its handshake in a goroutine
// of its own, so that a silent one holds up nobody.
func (s *Socket) accept(l transport.Listener, endpoint string) {
	for {
		nc, err := l.Accept()
		if errors.Is(err, net.ErrClosed) || s.ctx.Err() != nil {
			if err == nil {
				_ = nc.Close() // nobody will use it
			}
			return
		}
		if err != nil {
			s.report(Event{Kind: EventAcceptFailed, Endpoint: endpoint, Err: err})
			if !s.pause(acceptPause) {
				return
			}
			continue
		}
		remote := transport.Peer(nc, endpoint)
		s.report(Event{Kind: EventAccepted, Endpoint: endpoint, Peer: remote})
		if !s.enter() {
			s.turnAway(nc, endpoint, remote)
			continue
		}
		s.tasks.Go(func() { s.welcome(nc, endpoint, remote) })
	}
}

// enter counts a connection into its handshake, if there is room for it.
func (s *Socket) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := s.opts.MaxPeers
	if s.closing || s.crowded() || limit > 0 && s.greeting >= max(limit, minGreeting) {
		return false
	}
	s.greeting++
	return true
}

// crowded reports whether there are as many peers as may be.
func (s *Socket) crowded() bool { return s.opts.MaxPeers > 0 && s.accepted >= s.opts.MaxPeers }

// turnAway closes a connection that there is no room for. No ERROR is sent: the
// peer may try again later.
func (s *Socket) turnAway(nc net.Conn, endpoint, remote string) {
	_ = nc.Close() // the refusal is the news
	s.report(Event{Kind: EventPeerRefused, Endpoint: endpoint, Peer: remote, Err: errCrowded})
}

// welcome serves one accepted connection from its handshake to its end.
func (s *Socket) welcome(nc net.Conn, endpoint, remote string) {
	g, err := s.handshake(nc, endpoint, remote, true)
	s.mu.Lock()
	s.greeting--
	if err != nil || s.closing {
		s.mu.Unlock()
		_ = nc.Close() // after a failure it is closed already
		return
	}
	if s.crowded() { // others were faster
		s.mu.Unlock()
		g.stop()
		s.turnAway(nc, endpoint, remote)
		return
	}
	p := newPeer(s, endpoint, false)
	p.remote = remote
	conn := s.newConn(p, g)
	if err = s.pattern.attach(p); err == nil {
		s.peers[p] = struct{}{}
		s.accepted++
		err = s.bringOnline(p, conn)
	}
	s.mu.Unlock()
	if err != nil {
		s.refuse(conn, endpoint, remote, err)
	} else {
		_ = s.serve(p, conn) // reported there; a listener lives on
	}
	g.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.detach(p)
}

// detach forgets a peer for good; what it sent stays readable.
func (s *Socket) detach(p *peer) {
	if p.gone {
		return
	}
	p.gone = true
	s.pattern.detach(p)
	left := p.out.drop()
	if s.kind.losesWithPeer() {
		s.lost.Add(uint64(left))
	}
	if _, attached := s.peers[p]; attached {
		delete(s.peers, p)
		if !p.dialed {
			s.accepted--
		}
	}
	s.wakeSender()
	s.changed()
}

// losesWithPeer reports whether messages queued for a peer that goes away were
// meant to arrive: a publisher's and a ROUTER's have nobody else to go to.
func (t Type) losesWithPeer() bool { return t == Push || t == Dealer || t == Pair || t == Req }
