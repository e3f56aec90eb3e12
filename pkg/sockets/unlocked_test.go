package sockets

import (
	"context"
	"errors"
	"testing"

	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// gatedConn is a connection whose writes wait until the gate is opened.
type gatedConn struct {
	*zmtp.Conn
	within chan struct{} // a write waits
	gate   chan struct{}
}

func (c *gatedConn) TryWrite(wire []byte) (int, error) {
	select {
	case c.within <- struct{}{}:
	default:
	}
	<-c.gate
	return c.Conn.TryWrite(wire)
}

// gate puts a gate before the writes of s to its only peer.
func gate(t *testing.T, s *Socket) *gatedConn {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		c := &gatedConn{p.conn, make(chan struct{}, 1), make(chan struct{})}
		p.out.Online(c)
		return c
	}
	t.Fatal("there is no peer")
	return nil
}

// TestWriteHoldsUpNobody: while a write to the kernel does not return, for every
// type, every other call on the socket goes on, and so do its peers.
func TestWriteHoldsUpNobody(t *testing.T) {
	for _, l := range lanes() {
		t.Run(l.String(), func(t *testing.T) {
			from, to := l.sender(t, senderID), l.receiver(t)
			endpoint := join(t, from, to, anyPort)
			l.before(t, from, to)
			c := gate(t, from)
			message := l.sends(from, [][]byte{[]byte("message")})
			sent := make(chan error, 1)
			go func() { sent <- from.Send(within(t), message) }()
			<-c.within

			done := make(chan struct{})
			go func() {
				defer close(done)
				others(t, from)
			}()
			select {
			case <-done:
			case <-within(t).Done():
				t.Error("others wait for the write")
			}
			// A peer comes and goes, which is reported.
			if !l.from.Traits().Exclusive {
				p := meet(t, endpoint, l.to.String())
				switch {
				case l.from == Radio:
					p.send(command("JOIN", "topic"))
					try(t, from.WaitSubscribers(within(t), 1, []byte("topic")))
				case publishes(from):
					p.send(subscription(1, false, "topic"))
					try(t, from.WaitSubscribers(within(t), 2, []byte("topic")))
				}
				try(t, from.WaitPeers(within(t), 2))
				p.hangUp()
				eventually(t, func() bool { return from.Stats().Peers == 1 })
			}
			close(c.gate)
			try(t, <-sent)
			if _, err := to.Recv(within(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// others makes the calls that never wait.
func others(t *testing.T, s *Socket) {
	t.Helper()
	_, _ = s.Stats(), s.Pending()
	try(t, s.WaitPeers(within(t), 1))
	if !s.Type().Traits().Exclusive {
		try(t, s.Connect(nowhere(t)))
		bind(t, s, anyPort)
	}
	if u, ok := s.pattern.(subscriber); ok && u.subscribes() {
		try(t, s.Subscribe([]byte("another")))
		try(t, s.Unsubscribe([]byte("another")))
	}
	if s.Type().Receives() && s.Type() != XPub {
		if _, err := s.Recv(briefly(t)); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrState) {
			t.Errorf("Recv: %v", err)
		}
	}
}
