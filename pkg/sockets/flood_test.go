package sockets

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// attackNamed returns one of the attacks that other processes know.
func attackNamed(t *testing.T, name string) attack {
	t.Helper()
	all := attacksOnServers()
	i := slices.IndexFunc(all, func(a attack) bool { return a.name == name })
	if i < 0 {
		t.Fatalf("no attack is called %q", name)
	}
	return all[i]
}

// TestC86InteropFlood: while strangers guess passwords, libzmq's clients get in,
// the one that was there before and a new one.
func TestC86InteropFlood(t *testing.T) {
	denied := make(chan struct{}, 1000)
	s := newSocket(t, Rep, func(o *Options) {
		o.Security, o.Authorize = PlainServer(), hashedUsers(t, "joe", "ann").Handle
		o.Monitor = func(e Event) {
			if e.Kind == EventHandshakeAuth && e.Value == zap.Denied {
				select {
				case denied <- struct{}{}:
				default:
				}
			}
		}
	})
	endpoint := bind(t, s, anyPort)
	go echo(t.Context(), s)
	visit := func(name string) {
		z := startLibzmq(t, Req, "--timeout", "200", // it takes turns with the strangers
			"-o", "plain_username="+name, "-o", "plain_password=secret", "--connect", endpoint, "hello", name)
		z.prints(frames.Strings("hello", name))
	}
	visit("joe")
	attackNamed(t, "bad passwords").launch(t, endpoint)
	for range 20 {
		<-denied
	}
	visit("joe")
	visit("ann")
	for len(denied) > 0 {
		<-denied
	}
	<-denied // they are still at it
}

// echo answers requests until ctx ends.
func echo(ctx context.Context, s *Socket) {
	for {
		m, err := s.Recv(ctx)
		if err == nil {
			err = s.Send(ctx, m)
		}
		if err != nil {
			return
		}
	}
}

// TestC86InteropTemporary: libzmq tries again after a temporary failure.
func TestC86InteropTemporary(t *testing.T) {
	var asked atomic.Int32
	s := newSocket(t, Rep, func(o *Options) {
		o.Security = PlainServer()
		o.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
			if asked.Add(1) <= 2 {
				return zap.Reply{Status: zap.Temporary}
			}
			return zap.Allow(r.Username)
		}
	})
	endpoint := bind(t, s, anyPort)
	go echo(t.Context(), s)
	z := startLibzmq(t, Req, "-o", "plain_username=joe", "-o", "plain_password=secret", "--connect", endpoint, "hello")
	z.prints(frames.Strings("hello"))
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

// TestCurveSilenceHoldsNoTurn: a CURVE server works for a limited number of clients
// at a time; a handshake that waits for its peer or the application does not count.
func TestCurveSilenceHoldsNoTurn(t *testing.T) {
	server, good := newKeys(t), newKeys(t)
	asked := make(chan struct{})
	pull := newSocket(t, Pull, with(CurveServer(server)), func(o *Options) {
		o.Authorize = func(ctx context.Context, r *zap.Request) zap.Reply {
			if !bytes.Equal(r.Key, good.Public[:]) {
				asked <- struct{}{}
				<-ctx.Done()
			}
			return zap.Allow("")
		}
	})
	endpoint := bind(t, pull, anyPort)
	for range runtime.GOMAXPROCS(0) + 1 {
		silent := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
		silent.send(frame(4, silent.hello()))
		silent.expectCommand("WELCOME")
		waits := newRawCurve(dialRaw(t, endpoint), newKeys(t), server.Public)
		waits.send(frame(4, waits.hello()))
		waits.send(frame(4, waits.initiate("PUSH")))
		<-asked
	}
	push := newSocket(t, Push, with(CurveClient(server.Public, good)))
	try(t, push.Connect(endpoint))
	sendParts(t, push, "hello")
	expectParts(t, pull, "hello")
}
