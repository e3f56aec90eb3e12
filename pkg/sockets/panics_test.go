package sockets

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/apiwalk"
	"github.com/zcat/zcat/pkg/sockets/curve"
)

// walkAPI calls everything that is exported with all values.
func walkAPI(t *testing.T, values ...any) {
	t.Helper()
	apiwalk.API{
		Dir: ".",
		Funcs: map[string]any{
			"BrokeProtocol": BrokeProtocol, "Canonical": Canonical, "CaptureTo": CaptureTo, "CheckBind": CheckBind, "CheckGroup": CheckGroup, "CheckOrigin": CheckOrigin, "RefusedOrigin": RefusedOrigin, "CheckConnect": CheckConnect,
			"CurveClient": CurveClient, "CurveServer": CurveServer, "DefaultOptions": DefaultOptions,
			"New": New, "NewProxy": NewProxy, "ParseType": ParseType, "PlainClient": PlainClient, "PlainServer": PlainServer,
			"Probe": Probe, "Schemes": Schemes, "Types": Types,
			"a socket with any security": func(kind Type, security Security, options Options) {
				if s, err := New(kind, func(o *Options) { *o = options; o.Security = security }); err == nil {
					_ = s.Close()
				}
			},
			"what CaptureTo returns": func(s *Socket, side Side, b *frames.Batch) { CaptureTo(s)(side, b) },
			"a proxy with captures": func(ctx context.Context, front, back *Socket, o ProxyOptions) {
				if p, err := NewProxy(front, back, o); err == nil {
					p.Terminate()
					_ = p.Run(ctx, ctx)
				}
			},
		},
		Types: []any{
			(*EndpointError)(nil), (*Probed)(nil), (*Proxy)(nil), (*RefusedError)(nil), (*Side)(nil), (*Socket)(nil),
			(*Type)(nil), (*UnfitError)(nil), (*UnroutableError)(nil), (*UnsentError)(nil),
		},
		Values: append([]any{
			func() string { return ":1" }, func() string { return "tcp://127.0.0.1:*" }, func() string { return "\xff" },
			func() string { return "inproc://nobody" }, func() string { return "router" }, func() string { return string(make([]byte, 300)) },
			func() []byte { return []byte{1} },
			func() int { return -1 }, func() int { return 1 }, func() int { return math.MinInt },
			func() Type { return Push }, func() Type { return Sub }, func() Type { return XSub + 1 }, func() Type { return 255 },
			func() Side { return Back }, func() Side { return 200 },
			func() Option { return func(o *Options) { *o = Options{} } },
			DefaultOptions, func() Security { return CurveServer(curve.Pair{}) }, func() Security { return PlainClient("", "") },
			func() Security { return CurveClient(curve.PublicKey{}, curve.Pair{}) }, PlainServer,
			func() frames.Message { return frames.Message{nil} },
			func() *frames.Batch { return &frames.Batch{} },
			func() *frames.Batch {
				var b frames.Batch
				b.Append(frames.Strings("id", ""))
				return &b
			},
			func() []Ticket { return make([]Ticket, 1) },
			func() ProxyOptions {
				return ProxyOptions{Capture: []func(Side, *frames.Batch){nil, CaptureTo(nil), CaptureTo(&Socket{})}}
			},
			func() *Proxy { return &Proxy{} },
		}, values...),
	}.Walk(t)
}

// over returns a context that has ended, so that no call waits.
func over() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// Nothing panics or waits on a socket that is closed or that New did not make.
func TestNothingPanicsOnClosedSockets(t *testing.T) {
	values := []any{over, func() *Socket { return &Socket{} }}
	for _, kind := range Types() {
		s, err := New(kind, func(o *Options) { o.Linger = 0 })
		try(t, err)
		try(t, s.Close())
		values = append(values, func() *Socket { return s })
	}
	walkAPI(t, values...)
}

// Nor does anything on an open socket, of any type.
func TestNothingPanicsOnOpenSockets(t *testing.T) {
	for _, kind := range Types() {
		t.Run(kind.String(), func(t *testing.T) {
			open := func() *Socket { return newSocket(t, kind) }
			apiwalk.API{
				Types:  []any{(*Socket)(nil)},
				NoZero: []any{open, over},
				Values: []any{
					func() string { return "inproc://nobody of " + kind.String() }, func() string { return "*" },
					func() []byte { return []byte{1} }, func() int { return -1 }, func() int { return 1 },
					func() frames.Message { return frames.Strings("") },
					func() *frames.Batch { return &frames.Batch{} },
					func() *frames.Batch {
						var b frames.Batch
						b.Append(frames.Strings("id", ""))
						return &b
					},
					func() []Ticket { return make([]Ticket, 1) },
				},
				Dir: t.TempDir(),
			}.Walk(t)
		})
	}
}

// The zero Socket is a closed one.
func TestZeroSocketIsClosed(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for name, do := range map[string]func(*Socket) error{
		"Send":      func(s *Socket) error { return s.Send(ctx, frames.Strings("x")) },
		"SendBatch": func(s *Socket) error { return s.SendBatch(ctx, numbered(1)) },
		"Recv":      func(s *Socket) error { _, err := s.Recv(ctx); return err },
		"RecvBatch": func(s *Socket) error { return s.RecvBatch(ctx, &frames.Batch{}) },
		"Bind":      func(s *Socket) error { _, err := s.Bind(ctx, anyPort); return err },
		"Connect":   func(s *Socket) error { return s.Connect("tcp://127.0.0.1:1") },
		"WaitPeers": func(s *Socket) error { return s.WaitPeers(ctx, 1) },
		"Close":     func(s *Socket) error { return s.Close() },
	} {
		var s Socket
		expectError(t, name, do(&s), ErrClosed)
	}
}
