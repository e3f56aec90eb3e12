package sockets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// greetersAndPeers are the types with Options.Hello, and the type of a peer that each greets.
func greetersAndPeers() map[Type]Type {
	return map[Type]Type{Dealer: Router, Router: Dealer, Pair: Pair}
}

// TestHelloBeginsEachConnection has peers connect, or be connected to, read a random
// part of what they are sent, and hang up, while the socket sends all the time and
// PINGs: on each connection the messages of Hello come first, whole and in their
// order, and none of them comes a second time.
func TestHelloBeginsEachConnection(t *testing.T) {
	for kind, peerType := range greetersAndPeers() {
		for _, connects := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v/connects=%v", kind, connects), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(kind), 7))
				hello := []frames.Message{
					frames.Strings("hello"), frames.Strings("", "two", strings.Repeat("x", r.IntN(300_000))), frames.Strings(""),
				}
				s := newSocket(t, kind, func(o *Options) {
					o.Hello, o.ReconnectMin, o.ReconnectMax = hello, time.Millisecond, time.Millisecond
					o.Mandatory, o.SendHWMBytes = true, 40
					o.HeartbeatInterval, o.HeartbeatTimeout = time.Millisecond, time.Hour
				})
				var met func() *rawPeer
				if connects {
					l := listenRaw(t, anyPort)
					try(t, s.Connect(l.endpoint))
					met = func() *rawPeer { return l.meet(peerType.String(), identity("peer")) }
				} else {
					endpoint := bind(t, s, anyPort)
					met = func() *rawPeer {
						eventually(t, func() bool { return s.Stats().Peers == 0 })
						return meet(t, endpoint, peerType.String(), identity("peer"))
					}
				}
				ctx, end := context.WithCancel(t.Context())
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					m := frames.Strings("news")
					if kind == Router {
						m = frames.Strings("peer", "news")
					}
					for ctx.Err() == nil {
						var unroutable *UnroutableError
						if err := s.Send(ctx, m); err != nil && !errors.As(err, &unroutable) && ctx.Err() == nil {
							t.Errorf("sending: %v", err)
							return
						}
					}
				}()
				for range 30 {
					p := met()
					for n := range r.IntN(len(hello) + 20) {
						want, got := frames.Strings("news"), frames.Message(nil)
						if n < len(hello) {
							want, got = hello[n], p.readMessage() // not even a PING comes between
						} else {
							got = p.nextMessage()
						}
						if !slices.EqualFunc(got, want, bytes.Equal) {
							t.Fatalf("message %d of a connection is %.60q, want %.60q", n, got, want)
						}
					}
					p.hangUp()
				}
				end()
				<-sent
			})
		}
	}
}

// nextMessage reads a message, over the commands in front of it.
func (p *rawPeer) nextMessage() frames.Message {
	p.t.Helper()
	for {
		flags, body := p.readFrame()
		if flags&framing.FlagCommand != 0 {
			continue
		}
		m := frames.Message{[]byte(body)}
		if flags&framing.FlagMore != 0 {
			m = append(m, p.readMessage()...)
		}
		return m
	}
}

// TestHelloSchedules cuts links at random while both sides greet each other, and
// send: a receiver that is told of presence gets, behind each Joined, what the other
// begins with, or the front of it where the link was cut.
func TestHelloSchedules(t *testing.T) {
	hello := []frames.Message{frames.Strings("hello 0"), frames.Strings("hello 1"), frames.Strings("hello 2", "")}
	eachSchedule(t, func(_ *testing.T, w *world) {
		kinds := [][2]Type{{Router, Dealer}, {Dealer, Router}, {Pair, Pair}, {Dealer, Dealer}, {Router, Router}}[w.below(5)]
		ctx, end := context.WithCancel(context.Background())
		var (
			socks [2]*Socket
			ends  [2]func() error
			done  = make(chan struct{}, 4)
		)
		for i, kind := range kinds {
			socks[i], ends[i] = w.socket(kind, func(o *Options) {
				o.Hello, o.Presence, o.Mandatory = hello, true, true
				if kind.row().Announces {
					o.Identity = []byte{'a' + byte(i)}
				}
			})
		}
		_, err := socks[0].Bind(ctx, w.endpoint)
		try(w, err)
		try(w, socks[1].Connect(w.endpoint))
		for i, s := range socks {
			routed := kinds[i] == Router
			go func() {
				defer func() { done <- struct{}{} }()
				for ctx.Err() == nil {
					m := frames.Strings("news")
					if routed {
						m = frames.Strings(string([]byte{'b' - byte(i)}), "news")
					}
					_ = s.Send(ctx, m) // it need not arrive
					w.rest(5 * time.Millisecond)
				}
			}()
			go func() {
				defer func() { done <- struct{}{} }()
				w.hears(ctx, s, hello, routed)
			}()
		}
		for range 1 + w.below(20) {
			w.rest(50 * time.Millisecond)
			w.cut()
		}
		end()
		for range 4 {
			<-done
		}
		_, _ = ends[0](), ends[1]()
	})
}

// hears receives, and holds what comes of each connection to hello.
func (w *world) hears(ctx context.Context, s *Socket, hello []frames.Message, routed bool) {
	heard := -1 // messages of this connection
	var b frames.Batch
	for s.RecvBatch(ctx, &b) == nil {
		switch b.Source().Notice {
		case frames.Joined:
			heard = 0
			continue
		case frames.Left:
			heard = -1
			continue
		}
		for b.Len() > 0 {
			m := b.Next()
			if routed {
				m = m[1:]
			}
			want := frames.Strings("news")
			if heard >= 0 && heard < len(hello) {
				want = hello[heard]
			}
			if heard < 0 || !slices.EqualFunc(m, want, bytes.Equal) {
				w.failf("message %d of a connection is %q, want %q", heard, m, want)
				return
			}
			heard++
		}
	}
}

// TestHelloSealed begins connections that encrypt, over each transport.
func TestHelloSealed(t *testing.T) {
	server, client := curvePair(t)
	for _, transport := range transports {
		a := newSocket(t, Router, server, func(o *Options) {
			o.Hello = []frames.Message{frames.Strings("come in", transport)}
		})
		b := newSocket(t, Dealer, client, func(o *Options) {
			o.Hello = []frames.Message{frames.Strings("ready")}
		})
		try(t, b.Connect(bind(t, a, endpointOn(t, transport))))
		expectParts(t, b, "come in", transport)
		m, err := a.Recv(within(t))
		if err != nil || len(m) != 2 || string(m[1]) != "ready" {
			t.Errorf("%s: received %s, %v", transport, spell(m), err)
		}
	}
}

// TestHelloOutlivesNoConnection: what a peer that hung up was to begin with is no
// loss, not counted and not waited for.
func TestHelloOutlivesNoConnection(t *testing.T) {
	s := newSocket(t, Dealer, func(o *Options) {
		o.Hello, o.Linger = []frames.Message{frames.Strings("hello")}, -1
	})
	l := listenRaw(t, anyPort)
	try(t, s.Connect(l.endpoint))
	try(t, s.Close())
	if stats := s.Stats(); stats.Sent != 0 || stats.Lost != 0 {
		t.Errorf("%+v", stats)
	}
}

// TestHelloToLibzmq greets libzmq's sockets, bound and connected.
func TestHelloToLibzmq(t *testing.T) {
	for kind, peerType := range greetersAndPeers() {
		for _, binds := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v/binds=%v", kind, binds), func(t *testing.T) {
				interop(t, [2]Type{kind, peerType}, "tcp", binds, func(_ ours, z *libzmq) {
					for _, m := range []frames.Message{frames.Strings("hello"), frames.Strings("", "you")} {
						if peerType == Router {
							m = withFront(m, "us")
						}
						z.prints(m)
					}
				}, func(o *Options) { o.Hello = []frames.Message{frames.Strings("hello"), frames.Strings("", "you")} })
			})
		}
	}
}

// TestHelloOptions refuses types that greet nobody, and messages that are none.
func TestHelloOptions(t *testing.T) {
	for _, kind := range Types() {
		_, greets := greetersAndPeers()[kind]
		greets = greets || kind == Client || kind == Server || kind == Peering
		s, err := New(kind, func(o *Options) { o.Hello = []frames.Message{frames.Strings("hello")} })
		if greets != (err == nil) {
			t.Errorf("%v: %v", kind, err)
		}
		if err == nil {
			try(t, s.Close())
		}
	}
	if _, err := New(Dealer, func(o *Options) { o.Hello = []frames.Message{{}} }); err == nil {
		t.Error("a message without frames was accepted")
	}
	if _, err := New(Server, func(o *Options) { o.Hello = []frames.Message{frames.Strings("id", "hello")} }); err == nil {
		t.Error("a SERVER greets with two frames")
	}
}
