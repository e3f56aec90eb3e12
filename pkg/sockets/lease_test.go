package sockets

import (
	"testing"
)

// A connection that was lent to the receiver is read, and its end noticed, also
// when the application lets the socket lie.
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

// Whoever asks while the connection of another is lent is served.
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

// Only who alone of the process asks for a lease, and has done so for long enough,
// gets one; another that asks takes that from it.
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
				t.Fatal("both ask, and one of them is said to be alone")
			}
		}
		if other.asksAlone() {
			t.Fatal("it is alone at once")
		}
	}
}

// Two that converse within one process read each for itself.
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
			t.Errorf("a %s read %d messages in the place of its reader", s.Type(), s.lease.uses)
		}
		s.mu.Unlock()
	}
}
