package sockets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// dialer keeps one connected endpoint connected.
type dialer struct {
	socket   *Socket
	endpoint transport.Endpoint
	text     string
	id       string // the routing id of its peer, if it was given one
	peer     *peer  // nil while there is none, which only Immediate allows

	unwelcomed bool            // the last handshake ended before the WELCOME of a server
	hasty      bool            // a handshake was over before a peer of ZMTP 2.0 could show that
	unanswered bool            // a peer hung up on the request of WebSocket
	ctx        context.Context //nolint:containedctx // its life, which Disconnect ends
	cancel     context.CancelFunc

	nobody bool // nobody listened at the last attempt
	absent absence

	again bool // the end of the last connection is no reason to give up

	// The socket's lock guards what follows.
	spoke   bool // an earlier connection had a handshake that succeeded
	leaving bool // it was disconnected, and only delivers what is queued
	halfway      // the connection in its handshake
}

// Connect connects to endpoint in the background and returns at once: nobody has to
// listen there yet, and an inproc name that is bound later is connected to at once.
// A connection that is lost is made again, for ever. That ends only where the peer
// refuses us, does not speak ZMTP, or breaks it while no earlier connection had a
// successful handshake and the socket has no other endpoint, and where
// Options.ReconnectStop says so. Connect fails with *EndpointError or ErrClosed.
func (s *Socket) Connect(endpoint string) error {
	_, err := s.connect(endpoint)
	return err
}

// connect is Connect, and returns the dialer; nil where there is one already.
func (s *Socket) connect(endpoint string) (*dialer, error) {
	e, err := parse("connect", endpoint)
	if err != nil {
		return nil, err
	}
	if err := s.carries("connect", e); err != nil {
		return nil, err
	}
	d := &dialer{socket: s, endpoint: e, text: e.String()}
	d.absent.key = d.vigilKey()
	s.mu.Lock()
	defer s.unlock()
	if s.dead() {
		return nil, ErrClosed
	}
	if s.row.linkOnce {
		for other := range s.dialers {
			if other.text == d.text {
				return nil, nil //nolint:nilnil // there is neither
			}
		}
	}
	if len(s.connectIDs) > 0 {
		d.id = string(s.connectIDs[0])
	}
	if !s.opts.Immediate {
		if err := d.attach(); err != nil {
			return nil, endpointError("connect", d.text, err)
		}
	}
	if d.id != "" {
		s.connectIDs = s.connectIDs[1:]
	}
	d.ctx, d.cancel = context.WithCancel(s.ctx)
	s.dialers[d] = struct{}{}
	s.refusal = nil
	s.tasks.Go(d.run)
	s.giveAnotherChance(d.text)
	return d, nil
}

// attach makes the peer that the endpoint stands for. The socket's lock is held.
func (d *dialer) attach() error {
	p := newPeer(d.socket, d.text, true)
	p.dialer = d
	if err := d.socket.attach(p); err != nil {
		return err
	}
	d.peer = p
	d.socket.wakeSender()
	return nil
}

// run connects and serves until the socket closes or the peer refuses.
func (d *dialer) run() {
	wait := d.socket.opts.ReconnectMin
	defer d.absent.end()
	for again := true; again; {
		bind, forget := d.endpoint.AwaitBind()
		again = d.attempt(&wait, bind)
		forget()
	}
}

// attempt connects once, serves the connection, and pauses: for wait, which it sets
// for the next attempt, or until bind is closed because somebody listens. It
// reports whether there is to be another attempt.
func (d *dialer) attempt(wait *time.Duration, bind <-chan struct{}) (again bool) {
	s := d.socket
	begun := time.Now()
	d.again = false
	done, err := d.once()
	took := time.Since(begun)
	refused := refusalOf(d.text, err)
	if refused != nil && !d.again {
		d.giveUp(refused)
		return false
	}
	if d.stops(done, err) {
		d.giveUp(d.ended(done, err))
		return false
	}
	if done {
		s.mu.Lock()
		d.spoke = true
		s.unlock()
		if refused == nil {
			*wait = s.opts.ReconnectMin
		}
	}
	if !d.idleWhileClosing() {
		gap := d.gap(wait, took, done)
		s.report(Event{Kind: EventConnectRetried, Endpoint: d.text, Value: gap.Milliseconds()})
		if again = d.pause(gap, wait, bind); again {
			return true
		}
	}
	s.mu.Lock()
	defer s.unlock()
	d.forget()
	return false
}

// ErrNotAgain is the reason why an endpoint is not connected to again: it is what
// Options.ReconnectStop asks for, or a STREAM has closed the connection.
var ErrNotAgain = errors.New("it is not to be connected to again")

// stops reports whether Options.ReconnectStop ends the attempts. done and err are the
// result of the last one.
func (d *dialer) stops(done bool, err error) bool {
	why := d.socket.opts.ReconnectStop
	return why&StopAlways != 0 || why&StopRefused != 0 && d.nobody || why&StopHandshake != 0 && !done && err != nil
}

// ended returns the reason why the endpoint is given up after its last connection: done
// and err are the result of that.
func (d *dialer) ended(done bool, err error) *RefusedError {
	s := d.socket
	s.mu.Lock()
	defer s.unlock()
	switch {
	case done || d.spoke:
		return &RefusedError{Endpoint: d.text, Err: ErrNotAgain, Ended: true}
	case err != nil:
		err = fmt.Errorf("%w; %w", err, ErrNotAgain)
	case d.nobody:
		err = fmt.Errorf("nobody listens there, and %w", ErrNotAgain)
	default:
		err = ErrNotAgain
	}
	return &RefusedError{Endpoint: d.text, Err: err}
}

// once makes one connection and serves it to its end; done says that its
// handshake succeeded.
func (d *dialer) once() (done bool, err error) {
	s := d.socket
	d.nobody = false
	s.report(Event{Kind: EventConnectDelayed, Endpoint: d.text})
	if s.clogged() {
		s.report(Event{Kind: EventClosed, Endpoint: d.text, Err: errUnread})
		return false, nil
	}
	nc, err := d.dial()
	d.nobody = transport.IsAbsent(err)
	if errors.Is(err, transport.ErrUselessProxy) {
		err = &zmtp.HandshakeError{Kind: zmtp.FailureRefused, Err: errors.Unwrap(err)}
		s.report(Event{Kind: EventHandshakeAuth, Endpoint: d.text, Err: err})
		s.report(Event{Kind: EventClosed, Endpoint: d.text, Err: err})
		return false, err
	}
	if err != nil {
		s.report(Event{Kind: EventClosed, Endpoint: d.text, Err: err})
		return false, nil // an endpoint without a listener is no refusal
	}
	s.report(Event{Kind: EventConnected, Endpoint: d.text, Peer: d.text})
	d.enter(halfway{open: true})
	g, err := s.handshake(nc, d.text, d.text, nil, d)
	d.enter(halfway{})
	var failed *zmtp.HandshakeError
	d.unwelcomed = errors.As(err, &failed) && failed.Unwelcomed
	d.hasty = d.hasty || failed != nil && failed.Hasty
	d.unanswered = failed != nil && failed.Unanswered
	if err != nil {
		return false, err
	}
	defer g.stop()
	s.mu.Lock()
	s.awaitPlace(d.ctx, d.peer, &g.told)
	if d.leaving && d.peer == nil {
		s.unlock()
		_ = nc.Close() // there is nothing to deliver
		return true, nil
	}
	if d.peer == nil {
		err = d.attach()
	}
	if err != nil {
		s.unlock()
		_ = nc.Close() // the refusal is the news
		return false, &zmtp.HandshakeError{Kind: zmtp.FailureRefused, Err: err}
	}
	p := d.peer
	conn := s.newConn(p, g)
	g.rest = nil // it has gone into conn
	err = s.join(p, conn)
	s.unlock()
	if err != nil {
		s.refuse(conn, d.text, d.text, err)
		return false, &zmtp.HandshakeError{Kind: zmtp.FailureRefused, Err: err}
	}
	s.bringOnline(p, conn)
	d.absent.met()
	err = s.serve(p, conn)
	if s.opts.Immediate {
		s.mu.Lock()
		d.peer = nil
		s.unlock()
	}
	return true, err
}

func (d *dialer) dial() (net.Conn, error) {
	settings := d.socket.opts.settings()
	if d.unanswered { // find out which mechanism the peer has
		settings.WebSocket.Mechanism = ""
	}
	return d.endpoint.DialWithin(settings.With(d.ctx), d.socket.opts.ConnectTimeout)
}

// forget removes the dialer and its peer from the socket, whose lock is held.
func (d *dialer) forget() {
	s := d.socket
	d.cancel()
	delete(s.dialers, d)
	if d.peer != nil {
		s.detach(d.peer)
	}
	s.changed()
}

// idleWhileClosing reports whether a socket that closes, or has disconnected this
// endpoint, has nothing left for it.
func (d *dialer) idleWhileClosing() bool {
	s := d.socket
	s.mu.Lock()
	defer s.unlock()
	return d.ctx.Err() != nil || (s.closing || d.leaving) && (d.peer == nil || d.peer.out.Drained())
}
