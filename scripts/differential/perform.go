//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"
)

// patience is the time that a performance waits for what may never come.
type patience struct {
	answer time.Duration // for a PONG, a READY, a hang-up
	quiet  time.Duration // for what nothing announces
}

// patienceAt returns the patience of the first, second, ... look at a case: what
// differs only for a hurried judge is not a difference.
func patienceAt(look int) patience {
	p := patience{answer: 300 * time.Millisecond, quiet: 4 * time.Millisecond}
	if look > 0 {
		p.answer, p.quiet = 3*time.Second, 40*time.Millisecond
	}
	if look > 1 {
		p.answer, p.quiet = 10*time.Second, 200*time.Millisecond
	}
	return p
}

// freeEndpoint returns an endpoint that nobody has bound.
func freeEndpoint(tcp bool) string {
	if tcp {
		return "tcp://127.0.0.1:*"
	}
	return fmt.Sprintf("ipc://@judge-%016x", rand.Uint64())
}

// performance is one run of a case with one implementation.
type performance struct {
	*scenario
	patience
	socket   socket
	endpoint string
	link     link
	authors  map[int]*author
	last     int // the author that wrote last
	names    names
	chunk    chunk // of a STREAM, received last
	outcome  *outcome
	failed   error // in the middle of a write
}

// perform runs a case.
func perform(s *scenario, d driver, p patience) (o *outcome, err error) {
	f := &performance{
		scenario: s, patience: p, authors: map[int]*author{}, last: -1,
		outcome: &outcome{peers: make([]peerOutcome, s.peers())},
	}
	f.link = link{hello: s.greetingSize(), old: s.old, raw: s.raw(), unbeaten: s.kind == "DISH", turns: turnsOf(s), server: s.has("plain_username"), patience: p.answer, quiet: p.quiet}
	if f.socket, err = d.open(s.kind, s.options); err != nil {
		return nil, err
	}
	defer func() {
		if bad := f.socket.close(); err == nil {
			err = bad
		}
		for _, a := range f.authors {
			_ = a.nc.Close()
		}
	}()
	if !s.connects {
		if f.endpoint, err = f.socket.bind(freeEndpoint(s.tcp)); err != nil {
			return nil, err
		}
	}
	for i := range s.steps {
		if err := f.step(&s.steps[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", &s.steps[i], err)
		}
	}
	return f.outcome, f.end()
}

func (f *performance) step(st *step) error {
	a := f.authors[st.peer]
	if st.verb.ofPeer() && st.verb != open && (a == nil || a.over) {
		return nil // a smaller case may still have steps of a peer that is not there
	}
	switch st.verb {
	case open:
		if a != nil {
			return nil
		}
		return f.open(st.peer)
	case put:
		// The order of the messages of different peers must not depend on chance.
		if f.last >= 0 && f.last != st.peer {
			if err := f.settle(); err != nil {
				return err
			}
		}
		f.last = st.peer
		a.write(st.bytes)
		return f.failed
	case half:
		return f.half(st.peer, a)
	case hangUp:
		a.hangUp()
		f.outcome.peers[st.peer].end = endGone
		return f.drain(f.quiet)
	case send, subscribe, unsubscribe:
		return f.act(st)
	}
	return fmt.Errorf("unknown step")
}

// open makes the connection of a peer.
func (f *performance) open(peer int) error {
	if err := f.settle(); err != nil {
		return err
	}
	var nc net.Conn
	var err error
	if f.connects {
		nc, err = f.accept()
	} else {
		network, address := netAddress(f.endpoint)
		nc, err = (&net.Dialer{Timeout: 10 * time.Second}).Dial(network, address)
	}
	if err != nil {
		return err
	}
	var chop *rand.Rand
	if f.chop != 0 {
		chop = rand.New(rand.NewPCG(f.chop, uint64(peer)))
	}
	a := newAuthor(nc, f.link, chop)
	// libzmq sees a new peer when its application enters the socket.
	a.met = func() {
		a.settle()
		if err := f.drain(0); err != nil {
			f.failed = err
		}
	}
	f.authors[peer] = a
	if f.raw() {
		return f.settle() // the beginning of a connection is a message
	}
	return nil
}

// accept listens, has the socket connect, and listens no more.
func (f *performance) accept() (net.Conn, error) {
	network, address := netAddress(strings.Replace(freeEndpoint(f.tcp), ":*", ":0", 1))
	l, err := (&net.ListenConfig{}).Listen(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.Close() }()
	endpoint := "ipc://" + address
	if f.tcp {
		endpoint = "tcp://" + l.Addr().String()
	}
	if err := f.socket.connect(endpoint); err != nil {
		return nil, err
	}
	if d, ok := l.(interface{ SetDeadline(t time.Time) error }); ok {
		if err := d.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			return nil, err
		}
	}
	return l.Accept()
}

func netAddress(endpoint string) (network, address string) {
	if name, ok := strings.CutPrefix(endpoint, "ipc://"); ok {
		return "unix", name
	}
	return "tcp", strings.TrimPrefix(endpoint, "tcp://")
}

// half ends a peer's half of its connection.
func (f *performance) half(peer int, a *author) error {
	if err := f.settle(); err != nil {
		return err
	}
	if a.ended() {
		a.over, f.outcome.peers[peer].end = true, endClosed
		return nil
	}
	f.outcome.peers[peer].end = endHalf
	if !a.endInput() {
		f.outcome.peers[peer].end = endStays
	}
	return f.drain(0)
}

// act lets the application do something, once all that was sent has come.
func (f *performance) act(st *step) error {
	if err := f.settle(); err != nil {
		return err
	}
	if f.connects && !f.linked() {
		return nil // a link that ended may be made again, or not: it is not compared
	}
	if st.verb == send {
		result, err := f.socket.send(f.names.fill(st.frames))
		if err != nil {
			return err
		}
		f.outcome.app = append(f.outcome.app, "send: "+result)
	} else if f.kind == "XPUB" && !f.has("manual") {
		return nil // a smaller case may have lost the option
	} else if err := f.socket.subscribe(st.bytes, st.verb == unsubscribe); err != nil {
		return err
	}
	return f.settle()
}

// linked reports whether all connections are up.
func (f *performance) linked() bool {
	for _, a := range f.authors {
		if a.over || a.ended() {
			return false
		}
	}
	return true
}
