package zmtp

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// choppedConn is a connection whose bytes arrive in pieces of any size.
type choppedConn struct {
	net.Conn
	rng *rand.Rand
}

func (c *choppedConn) Read(b []byte) (int, error) {
	return c.Conn.Read(b[:1+c.rng.IntN(min(len(b), 80))])
}

// mechanismConfigs returns both sides of a mechanism: the one that binds is the
// server.
func mechanismConfigs(t *testing.T, name string) (connecting, bound *Config) {
	t.Helper()
	connecting, bound = configOf("DEALER"), configOf("ROUTER")
	bound.Bound, bound.Server = true, true
	switch name {
	case "PLAIN":
		connecting.Security, bound.Security = PlainClient("joe", "secret"), PlainServer
		bound.Authorize = letIn
	case "NULL, asked":
		bound.Authorize = letIn
	case "CURVE":
		server, err := curve.Generate()
		if err != nil {
			t.Fatal(err)
		}
		client, err := curve.Generate()
		if err != nil {
			t.Fatal(err)
		}
		connecting.Security, bound.Security = CurveClient(server.Public, client), CurveServer(server)
	}
	return connecting, bound
}

func letIn(context.Context, *zap.Request) zap.Reply { return zap.Reply{Status: zap.OK} }

// Two of our own never wait for each other, however their bytes arrive, and both
// learn of a mechanism that does not match.
func TestGreetingsOfOurOwn(t *testing.T) {
	names := []string{"NULL", "NULL, asked", "PLAIN", "CURVE"}
	for _, ours := range names {
		for _, theirs := range names {
			t.Run(ours+" to "+theirs, func(t *testing.T) {
				for seed := range uint64(20) {
					meetChopped(t, ours, theirs, rand.New(rand.NewPCG(seed, 0)))
				}
			})
		}
	}
}

func meetChopped(t *testing.T, ours, theirs string, rng *rand.Rand) {
	t.Helper()
	connecting, _ := mechanismConfigs(t, ours)
	client, bound := mechanismConfigs(t, theirs)
	match := ours[:4] == theirs[:4]
	if match {
		connecting.Security = client.Security // whose keys fit
	}
	connecting.Timeout, bound.Timeout = time.Minute, time.Minute
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		begun := time.Now()
		ends := make(chan error)
		for nc, c := range map[net.Conn]*Config{near: connecting, far: bound} {
			chopped := &choppedConn{nc, rand.New(rand.NewPCG(rng.Uint64(), 1))}
			go func() {
				_, _, err := Handshake(chopped, c)
				ends <- err
			}()
		}
		for range 2 {
			err := <-ends
			if match && err != nil {
				t.Error(err)
			}
			if !match {
				checkFailure(t, handshakeResult{err: err}, FailureMechanism, "both need the same")
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("they waited %v", took)
		}
		_, _ = near.Close(), far.Close()
	})
}

// heard checks how much of our greeting has come.
func heard(t *testing.T, far net.Conn, want int) {
	t.Helper()
	b := make([]byte, want)
	if n, err := io.ReadFull(far, b); err != nil {
		t.Fatalf("%d bytes of the greeting, want %d: %v", n, want, err)
	}
	synctest.Wait()
	if err := far.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if n, err := far.Read(make([]byte, 1)); n > 0 {
		t.Fatalf("more than %d bytes of the greeting: %v", want, err)
	}
	if err := far.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
}

// Our greeting leaves in parts, each in answer to a part of the peer's.
func TestGreetingIsHeldBack(t *testing.T) {
	for _, bound := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			c := configOf("REP")
			c.Server, c.Bound = bound, bound
			p := meetOn(t, c, near, far)
			heard(t, far, 11)
			p.send(greeting[:10])
			heard(t, far, 0)
			p.send(greeting[10:11])
			heard(t, far, 52)
			p.send(greeting[11:31])
			heard(t, far, 0)
			p.send(greeting[31:32])
			heard(t, far, 1)
			p.send(greeting[32:])
			p.expect(ready("REP"))
			p.send(ready("REQ"))
			p.succeeds()
			_ = far.Close()
		})
	}
}

// A bound side without Authorize sends everything at once to a peer that holds its
// greeting back itself, which saves a round trip.
func TestGreetingOfACarefulPeer(t *testing.T) {
	for _, asked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			c := configOf("REP")
			c.Server, c.Bound = true, true
			if asked {
				c.Authorize = letIn
			}
			p := meetOn(t, c, near, far)
			heard(t, far, 11)
			p.send(greeting[:11])
			if asked {
				heard(t, far, 53)
			} else {
				heard(t, far, 53+len(ready("REP")))
			}
			p.send(strings.Replace(greeting, "NULL\x00", "PLAIN", 1)[11:])
			p.fails(FailureMechanism, "PLAIN")
		})
	}
}

// A peer that waits for all of our greeting gets it soon; the limit of the whole
// handshake still holds.
func TestGreetingOfAPeerThatWaits(t *testing.T) {
	for _, limit := range []time.Duration{0, 100 * time.Millisecond, time.Minute} {
		patience := greetingPatience
		if limit > 0 {
			patience = min(patience, limit/2)
		}
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			c := configOf("REP")
			c.Timeout = limit
			begun := time.Now()
			p := meetOn(t, c, near, far)
			p.expect(greeting)
			if took := time.Since(begun); took != patience {
				t.Errorf("limit %v: the greeting took %v", limit, took)
			}
			if limit == 0 {
				<-time.After(time.Hour)
				p.send(greeting)
				p.expect(ready("REP"))
				<-time.After(time.Hour)
				p.send(ready("REQ"))
				p.succeeds()
				_ = far.Close()
				return
			}
			p.fails(FailureTimeout, "in the greeting")
			if took := time.Since(begun); took != limit {
				t.Errorf("limit %v: the handshake took %v", limit, took)
			}
		})
	}
}

// hangUpLikeLibzmq is a peer that sends as much of its greeting as libzmq does for
// the bytes that it got, and hangs up on a whole greeting with another mechanism,
// without sending the rest.
func hangUpLikeLibzmq(nc net.Conn, own string, rng *rand.Rand) {
	defer func() { _ = nc.Close() }()
	var got, told int
	tell := func(n int) {
		if n > told {
			_, _ = io.WriteString(nc, own[told:n])
			told = n
		}
	}
	tell(10)
	for b := make([]byte, 80); got < 64; {
		n, err := nc.Read(b[:1+rng.IntN(len(b))])
		if got += n; err != nil || got >= 64 {
			return
		}
		if got >= 10 {
			tell(11)
		}
		if got >= 11 {
			tell(64)
		}
	}
}

// The mechanism of a peer that hangs up on another one is known, whichever side
// connected.
func TestGreetingOfAPeerThatHangsUp(t *testing.T) {
	for _, theirs := range []string{"PLAIN", "CURVE"} {
		for seed := range uint64(50) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				c := configOf("REP")
				c.Server, c.Bound = seed%2 == 0, seed%2 == 0
				go hangUpLikeLibzmq(far, strings.Replace(greeting, "NULL\x00", theirs, 1), rand.New(rand.NewPCG(seed, 2)))
				_, _, err := Handshake(near, c)
				checkFailure(t, handshakeResult{err: err}, FailureMechanism, fmt.Sprintf("mechanism %q", theirs))
			})
		}
	}
}

// The version of a ZMTP 2.0 peer that hangs up on what it does not know is known:
// it shows that after our opening alone.
func TestGreetingOfAnOldPeerThatHangsUp(t *testing.T) {
	for _, bound := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			c := configOf("REP")
			c.Server, c.Bound, c.Security = bound, bound, PlainServer
			go func() {
				defer func() { _ = far.Close() }()
				_, _ = io.WriteString(far, signature)
				if _, err := io.ReadFull(far, make([]byte, 11)); err != nil {
					return
				}
				if _, err := far.Write([]byte{1, 3}); err != nil {
					return
				}
				_, _ = far.Read(make([]byte, 1)) // and closes
			}()
			_, _, err := Handshake(near, c)
			checkFailure(t, handshakeResult{err: err}, FailureProtocol, "ZMTP 2.0")
		})
	}
}

// unheard is a connection whose first read finds all but the last byte of a
// greeting, because its reader is late.
type unheard struct {
	net.Conn
	begun bool
}

func (u *unheard) Read(b []byte) (int, error) {
	if !u.begun {
		u.begun = true
		return io.ReadAtLeast(u.Conn, b, greetingHeldBack)
	}
	return u.Conn.Read(b)
}

// Nor do two of ours wait for each other where the bound one reads late.
func TestGreetingReadLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := transport.Parse("inproc://" + t.Name())
		if err != nil {
			t.Fatal(err)
		}
		l, err := e.Listen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		near, err := e.DialWithin(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		connecting, bound := mechanismConfigs(t, "NULL")
		begun, ends := time.Now(), make(chan error)
		for nc, c := range map[net.Conn]*Config{near: connecting, &unheard{Conn: far}: bound} {
			go func() {
				_, _, err := Handshake(nc, c)
				ends <- err
			}()
		}
		for range 2 {
			if err := <-ends; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("they waited %v", took)
		}
		_, _ = near.Close(), far.Close()
	})
}
