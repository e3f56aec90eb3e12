package sockets

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/curve"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// newKeys makes a pair of keys.
func newKeys(tb testing.TB) curve.Pair {
	tb.Helper()
	keys, err := curve.Generate()
	try(tb, err)
	return keys
}

// with sets a socket's mechanism.
func with(s Security) Option { return func(o *Options) { o.Security = s } }

// curveFlags returns flags that make libzmq a CURVE server with keys, or a client
// of server with them.
func curveFlags(keys curve.Pair, server *curve.PublicKey) []string {
	flags := []string{"-o", "curve_secretkey=" + keys.Secret.Text(), "-o", "curve_publickey=" + keys.Public.String()}
	if server == nil {
		return append(flags, "-o", "curve_server=1")
	}
	return append(flags, "-o", "curve_serverkey="+server.String())
}

// TestC88InteropCurve has every legal pair talk with libzmq through CURVE, each
// as the server and as the client.
func TestC88InteropCurve(t *testing.T) {
	server, client := newKeys(t), newKeys(t)
	for pair, talk := range interopPairs() {
		for _, c := range []struct {
			name         string
			binds, serve bool
		}{
			{"tcp we serve", true, true},
			{"ipc libzmq serves", false, false},
			{"tcp the client binds", true, false},
			{"ipc the client binds", false, true},
		} {
			if c.binds != c.serve && pair != [2]Type{Dealer, Dealer} {
				continue // which side binds makes no difference to the mechanism
			}
			t.Run(strings.ReplaceAll(fmt.Sprintf("%s-%s %s", pair[0], pair[1], c.name), " ", "/"), func(t *testing.T) {
				t.Parallel()
				transport, _, _ := strings.Cut(c.name, " ")
				flags, option := curveFlags(client, &server.Public), with(CurveServer(server))
				if !c.serve {
					flags, option = curveFlags(server, nil), with(CurveClient(server.Public, client))
				}
				interopAs(t, pair, transport, c.binds, talk, flags, option)
			})
		}
	}
}

// TestC88InteropHeartbeat: PING and PONG travel in MESSAGE, in both directions.
func TestC88InteropHeartbeat(t *testing.T) {
	server, client := newKeys(t), newKeys(t)
	var mu sync.Mutex
	heard := map[string]int{}
	both := make(chan struct{})
	watch := func(o *Options) {
		o.HeartbeatInterval = 20 * 1e6
		o.HeartbeatTimeout = watchdog
		o.Monitor = func(e Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == EventCommand {
				if heard[e.Detail]++; heard[e.Detail] == 3 && heard["PING"] >= 3 && heard["PONG"] >= 3 {
					close(both)
				}
			}
		}
	}
	interopAs(t, [2]Type{Dealer, Dealer}, "tcp", true, func(o ours, z *libzmq) {
		select {
		case <-both:
		case <-o.ctx.Done():
			t.Errorf("heard %v", heard)
		}
		o.send(frames.Strings("still", "here"))
		z.prints(frames.Strings("still", "here"))
	}, append(curveFlags(client, &server.Public), "-o", "heartbeat_ivl=20", "-o", "heartbeat_timeout=20000"), with(CurveServer(server)), watch)
}

// TestC88InteropSizes sends bodies around the sizes where forms of frames change.
func TestC88InteropSizes(t *testing.T) {
	server, client := newKeys(t), newKeys(t)
	for _, serve := range []bool{true, false} {
		flags, option := curveFlags(client, &server.Public), with(CurveServer(server))
		if !serve {
			flags, option = curveFlags(server, nil), with(CurveClient(server.Public, client))
		}
		interopAs(t, [2]Type{Dealer, Dealer}, "tcp", serve, func(o ours, z *libzmq) {
			for _, size := range []int{0, 1, 221, 222, 223, 254, 255, 256, 65449, 65450, 65451, 1 << 20} {
				m := frames.Message{bytes.Repeat([]byte("z"), size), nil, bytes.Repeat([]byte("y"), size)}
				m[1] = []byte{}
				o.send(m)
				z.prints(m)
				z.send(m)
				o.gets(m)
			}
		}, flags, option)
	}
}

// TestC88InteropBulk streams through full buffers, so that writes are cut.
func TestC88InteropBulk(t *testing.T) {
	server, client := newKeys(t), newKeys(t)
	for _, transport := range []string{"tcp", "ipc"} {
		interopAs(t, [2]Type{Push, Pull}, transport, true, func(o ours, z *libzmq) {
			var b frames.Batch
			const count = 3000
			body := strings.Repeat("b", 1500)
			for i := range count {
				b.Append(frames.Strings(fmt.Sprint(i), body))
			}
			sent := make(chan error, 1)
			go func() { sent <- o.SendBatch(o.ctx, &b) }()
			for i := range count {
				z.prints(frames.Strings(fmt.Sprint(i), body))
			}
			try(t, <-sent)
		}, curveFlags(client, &server.Public), with(CurveServer(server)))
	}
}

// TestC92InteropDenied: a client whose key is not allowed gets status 400 and no
// data, whether libzmq or we are the client.
func TestC92InteropDenied(t *testing.T) {
	server, client, friend := newKeys(t), newKeys(t), newKeys(t)
	t.Run("by us", func(t *testing.T) {
		asked := make(chan *zap.Request, 10)
		push := newSocket(t, Push, with(CurveServer(server)), func(o *Options) {
			o.Domain = "private"
			o.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
				asked <- r
				if bytes.Equal(r.Key, friend.Public[:]) {
					return zap.Allow("friend")
				}
				return zap.Deny("a stranger")
			}
		})
		endpoint := bind(t, push, anyPort)
		startLibzmq(t, Pull, append(curveFlags(client, &server.Public), "--connect", endpoint)...)
		r := <-asked
		if r.Mechanism != "CURVE" || r.Address != "127.0.0.1" || r.Domain != "private" || !bytes.Equal(r.Key, client.Public[:]) {
			t.Errorf("asked %+v", r)
		}
		z := startLibzmq(t, Pull, append(curveFlags(friend, &server.Public), "--connect", endpoint)...)
		sendParts(t, push, "for a friend")
		z.prints(frames.Strings("for a friend"))
	})
	t.Run("by libzmq", func(t *testing.T) {
		pull := newSocket(t, Pull, with(CurveClient(server.Public, client)))
		file := t.TempDir() + "/endpoint"
		startLibzmq(t, Push, append(curveFlags(server, nil), "--allow="+friend.Public.String(), "--bind", anyPort, "--endpoint-file", file)...)
		endpoint := awaitEndpoint(within(t), t, file)
		try(t, pull.Connect(endpoint))
		_, err := pull.Recv(within(t))
		wantRefusal(t, err, endpoint, false, "authentication failed (400)")
	})
}

// letsJoeIn makes a PLAIN server that knows one user.
func letsJoeIn(o *Options) {
	o.Security = PlainServer()
	o.Authorize = func(_ context.Context, r *zap.Request) zap.Reply {
		if r.Mechanism == "PLAIN" && r.Username == "joe" && r.Password == "secret" {
			return zap.Allow("joe")
		}
		return zap.Deny("a stranger")
	}
}

// TestC86InteropPlain: names and passwords, right and wrong, in both roles.
func TestC86InteropPlain(t *testing.T) {
	pair := [2]Type{Dealer, Dealer}
	talk := interopPairs()[pair]
	t.Run("we serve", func(t *testing.T) {
		interopAs(t, pair, "tcp", true, talk, []string{"-o", "plain_username=joe", "-o", "plain_password=secret"}, letsJoeIn)
	})
	t.Run("libzmq serves", func(t *testing.T) {
		interopAs(t, pair, "ipc", false, talk, []string{"-o", "plain_server=1", "--allow", "joe:secret"}, with(PlainClient("joe", "secret")))
	})

	dealer := newSocket(t, Dealer, with(PlainClient("joe", "wrong")))
	file := t.TempDir() + "/endpoint"
	startLibzmq(t, Dealer, "-o", "plain_server=1", "--allow", "joe:secret", "--bind", anyPort, "--endpoint-file", file)
	endpoint := awaitEndpoint(within(t), t, file)
	try(t, dealer.Connect(endpoint))
	_, err := dealer.Recv(within(t))
	wantRefusal(t, err, endpoint, false, "authentication failed (400)")

	// The other way round: libzmq gets the status, and we serve the next one.
	denied := make(chan Event, 10)
	server := newSocket(t, Push, letsJoeIn, func(o *Options) {
		o.Monitor = func(e Event) {
			if e.Kind == EventHandshakeAuth {
				denied <- e
			}
		}
	})
	endpoint = bind(t, server, anyPort)
	startLibzmq(t, Pull, "-o", "plain_username=joe", "-o", "plain_password=wrong", "--connect", endpoint)
	if e := <-denied; e.Value != 400 || strings.Contains(e.Err.Error(), "wrong") {
		t.Errorf("%+v", e)
	}
	z := startLibzmq(t, Pull, "-o", "plain_username=joe", "-o", "plain_password=secret", "--connect", endpoint)
	sendParts(t, server, "hello")
	z.prints(frames.Strings("hello"))
}
