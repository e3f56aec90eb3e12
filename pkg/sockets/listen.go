package sockets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
)

// The reasons why a connection is turned away.
var (
	errCrowded  = errors.New("the socket already has its maximum number of peers")
	errFiltered = errors.New("its address is not among those that are accepted")
	errUnread   = errors.New("peers that are gone left more unread messages than the high-water mark allows")
)

// acceptPause is the time that the listener rests after a failure such as running
// out of file descriptors.
const acceptPause = 100 * time.Millisecond

// CheckBind returns the fault of an endpoint to bind, an *EndpointError, or nil.
func CheckBind(endpoint string) error {
	_, err := parse("bind", endpoint)
	return err
}

// parse reads an endpoint that is to be bound or connected to.
func parse(op, endpoint string) (transport.Endpoint, error) {
	e, err := transport.Parse(endpoint)
	switch {
	case err != nil:
	case op == "bind":
		err = e.CheckBind()
	default:
		err = e.CheckConnect()
	}
	return e, endpointError(op, endpoint, err)
}

// carries returns the reason why sockets of this type do not use e's transport, or nil.
func (s *Socket) carries(op string, e transport.Endpoint) error {
	if s.row.raw && (e.Scheme() == "inproc" || e.Scheme() == "ws") {
		return endpointError(op, e.String(), fmt.Errorf("a %s is for programs that are no ZeroMQ peers, over tcp and ipc", s.row.name))
	}
	return nil
}

// CheckConnect returns the fault of an endpoint to connect to, an *EndpointError,
// or nil.
func CheckConnect(endpoint string) error {
	_, err := parse("connect", endpoint)
	return err
}

// Schemes lists what an endpoint may begin with in its long form: "tcp" of "tcp://...".
func Schemes() []string { return transport.Schemes() }

// Canonical returns endpoint in its long form, which events use: :5555 is
// tcp://127.0.0.1:5555. One that cannot be parsed stays as it is.
func Canonical(endpoint string) string {
	e, err := transport.Parse(endpoint)
	if err != nil {
		return endpoint
	}
	return e.String()
}

// Bind listens on endpoint and returns it with the real port where a wildcard
// asked for any. ctx limits the look-up of a host's name. It fails with
// *EndpointError or ErrClosed.
func (s *Socket) Bind(ctx context.Context, endpoint string) (resolved string, err error) {
	e, err := parse("bind", endpoint)
	if err != nil {
		return "", err
	}
	if err := s.open(); err != nil {
		return "", err
	}
	if err := s.carries("bind", e); err != nil {
		return "", err
	}
	l, err := e.Listen(s.opts.settings().With(orBackground(ctx)))
	if err = endpointError("bind", e.String(), err); err != nil {
		s.report(Event{Kind: EventBindFailed, Endpoint: e.String(), Err: err})
		return "", err
	}
	resolved = l.Endpoint()
	s.mu.Lock()
	if s.closing {
		s.unlock()
		_ = l.Close() // the socket's end is the news
		return "", ErrClosed
	}
	s.listeners = append(s.listeners, l)
	delete(s.unbound, resolved)
	told := make(chan struct{}) // closed once LISTENING is reported, before any event of a peer
	s.tasks.Go(func() {
		<-told
		s.accept(l, resolved)
	})
	s.giveAnotherChance("")
	s.unlock()
	s.report(Event{Kind: EventListening, Endpoint: resolved})
	close(told)
	return resolved, nil
}

// accept takes connections as they come; each has its handshake in a goroutine
// of its own, so that a silent one holds up nobody. Only the listener's end ends
// it: anything else that fails may work again, once there are file descriptors,
// say.
func (s *Socket) accept(l transport.Listener, endpoint string) {
	var failures throttle
	for {
		nc, err := l.Accept()
		if errors.Is(err, net.ErrClosed) || s.ctx.Err() != nil {
			if err == nil {
				_ = nc.Close() // nobody will use it
			}
			return
		}
		if err != nil {
			if failures.tell(time.Now()) {
				s.report(Event{Kind: EventAcceptFailed, Endpoint: endpoint, Value: errnoOf(err), Err: err})
			}
			if !s.row.raw { // where there is a handshake
				s.evictGreeter() // its file descriptor, say, can be used
			}
			if !s.pause(acceptPause) {
				return
			}
			continue
		}
		remote := transport.Peer(nc, endpoint)
		if !s.opts.admits(transport.Address(nc)) {
			s.turnAway(nc, endpoint, remote, errFiltered)
			continue
		}
		s.report(Event{Kind: EventAccepted, Endpoint: endpoint, Peer: remote})
		one, err := s.enter(nc)
		if err != nil {
			s.turnAway(nc, endpoint, remote, err)
			continue
		}
		s.tasks.Go(func() { s.welcome(one, endpoint, remote) })
	}
}

// enter takes a connection into its handshake, if there is room for its peer.
func (s *Socket) enter(nc net.Conn) (*greeter, error) {
	address := transport.Address(nc)
	s.mu.Lock()
	defer s.unlock()
	if s.closing {
		return nil, ErrClosed
	}
	if err := s.crowded(); err != nil {
		return nil, err
	}
	most := s.opts.MaxPeers
	if s.row.raw {
		most = 0 // nobody is long in no handshake
	}
	return s.greeting.enter(s.ctx, nc, address, most), nil
}

// crowded returns the reason why there is no room for another peer, or nil.
func (s *Socket) crowded() error {
	o := &s.opts
	switch {
	case o.MaxPeers > 0 && s.accepted+s.greeting.promised+s.greeting.settled >= o.MaxPeers:
		return errCrowded
	case o.RecvHWMBytes > 0 && s.unread > o.RecvHWMBytes:
		return errUnread
	case s.row.raw && o.MaxPeers > 0 && s.fair.waiting() >= 2*max(o.MaxPeers, mostNotices):
		return errUnread // whoever sends a byte and leaves has no handshake to do
	}
	return nil
}

// clogged reports whether peers that are gone left too much unread.
func (s *Socket) clogged() bool {
	s.mu.Lock()
	defer s.unlock()
	return s.opts.RecvHWMBytes > 0 && s.unread > s.opts.RecvHWMBytes
}

// turnAway closes a connection that there is no room for. No ERROR is sent: the
// peer may try again later.
func (s *Socket) turnAway(nc net.Conn, endpoint, remote string, why error) {
	_ = nc.Close() // the refusal is the news
	s.refused.Add(1)
	s.report(Event{Kind: EventPeerRefused, Endpoint: endpoint, Peer: remote, Err: why})
}

// welcome serves one accepted connection from its handshake to its end.
func (s *Socket) welcome(one *greeter, endpoint, remote string) {
	nc := one.nc
	g, err := s.handshake(nc, endpoint, remote, one, nil)
	s.mu.Lock()
	if err == nil {
		s.awaitPlace(one.ctx, nil, &g.told)
	}
	s.greeting.leave(one)
	_, late := s.unbound[endpoint]
	if err != nil || s.closing || late {
		s.unlock()
		_ = nc.Close() // after a failure it is closed already
		if err == nil && late {
			g.stop()
			s.report(Event{Kind: EventDisconnected, Endpoint: endpoint, Peer: remote})
		}
		return
	}
	p := newPeer(s, endpoint, false)
	p.remote = remote
	conn := s.newConn(p, g)
	g.rest = nil // it has gone into conn
	if err = s.attach(p); err == nil {
		s.accepted++
		err = s.join(p, conn)
	}
	s.unlock()
	if err != nil {
		s.refuse(conn, endpoint, remote, err)
	} else {
		s.bringOnline(p, conn)
		_ = s.serve(p, conn) // reported there; a listener lives on
	}
	g.stop()
	s.mu.Lock()
	defer s.unlock()
	s.detach(p)
}

// detach forgets a peer for good; what it sent stays readable.
func (s *Socket) detach(p *peer) {
	if p.gone {
		return
	}
	p.gone = true
	s.partWith(p)
	p.in.Fit()
	s.intake.Left(&p.part, p.held())
	s.countUnread(p)
	s.abandon(p)
	if p.unanswered != nil {
		p.unanswered.end()
	}
	if _, attached := s.peers[p]; attached {
		delete(s.peers, p)
		if !p.dialed {
			s.accepted--
		}
	}
	s.fair.settle(p)
	s.wakeSender()
	s.changed()
}

// remains is the memory of a peer that is gone besides the messages that it left, in
// bytes (TestWhatGonePeersLeave).
const remains = 2 << 10

// countUnread counts what a peer that is gone left behind.
func (s *Socket) countUnread(p *peer) {
	before := p.unread
	if p.unread = 0; p.waits() {
		p.unread = p.held() + remains
	}
	s.unread += p.unread - before
}

// abandon drops what is queued for a peer that left. The socket's lock is held.
func (s *Socket) abandon(p *peer) {
	if p.counted {
		return
	}
	p.out.Close()
	unmet := p.dialer != nil && !p.dialer.leaving && p.source == nil
	s.after(func() {
		left := p.out.Clear()
		if unmet {
			s.unmetMessages.Add(uint64(left))
			return
		}
		switch s.row.left {
		case lost:
			s.lost.Add(uint64(left))
		case dropped:
			s.countDropped(left)
		case forgotten:
		}
	})
}
