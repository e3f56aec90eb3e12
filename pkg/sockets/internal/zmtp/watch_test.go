package zmtp

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/sockets/zap"
)

// mechanisms returns all of them, each as a server and a client.
func mechanisms(t *testing.T) map[string][2]Mechanism {
	t.Helper()
	server, client := newPair(t), newPair(t)
	return map[string][2]Mechanism{
		"NULL":  {nil, nil},
		"PLAIN": {PlainServer, PlainClient("joe", "secret")},
		"CURVE": {CurveServer(server), CurveClient(server.Public, client)},
	}
}

// asked brings a client's handshake to where its server's Authorize is asked, which
// waits for its context. change may change the server's Config.
func asked(t *testing.T, m [2]Mechanism, change func(c *Config)) (near, far net.Conn, served chan error) {
	t.Helper()
	near, far = tcpPair(t)
	begun := make(chan struct{})
	c := configOf("REP")
	c.Server, c.Security = true, m[0]
	c.Authorize = func(ctx context.Context, _ *zap.Request) zap.Reply {
		close(begun)
		<-ctx.Done()
		return zap.Allow("too late")
	}
	change(c)
	served = make(chan error, 1)
	go func() {
		_, _, err := Handshake(near, c)
		served <- err
	}()
	d := configOf("REQ")
	d.Security = m[1]
	go func() { _, _, _ = Handshake(far, d) }() // it ends with far
	<-begun
	return near, far, served
}

// TestAuthorizeIsNotWaitedFor: a peer that hangs up while the handler is asked is
// gone at once, as is one whose connection this side ends, or whose time is over.
func TestAuthorizeIsNotWaitedFor(t *testing.T) {
	for name, m := range mechanisms(t) {
		for _, end := range []struct {
			name    string
			timeout time.Duration
			do      func(near, far net.Conn, cancel func())
			kind    FailureKind
		}{
			{"hangs up", 0, func(_, far net.Conn, _ func()) { _ = far.Close() }, FailureLost},
			{"hangs up with time left", time.Hour, func(_, far net.Conn, _ func()) { _ = far.Close() }, FailureLost},
			{"is evicted", 0, func(near, _ net.Conn, _ func()) { _ = near.Close() }, FailureLost},
			{"time is over", 20 * time.Millisecond, func(net.Conn, net.Conn, func()) {}, FailureTimeout},
			{"said too much and is evicted", 0, func(near, far net.Conn, cancel func()) {
				_, _ = far.Write(make([]byte, 4*mostAhead)) // nobody reads all of it
				_ = near.Close()
				cancel()
			}, FailureLost},
		} {
			t.Run(name+"/"+end.name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				near, far, served := asked(t, m, func(c *Config) { c.Timeout, c.Context = end.timeout, ctx })
				end.do(near, far, cancel)
				var failed *HandshakeError
				if err := <-served; !errors.As(err, &failed) || failed.Kind != end.kind {
					t.Errorf("%v", err)
				}
			})
		}
	}
}

// TestAuthorizeKeepsWhatWasSaid: bytes that a peer sends while the handler is asked
// are not lost, and the deadline is the handshake's again afterwards.
func TestAuthorizeKeepsWhatWasSaid(t *testing.T) {
	for _, extra := range []int{0, 10, mostAhead - 1, mostAhead, 3 * mostAhead} {
		early := cmd("READY", prop("Socket-Type", "REQ")) + strings.Repeat("m", extra)
		c := configOf("REP")
		c.Server, c.Timeout = true, time.Hour
		said := make(chan struct{})
		c.Authorize = func(context.Context, *zap.Request) zap.Reply {
			<-said
			return zap.Allow("joe")
		}
		p := meet(t, c)
		p.send(string(newGreeting("NULL", false)))
		p.send(early)
		close(said)
		peer, rest := p.succeeds()
		for len(rest) < extra {
			more := make([]byte, extra-len(rest))
			n, err := p.near.Read(more)
			if err != nil {
				t.Fatal(err)
			}
			rest = append(rest, more[:n]...)
		}
		if peer.UserID != "joe" || string(rest) != strings.Repeat("m", extra) {
			t.Errorf("%+v and %d bytes, want %d", peer, len(rest), extra)
		}
	}
	c := configOf("REP")
	c.Server, c.Timeout = true, 20*time.Millisecond
	c.Authorize = func(context.Context, *zap.Request) zap.Reply { return zap.Allow("joe") }
	p := meet(t, c)
	p.send(string(newGreeting("NULL", false)))
	p.fails(FailureTimeout, "waiting for READY")
}
