package sockets

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// longText is a message that a receiver may read by itself.
var longText = strings.Repeat("x", directSize)

// isDirect reports whether the receiver of s has a connection, and whether it reads it
// now.
func (s *Socket) isDirect() (lent, reading bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.direct.peer != nil, s.direct.reading
}

// isWaiting reports whether the receiver of s found nothing.
func (s *Socket) isWaiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.direct.waiting || s.direct.reading
}

// receiver is a goroutine that receives from s until an error.
func receiver(ctx context.Context, s *Socket) (came chan frames.Message, failed chan error) {
	came, failed = make(chan frames.Message, 1), make(chan error, 1)
	go func() {
		for {
			m, err := s.Recv(ctx)
			if err != nil {
				failed <- err
				return
			}
			came <- m
		}
	}()
	return came, failed
}

// directly has the receiver of s read the connection of p itself.
func directly(t *testing.T, s *Socket, p *rawPeer, came chan frames.Message) {
	t.Helper()
	for in := within(t); in.Err() == nil; { // it may have been busy
		eventually(t, s.isWaiting)
		if lent, reading := s.isDirect(); lent && reading {
			return
		}
		p.send(message(longText))
		if got := spell(<-came); got != spell(frames.Strings(longText)) {
			t.Fatalf("%d bytes came", len(got))
		}
	}
	t.Fatal("nothing was lent")
}

// readsDirectly returns a socket whose receiver reads the connection of p itself.
func readsDirectly(t *testing.T) (s *Socket, endpoint string, p *rawPeer, came chan frames.Message, failed chan error) {
	t.Helper()
	s = newSocket(t, Pull)
	endpoint = bind(t, s, anyPort)
	p = meet(t, endpoint, "PUSH")
	came, failed = receiver(within(t), s)
	directly(t, s, p, came)
	return s, endpoint, p, came, failed
}

func expectText(t *testing.T, came chan frames.Message, text string) {
	t.Helper()
	select {
	case m := <-came:
		if got := spell(m); got != spell(frames.Strings(text)) {
			t.Errorf("%.40s came", got)
		}
	case <-within(t).Done():
		t.Fatalf("%.40s did not come", text)
	}
}

// A receiver that reads a connection itself does what its reader does: it answers PINGs,
// and notices the end.
func TestDirectIsRead(t *testing.T) {
	s, _, p, came, _ := readsDirectly(t)
	p.isRead()
	p.send(message(longText), message("short"), message(longText))
	for _, text := range []string{longText, "short", longText} {
		expectText(t, came, text)
	}
	p.isRead()
	directly(t, s, p, came)
	p.hangUp()
	eventually(t, func() bool { return s.Stats().Peers == 0 })
	if lent, _ := s.isDirect(); lent {
		t.Error("a connection that has ended is lent")
	}
}

// A newcomer is heard though the receiver waits for another peer.
func TestDirectIsLeftForOthers(t *testing.T) {
	s, endpoint, first, came, _ := readsDirectly(t)
	second := meet(t, endpoint, "PUSH")
	second.send(message("from the second"))
	expectText(t, came, "from the second")
	for range 3 * directWaits {
		first.send(message(longText))
		expectText(t, came, longText)
		eventually(t, s.isWaiting)
	}
	if lent, _ := s.isDirect(); lent {
		t.Error("a connection is lent beside another")
	}
	second.isRead()
	first.isRead()
	second.hangUp()
	eventually(t, func() bool { return s.Stats().Peers == 1 })
	directly(t, s, first, came)
}

// A receiver whose context is done returns, and nothing is lost; its next one may be of
// another context.
func TestDirectContext(t *testing.T) {
	s := newSocket(t, Pull)
	p := meet(t, bind(t, s, anyPort), "PUSH")
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		came, failed := receiver(ctx, s)
		directly(t, s, p, came)
		cancel()
		select {
		case err := <-failed:
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		case <-within(t).Done():
			t.Fatal("it waits on")
		}
		p.send(message("the next"))
		expectParts(t, s, "the next")
	}
}

// A connection that was lent is read, and its end noticed, also when the application
// does not receive.
func TestDirectEndsWithoutUse(t *testing.T) {
	s := newSocket(t, Pull)
	p := meet(t, bind(t, s, anyPort), "PUSH")
	lent := false
	for in := within(t); in.Err() == nil && !lent; {
		received := make(chan error, 1)
		go func() {
			_, err := s.Recv(within(t))
			received <- err
		}()
		eventually(t, s.isWaiting)
		p.send(message(longText))
		try(t, <-received)
		lent, _ = s.isDirect()
	}
	if !lent {
		t.Fatal("nothing was lent")
	}
	p.isRead()
	p.hangUp()
	eventually(t, func() bool { return s.Stats().Peers == 0 })
}

// An application that is busy between most of its messages has the reader read on
// meanwhile, for a time that grows; one that is seldom busy has not.
func TestDirectIsNotForTheBusy(t *testing.T) {
	now := time.Now()
	var d direct
	take := func(away time.Duration, n int) {
		for range n {
			d.away = away
			now = now.Add(directShare * time.Second)
			d.returns(now)
		}
	}
	for i := range 20 {
		d.uses, d.slow = 0, 0
		take(2*time.Second, directLook)
		if !d.isBusy() {
			t.Fatal("it is not busy, though it is for a quarter of the time")
		}
		if want := min(directPause<<i, directLongest); d.pause != want || time.Until(d.until) > want {
			t.Errorf("it is tried again after %v, want %v", d.pause, want)
		}
	}
	d.uses, d.slow = 0, 0
	for range 3 {
		take(time.Second, directLook-4)
		if d.isBusy() {
			t.Error("it is busy before there was a look")
		}
		take(2*time.Second, 4)
		if d.isBusy() {
			t.Error("it is busy for a few messages")
		}
	}
	if d.pause != 0 {
		t.Errorf("it is tried again after %v, having had time", d.pause)
	}
}

// A socket whose receiver reads a connection closes at once.
func TestDirectClose(t *testing.T) {
	s, _, p, _, failed := readsDirectly(t)
	try(t, s.Close())
	if err := <-failed; err != ErrClosed { //nolint:errorlint // it is returned as it is
		t.Errorf("a waiting receiver was told %v", err)
	}
	p.expectClosed()
}

// After Ebb the receiver takes no more than the one message that it waits for.
func TestDirectEbb(t *testing.T) {
	s, _, p, came, _ := readsDirectly(t)
	s.Ebb()
	p.send(message(longText))
	expectText(t, came, longText)
	eventually(t, func() bool { lent, _ := s.isDirect(); return !lent })
	eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for p := range s.peers {
			return p.rest == forClose
		}
		return false
	})
}

// A peer that is disconnected from while the receiver reads its connection says nothing
// more, and another one is heard.
func TestDirectDisconnect(t *testing.T) {
	l := listenRaw(t, anyPort)
	s := newSocket(t, Pull)
	try(t, s.Connect(l.endpoint))
	p := l.meet("PUSH")
	came, _ := receiver(within(t), s)
	directly(t, s, p, came)
	try(t, s.Disconnect(l.endpoint))
	p.expectClosed()
	other := meet(t, bind(t, s, anyPort), "PUSH")
	other.send(message("other"))
	expectText(t, came, "other")
}

// A peer that sends commands without end is left to its reader, which rests in between.
func TestDirectIsLeftByAFlood(t *testing.T) {
	s, _, p, came, _ := readsDirectly(t)
	p.send(strings.Repeat(command("PING", "\x00\x00"), 10000))
	eventually(t, func() bool { lent, _ := s.isDirect(); return !lent })
	p.send(message("the next"))
	expectText(t, came, "the next")
}
