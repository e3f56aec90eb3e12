package sockets

import (
	"context"
	"slices"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// Unbind undoes a Bind, as zmq_unbind does. The endpoint lets in no more peers, and
// may be bound again at once, by any socket. Its peers are let go: nothing new is
// sent to them and nothing more is taken from them, but what they had sent can
// still be received. Messages queued for them have the linger to leave; those left
// then count in Stats as for any peer that goes: as Lost, or as Dropped for a
// ROUTER or REP. Unbind waits for none of that.
//
// The endpoint is the one that Bind returned, with the real port for a wildcard.
// The error is an *EndpointError: ErrNoEndpoint where nothing was bound there. It
// is ErrClosed on a closed socket.
//
// Two things differ in libzmq: it keeps the peers of inproc endpoints, and drops
// what is queued for the others whatever the linger.
func (s *Socket) Unbind(endpoint string) error {
	e, err := transport.Parse(endpoint)
	if err != nil {
		return endpointError("unbind", endpoint, err)
	}
	s.mu.Lock()
	if s.dead() {
		s.unlock()
		return ErrClosed
	}
	text := e.String()
	at := slices.IndexFunc(s.listeners, func(l transport.Listener) bool { return l.Endpoint() == text })
	if at < 0 {
		s.unlock()
		return &EndpointError{Op: "unbind", Endpoint: text, Err: ErrNoEndpoint}
	}
	l := s.listeners[at]
	s.listeners = slices.Delete(slices.Clone(s.listeners), at, at+1)
	if s.unbound == nil {
		s.unbound = map[string]struct{}{}
	}
	s.unbound[text] = struct{}{}
	for p := range s.peers {
		if !p.dialed && p.endpoint == text {
			s.letGo(p, nil)
		}
	}
	s.unlock()
	s.report(Event{Kind: EventClosed, Endpoint: text, Err: l.Close()})
	return nil
}

// Disconnect undoes a Connect, as zmq_disconnect does; all of them, where the
// endpoint was connected more than once. Nothing new is sent to it and nothing more
// is received from it: what had come and was not received yet is dropped. Messages
// queued for it have the linger to leave, also to a peer that comes only then;
// those left count in Stats as with Unbind. Disconnect waits for none of that.
//
// The error is an *EndpointError: ErrNoEndpoint where nothing is connected there,
// or no longer because the peer refused us. It is ErrClosed on a closed socket.
func (s *Socket) Disconnect(endpoint string) error {
	e, err := transport.Parse(endpoint)
	if err != nil {
		return endpointError("disconnect", endpoint, err)
	}
	s.mu.Lock()
	if s.dead() {
		s.unlock()
		return ErrClosed
	}
	text, found, idle := e.String(), false, false
	if s.givenUp != nil && s.givenUp.text == text {
		s.givenUp, found = nil, true
	}
	for d := range s.dialers {
		if d.text != text {
			continue
		}
		found = true
		delete(s.dialers, d)
		d.leaving = true
		if d.peer == nil {
			idle = true
			d.cancel()
			continue
		}
		idle = idle || d.peer.conn == nil
		s.forgetReceived(d.peer)
		s.letGo(d.peer, d)
	}
	s.unlock()
	if !found {
		return &EndpointError{Op: "disconnect", Endpoint: text, Err: ErrNoEndpoint}
	}
	if idle { // the end of a connection is reported when it comes
		s.report(Event{Kind: EventClosed, Endpoint: text})
	}
	return nil
}

// forgetReceived drops the messages that a peer sent and the application has not
// received. The socket's lock is held.
func (s *Socket) forgetReceived(p *peer) {
	if p.in.Count() == 0 {
		return
	}
	for p.in.Count() > 0 {
		p.in.Next()
	}
	s.fair.leave(p)
	p.taken()
	s.fair.activate(p) // for what there is to tell of it
}

// leave takes a peer without messages out of the line.
func (f *fairQueue) leave(p *peer) {
	p.parked = false
	if !p.active {
		f.settle(p)
		return
	}
	p.active = false
	f.active = append(f.active[:f.first], slices.DeleteFunc(f.active[f.first:], func(q *peer) bool { return q == p })...)
	f.settle(p)
}

// letGo parts from a peer: the pattern forgets it, and once what is queued for it has
// left, or the linger is over, its connection ends. d is the dialer that connects
// to it, if any. The socket's lock is held.
func (s *Socket) letGo(p *peer, d *dialer) {
	if p.gone || p.leaving {
		return
	}
	p.leaving = true
	if l, ok := s.pattern.(shedder); ok && s.sheds(p) {
		l.shed(p) // the first step: nothing is sent to it any more
	} else {
		s.partWith(p)
	}
	left := make(chan struct{}, 1)
	p.out.WakeWith(func() {
		wake(left)
		s.wakeSender()
	})
	s.wakeSender()
	s.changed()
	s.tasks.Go(func() { s.seeOff(p, d, left) })
}

// seeOff waits until what is queued for a peer has left, or the linger is over, and
// ends its connection.
func (s *Socket) seeOff(p *peer, d *dialer, left <-chan struct{}) {
	ctx := s.ctx
	if linger := s.opts.Linger; linger >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, linger)
		defer cancel()
	}
	for ctx.Err() == nil && !p.out.Drained() {
		select {
		case <-left:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	conn := p.conn
	s.unlock()
	if conn != nil && s.opts.Linger != 0 {
		s.partFrom(ctx, func() []*zmtp.Conn {
			if conn.Closed() {
				return nil
			}
			return []*zmtp.Conn{conn}
		})
	}
	if d != nil {
		d.cancel() // its own goroutine does the rest
		return
	}
	s.mu.Lock()
	if conn = p.conn; p.detached || conn == nil {
		s.detach(p)
		conn = nil
	}
	s.unlock()
	if conn != nil {
		conn.Close() // the goroutine that serves it removes its subscriptions in steps
	}
}

// partFrom says goodbye to the peers of connections and waits until they have
// everything. A tcp socket that is closed with input unread sends a reset, which
// throws away what is still on its way to the peer; until then input is read and
// dropped. An ipc socket has to stay open until its peer has read everything, as
// long as the linger lasts; a publisher does not wait for that.
func (s *Socket) partFrom(ctx context.Context, conns func() []*zmtp.Conn) {
	for _, conn := range conns() {
		conn.CloseWrite()
	}
	begin := time.Now()
	for wait := partingFirst; ; wait = min(2*wait, partingPoll) {
		hurried := time.Since(begin) > partingTime
		delivered := true
		for _, conn := range conns() {
			if !conn.Delivered() && (!hurried || !s.row.Publishes && conn.Abrupt()) {
				delivered = false
			}
		}
		if delivered {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}
