package sockets

import (
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// allPatience is longer than any test that passes.
const allPatience = 2 * watchdog

// leasing returns a REP with two peers, whose lease never ends by time.
func leasing(t *testing.T) (s *Socket, first, second *rawPeer) {
	t.Helper()
	s = newSocket(t, Rep)
	s.mu.Lock()
	s.lease.watching, s.lease.patience = true, allPatience
	lastAsked.Store(s.lease)
	s.lease.alone = longAlone // none of the sockets of other tests counts
	s.mu.Unlock()
	endpoint := bind(t, s, anyPort)
	return s, meet(t, endpoint, "REQ"), meet(t, endpoint, "REQ")
}

// lent reports whether a connection is lent, and whether the receiver is polling it
// now.
func (s *Socket) lent() (lent, polling bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lease.peer != nil, s.lease.polling
}

// ask makes a peer send a request and get its reply.
func (p *rawPeer) ask(s *Socket, question string) {
	p.t.Helper()
	p.send(message("", question))
	expectParts(p.t, s, question)
	sendParts(p.t, s, "answer")
	p.expectMessage("", "answer")
}

// isRead makes sure that a peer's connection is read, by its reader or the
// receiver.
func (p *rawPeer) isRead() {
	p.t.Helper()
	p.send(command("PING", "\x00\x00ctx"))
	if context := p.expectCommand("PONG"); context != "ctx" {
		p.t.Errorf("a PONG with the context %q", context)
	}
}

// A receiver that has messages of another peer gives back the connection that it
// was lent: it would not poll it.
func TestLeaseEndsForOthers(t *testing.T) {
	s, first, second := leasing(t)
	first.ask(s, "one")
	if lent, _ := s.lent(); !lent {
		t.Fatal("nothing was lent")
	}
	second.send(message("", "two"))
	eventually(t, func() bool { return s.waiting() == 1 })
	if lent, _ := s.lent(); !lent {
		t.Fatal("it ended of itself")
	}
	expectParts(t, s, "two")
	if lent, _ := s.lent(); lent {
		t.Error("it is still lent")
	}
	first.isRead()
	second.isRead()
}

// A receiver that reads a connection itself, with unlimited patience, stops as soon
// as another peer's message is there, and keeps half of its patience.
func TestLeaseIsLeftForOthers(t *testing.T) {
	s, first, second := leasing(t)
	first.ask(s, "one")
	s.mu.Lock()
	s.lease.patience = allPatience // the last one may have come soon
	s.mu.Unlock()
	received := make(chan string, 1)
	go func() {
		m, err := s.Recv(within(t))
		if err != nil {
			received <- err.Error()
			return
		}
		received <- spell(m)
	}()
	eventually(t, func() bool { _, polling := s.lent(); return polling })
	second.send(message("", "two"))
	select {
	case got := <-received:
		if got != spell(frames.Strings("two")) {
			t.Errorf("received %s", got)
		}
	case <-within(t).Done():
		t.Fatal("it looks on for a message of the first")
	}
	s.mu.Lock()
	if s.lease.patience != allPatience/2 {
		t.Errorf("its patience is %v", s.lease.patience)
	}
	s.mu.Unlock()
	first.isRead()
	second.isRead()
}

// Where peers take turns, no connection is lent: the next message comes from another.
func TestNoLeaseWherePeersTakeTurns(t *testing.T) {
	s, first, second := leasing(t)
	for range 40 { // 120 s are less than a microsecond then
		first.ask(s, "one")
		second.ask(s, "two")
	}
	if lent, _ := s.lent(); lent {
		t.Error("a connection is lent")
	}
}

// No connection is lent while another peer's message waits.
func TestLeaseNotWhileOthersWait(t *testing.T) {
	s, first, second := leasing(t)
	first.send(message("", "one"))
	eventually(t, func() bool { return s.waiting() == 1 })
	s.mu.Lock()
	s.endLease()
	s.mu.Unlock()
	second.send(message("", "two"))
	eventually(t, func() bool { return s.waiting() == 2 })
	if lent, _ := s.lent(); lent {
		t.Error("the second connection is lent")
	}
	first.isRead()
	second.isRead()
}

// A connection that was lent to the receiver is read, and its end noticed, also
// when the application does not use the socket.
func TestLeaseEndsWithoutUse(t *testing.T) {
	s := newSocket(t, Rep)
	p := meet(t, bind(t, s, anyPort), "REQ")
	for range 100 { // enough for the receiver to read by itself
		p.send(message("", "hello"))
		expectParts(t, s, "hello")
		sendParts(t, s, "world")
		p.expectFrame(1, "")
		p.expectFrame(0, "world")
	}
	p.send(message("", "the last"))
	expectParts(t, s, "the last")
	p.send(command("PING", "\x00\x00ctx"))
	if context := p.expectCommand("PONG"); context != "ctx" {
		t.Errorf("a PONG with the context %q", context)
	}
	p.hangUp()
	eventually(t, func() bool { return s.Stats().Peers == 0 })
}

// A peer that asks while the connection of another is lent is served.
func TestLeaseKeepsNobodyWaiting(t *testing.T) {
	s := newSocket(t, Rep)
	endpoint := bind(t, s, anyPort)
	peers := []*rawPeer{meet(t, endpoint, "REQ"), meet(t, endpoint, "REQ"), meet(t, endpoint, "DEALER")}
	for i := range 300 {
		p := peers[i%len(peers)]
		if i%7 == 0 {
			p = peers[0]
		}
		p.send(message("", "hello"))
		expectParts(t, s, "hello")
		sendParts(t, s, "world")
		p.expectFrame(1, "")
		p.expectFrame(0, "world")
	}
}

// A socket with a lent connection closes at once, whether its receiver waits or
// not, and the peer gets all that was sent.
func TestLeaseClose(t *testing.T) {
	for _, waits := range []bool{false, true} {
		s := newSocket(t, Req, func(o *Options) { o.Linger = -1 })
		p := meet(t, bind(t, s, anyPort), "REP")
		for range 10 {
			sendParts(t, s, "hello")
			p.expectFrame(1, "")
			p.expectFrame(0, "hello")
			p.send(message("", "world"))
			expectParts(t, s, "world")
		}
		sendParts(t, s, "the last")
		received := make(chan error, 1)
		if waits {
			go func() {
				_, err := s.Recv(t.Context())
				received <- err
			}()
		} else {
			received <- ErrClosed
		}
		p.expectFrame(1, "")
		p.expectFrame(0, "the last")
		p.hangUp()
		try(t, s.Close())
		if err := <-received; err != ErrClosed { //nolint:errorlint // it is returned as it is
			t.Errorf("a waiting receiver was told %v", err)
		}
	}
}

// Only a socket that is the only one of the process to ask for a lease, and has
// been for long enough, gets one; another one that asks ends that.
func TestLeaseIsForOneAlone(t *testing.T) {
	one, other := &lease{}, &lease{}
	for range 3 {
		for i := range 3 * longAlone {
			if got, want := one.asksAlone(), i >= longAlone; got != want {
				t.Fatalf("asked %d times alone: %t, want %t", i+1, got, want)
			}
		}
		for range 3 * longAlone {
			if other.asksAlone() || one.asksAlone() {
				t.Fatal("both ask, and one of them counts as alone")
			}
		}
		if other.asksAlone() {
			t.Fatal("it is alone at once")
		}
	}
}

// Two sockets that talk within one process get no lease.
func TestNoLeaseWithinOneProcess(t *testing.T) {
	req, rep := newSocket(t, Req), newSocket(t, Rep)
	join(t, rep, req, anyPort)
	for range 100 {
		sendParts(t, req, "hello")
		expectParts(t, rep, "hello")
		sendParts(t, rep, "world")
		expectParts(t, req, "world")
	}
	for _, s := range []*Socket{req, rep} {
		s.mu.Lock()
		if s.lease.uses > 0 {
			t.Errorf("a %s read %d messages instead of its reader", s.Type(), s.lease.uses)
		}
		s.mu.Unlock()
	}
}
