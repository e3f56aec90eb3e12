package sockets

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// greetersOf returns the number of connections of s that are in their handshake.
func greetersOf(s *Socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.greeting.count + s.greeting.promised + s.greeting.settled
}

// A peer that hangs up while Authorize is asked is gone: the handler's context
// ends, the place is free, and the monitor is told.
func TestHangUpWhileAuthorized(t *testing.T) {
	server := newKeys(t)
	for name, m := range map[string]struct {
		security Security
		say      func(p *rawPeer)
	}{
		"NULL":  {nil, func(p *rawPeer) { p.send(greeting(1), ready("PUSH")) }},
		"PLAIN": {PlainServer(), func(p *rawPeer) { p.send(plainGreeting, plainHello("joe", "secret")) }},
		"CURVE": {CurveServer(server), func(p *rawPeer) {
			c := newRawCurve(p, newKeys(t), server.Public)
			c.send(frame(4, c.hello()))
			c.send(frame(4, c.initiate("PUSH")))
		}},
	} {
		for _, transport := range []string{"tcp", "ipc"} {
			t.Run(name+"/"+transport, func(t *testing.T) {
				asked, over := make(chan struct{}), make(chan struct{})
				events, monitored := monitor(t)
				s := newSocket(t, Pull, monitored, with(m.security), func(o *Options) {
					o.HandshakeTimeout = 0 // only the peer's end ends it
					o.Authorize = func(ctx context.Context, _ *zap.Request) zap.Reply {
						asked <- struct{}{}
						<-ctx.Done()
						over <- struct{}{}
						return zap.Allow("gone")
					}
				})
				p := dialRaw(t, bind(t, s, endpointOn(t, transport)))
				m.say(p)
				<-asked
				p.hangUp()
				<-over
				e := events.await(EventHandshakeFailed, EventHandshakeAuth, EventHandshakeDone)
				if e.Kind != EventHandshakeFailed || e.Value != int64(syscall.EPIPE) && e.Value != int64(syscall.ECONNRESET) {
					t.Errorf("%+v", e)
				}
				events.await(EventDisconnected)
				eventually(t, func() bool { return greetersOf(s) == 0 })
			})
		}
	}
}

// However many ask for work with keys, the memory that they make a CURVE server
// hold is bounded by the number of handshakes, and new clients from the very same
// address get in.
func TestHelloFlood(t *testing.T) {
	keys := attackedKeys()
	s := newSocket(t, Rep, with(CurveServer(keys)), func(o *Options) { o.MaxPeers = 100 })
	endpoint := bind(t, s, anyPort)
	ctx, cancel := context.WithTimeout(t.Context(), 10*watchdog) // of all visits together
	defer cancel()
	go echo(ctx, s)
	visit := func(text string) {
		req := newSocket(t, Req, quickly, with(CurveClient(keys.Public, newKeys(t))), func(o *Options) {
			o.HandshakeTimeout = 0 // it waits in line for as long as the machine takes
		})
		try(t, req.Connect(endpoint))
		try(t, req.Send(ctx, frames.Strings(text)))
		m, err := req.Recv(ctx)
		try(t, err)
		if string(m[0]) != text {
			t.Errorf("%s came back", spell(m))
		}
		try(t, req.Close())
	}
	visit("before")
	before := footprint()
	attackNamed(t, "HELLOs of strangers").launch(t, endpoint)
	for i := range 5 {
		refused := s.Stats().Refused
		eventually(t, func() bool { return s.Stats().Refused >= refused+100 }) // it goes on
		visit(fmt.Sprint("visit ", i))
		if n := greetersOf(s); n > minGreeters {
			t.Errorf("%d in their handshake", n)
		}
		if grown := footprint() - before; grown > minGreeters*greeterCost {
			t.Errorf("they hold %d bytes", grown)
		}
	}
}

// greeterCost is the memory that a connection in its handshake may hold, in bytes:
// a goroutine's stack, which work with keys makes grow, the bytes that it sent, and
// the connection itself.
const greeterCost = 32 << 10
