package sockets

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// TestSecurityOptions: New refuses options that cannot work.
func TestSecurityOptions(t *testing.T) {
	keys, other := newKeys(t), newKeys(t)
	long := strings.Repeat("x", 256)
	for want, s := range map[string]Security{
		"needs Authorize":           PlainServer(),
		"more than 255 bytes":       PlainClient("joe", long),
		"a name or a password":      PlainClient(long, "x"),
		"needs a secret key":        CurveServer(curve.Pair{Public: keys.Public}),
		"CURVE needs a secret":      CurveClient(keys.Public, curve.Pair{}),
		"does not belong":           CurveServer(curve.Pair{Public: other.Public, Secret: keys.Secret}),
		"needs the server's public": CurveClient(curve.PublicKey{}, keys),
	} {
		if _, err := New(Push, with(s)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), long) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestSecretsAreNotPrinted: they are printed neither with options nor with a
// socket.
func TestSecretsAreNotPrinted(t *testing.T) {
	keys := newKeys(t)
	raw := strings.Trim(fmt.Sprintf("%d", keys.Secret.Bytes()[:]), "[]")
	for _, s := range []Security{PlainClient("joe", "hush"), CurveServer(keys), CurveClient(keys.Public, keys)} {
		socket := newSocket(t, Push, with(s))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			for _, value := range []any{s, socket.opts, struct{ o *Options }{&socket.opts}, struct{ s Security }{s}} {
				got := fmt.Sprintf(verb, value)
				if strings.Contains(got, "hush") || strings.Contains(got, keys.Secret.Text()) || strings.Contains(got, raw) {
					t.Errorf("%s of %T: %s", verb, value, got)
				}
			}
		}
	}
}

// TestAuthorizeNull: in NULL, Authorize is asked about the peers of bound
// endpoints, and not about those that we connected to.
func TestAuthorizeNull(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		asked := make(chan *zap.Request, 10)
		allow := make(chan bool, 10)
		pull := newSocket(t, Pull, func(o *Options) {
			o.Domain = "open"
			o.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
				asked <- r
				if <-allow {
					return zap.Allow("somebody")
				}
				return zap.Deny("not today")
			}
		})
		endpoint := bind(t, pull, endpointOn(t, transport))
		push := newSocket(t, Push, func(o *Options) {
			o.Authorize = func(context.Context, *zap.Request) zap.Reply {
				t.Error("asked about a server")
				return zap.Deny("")
			}
		})
		allow <- false
		try(t, push.Connect(endpoint))
		wantRefusal(t, push.WaitPeers(within(t), 1), endpoint, false, "authentication failed (400)")
		r := <-asked
		if r.Mechanism != "NULL" || r.Domain != "open" || len(r.Key) > 0 ||
			transport == "tcp" && r.Address != "127.0.0.1" || transport == "ipc" && r.Address != "" && !strings.HasPrefix(r.Address, "localhost:") {
			t.Errorf("asked %+v", r)
		}
		allow <- true
		again := newSocket(t, Push)
		try(t, again.Connect(endpoint))
		sendParts(t, again, "hello")
		expectParts(t, pull, "hello")
	}
}

// TestAuthorizeEndsWithSocket: Close does not wait for a handler that heeds its
// context, and a peer that was being asked about is not let in.
func TestAuthorizeEndsWithSocket(t *testing.T) {
	asked := make(chan struct{})
	pull := newSocket(t, Pull, func(o *Options) {
		o.HandshakeTimeout = 0
		o.Authorize = func(ctx context.Context, _ *zap.Request) zap.Reply {
			close(asked)
			<-ctx.Done()
			return zap.Allow("")
		}
	})
	p := dialRaw(t, bind(t, pull, anyPort))
	p.send(greeting(1), ready("PUSH"), message("too late"))
	<-asked
	try(t, pull.Close())
	if sent := p.expectClosed(); strings.Contains(sent, "READY") {
		t.Errorf("sent %q", sent)
	}
}
