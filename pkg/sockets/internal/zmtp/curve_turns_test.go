package zmtp

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// busyServer is a CURVE server whose turns, held in number, are all taken.
type busyServer struct {
	t      *testing.T
	attend Mechanism
	first  *curveServer
	held   int
}

func newBusyServer(t *testing.T) *busyServer {
	t.Helper()
	b := &busyServer{t: t, attend: CurveServer(newPair(t))}
	b.first, _ = b.attend().(*curveServer)
	for b.first.line.Try() {
		b.held++
	}
	if b.held < 1 {
		t.Fatal("there are no turns")
	}
	return b
}

// connect returns the server's side of a connection, and the peer's end of it.
func (b *busyServer) connect() (m *curveServer, far net.Conn) {
	near, far := net.Pipe()
	m, _ = b.attend().(*curveServer)
	config := configOf("REP")
	config.Server, config.Security, config.Address = true, b.attend, "10.0.0.1"
	newGuard(near, config, m)
	return m, far
}

// wait makes a peer wait for a turn, and returns its end of the connection.
func (b *busyServer) wait(again bool) (far net.Conn, done chan error) {
	m, far := b.connect()
	done = make(chan error, 1)
	go func() { done <- m.takeTurn(again) }()
	synctest.Wait()
	return far, done
}

// TestCurveTurns: a limited number of a server's connections work with keys at a
// time, and each gives its turn back, whatever it worked on.
func TestCurveTurns(t *testing.T) {
	b := newBusyServer(t)
	synctest.Test(t, func(t *testing.T) {
		b.t = t
		_, begins := b.wait(false)
		_, comesAgain := b.wait(true)
		if n := b.first.line.Waiting(); n != 2 {
			t.Fatalf("%d wait", n)
		}
		b.first.line.Leave()
		if err := <-comesAgain; err != nil {
			t.Error(err)
		}
		b.first.line.Leave()
		if err := <-begins; err != nil {
			t.Error(err)
		}
		b.first.line.Leave()
		m, _ := b.connect()
		for range 10 {
			if _, err := m.welcome(make([]byte, helloSize)); err == nil {
				t.Error("zeros are understood")
			}
			if _, err := m.welcome(append([]byte{1}, make([]byte, helloSize-1)...)); err == nil {
				t.Error("a key of zeros is understood")
			}
			m.secret, _ = freshPair()
			if _, err := m.admitClient(make([]byte, leastInit)); err == nil {
				t.Error("zeros are understood")
			}
		}
		if !b.first.line.Try() {
			t.Error("a turn was lost")
		}
	})
}

// TestCurveHangUp: a peer that hangs up while it waits for its turn leaves the line
// at once, and so does one whose connection this side ends; neither costs a turn.
func TestCurveHangUp(t *testing.T) {
	b := newBusyServer(t)
	synctest.Test(t, func(t *testing.T) {
		b.t = t
		for _, again := range []bool{false, true} {
			far, done := b.wait(again)
			begun := time.Now()
			_ = far.Close()
			var failed *HandshakeError
			if err := <-done; !errors.As(err, &failed) || failed.Kind != FailureLost {
				t.Errorf("%v", err)
			}
			if n := b.first.line.Waiting(); n != 0 || time.Since(begun) > 0 {
				t.Errorf("%d wait after %v", n, time.Since(begun))
			}
		}
	})
}
