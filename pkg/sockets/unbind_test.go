package sockets

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// An endpoint that was unbound lets nobody in, can be bound by another socket at
// once, and its peers are let go; messages that they had sent are still received,
// and none that they send from then on.
func TestUnbind(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			pull, push := newSocket(t, Pull), newSocket(t, Push, quickly)
			endpoint := join(t, pull, push, endpointOn(t, transport))
			other := bind(t, pull, anyPort)
			for i := range 5 {
				sendParts(t, push, strconv.Itoa(i))
			}
			eventually(t, func() bool { return waiting(pull) == 5 })
			try(t, pull.Unbind(endpoint))
			successor := newSocket(t, Pull)
			bind(t, successor, endpoint)
			for i := range 5 {
				expectParts(t, pull, strconv.Itoa(i))
			}
			try(t, successor.WaitPeers(within(t), 1)) // the PUSH has come over
			sendParts(t, push, "to the successor")
			expectParts(t, successor, "to the successor")
			eventually(t, func() bool { return pull.Stats().Peers == 0 })
			// The other endpoint lives.
			late := newSocket(t, Push)
			try(t, late.Connect(other))
			sendParts(t, late, "hello")
			expectParts(t, pull, "hello")
			// And the socket may come back.
			try(t, successor.Unbind(endpoint))
			bind(t, pull, endpoint)
			try(t, pull.WaitPeers(within(t), 2)) // the late one is the other
			sendParts(t, push, "back")
			expectParts(t, pull, "back")
		})
	}
}

// Messages queued for the peers of an endpoint that is unbound have the linger to
// leave; without one they are lost, and counted.
func TestUnbindLingers(t *testing.T) {
	const count = 50
	for _, linger := range []time.Duration{-1, 0, watchdog} {
		t.Run(linger.String(), func(t *testing.T) {
			push := newSocket(t, Push, func(o *Options) { o.Linger, o.SendBuffer = linger, 4096 })
			endpoint := bind(t, push, anyPort)
			p := meet(t, endpoint, "PULL") // reads nothing yet
			for i := range count {
				sendParts(t, push, strconv.Itoa(i), strings.Repeat("x", 64<<10))
			}
			try(t, push.Unbind(endpoint))
			expectWait(t, "send", func(ctx context.Context) error { return push.Send(ctx, frames.Strings("too late")) })
			if linger == 0 {
				eventually(t, func() bool { return push.Stats().Lost > 0 })
				return
			}
			for i := range count {
				if m := p.readMessage(); string(m[0]) != strconv.Itoa(i) {
					t.Fatalf("message %d is %.40q", i, m)
				}
			}
			p.expectClosed()
			eventually(t, func() bool { return push.Stats().Peers == 0 })
			if st := push.Stats(); st.Lost != 0 || st.Queued != 0 {
				t.Errorf("%+v", st)
			}
		})
	}
}

// A peer that was in its handshake when the endpoint was unbound is not let in.
func TestUnbindDuringHandshake(t *testing.T) {
	pull := newSocket(t, Pull)
	endpoint := bind(t, pull, anyPort)
	p := dialRaw(t, endpoint)
	p.greet(1)
	try(t, pull.Unbind(endpoint))
	p.send(ready("PUSH"), message("from nobody"))
	p.expectClosed()
	if st := pull.Stats(); st.Peers != 0 || st.Waiting != 0 {
		t.Errorf("%+v", st)
	}
}

// Nothing more is received from an endpoint that was disconnected, not even what
// had come, and nothing new is sent to it; messages queued for it have the linger
// to leave.
func TestDisconnect(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			push, pull := newSocket(t, Push, quickly), newSocket(t, Pull)
			endpoint := join(t, push, pull, endpointOn(t, transport))
			for i := range 5 {
				sendParts(t, push, strconv.Itoa(i))
			}
			eventually(t, func() bool { return waiting(pull) == 5 })
			try(t, pull.Disconnect(endpoint))
			expectWait(t, "receive", func(ctx context.Context) error { _, err := pull.Recv(ctx); return err })
			eventually(t, func() bool { return push.Stats().Peers == 0 })
			try(t, pull.Connect(endpoint))
			sendParts(t, push, "once more")
			expectParts(t, pull, "once more")
		})
	}
}

// C82 for one endpoint: messages queued where nobody listens find a listener that
// comes late, within the linger, and are lost and counted when that runs out.
func TestDisconnectLingers(t *testing.T) {
	for _, linger := range []time.Duration{-1, watchdog} {
		push, endpoint := queued(t, linger)
		try(t, push.Disconnect(endpoint))
		expectWait(t, "send", func(ctx context.Context) error { return push.Send(ctx, frames.Strings("too late")) })
		pull := newSocket(t, Pull)
		bind(t, pull, endpoint)
		for i := range 3 {
			expectParts(t, pull, strconv.Itoa(i))
		}
		eventually(t, func() bool { return pull.Stats().Peers == 0 })
		if n := push.Stats().Lost; n != 0 {
			t.Errorf("%d lost", n)
		}
	}
	for _, linger := range []time.Duration{0, 20 * time.Millisecond} {
		push, endpoint := queued(t, linger)
		try(t, push.Disconnect(endpoint))
		eventually(t, func() bool { return push.Stats().Lost == 3 })
		pull := newSocket(t, Pull)
		bind(t, pull, endpoint)
		try(t, push.Connect(endpoint))
		sendParts(t, push, "afresh")
		expectParts(t, pull, "afresh")
	}
	// Close waits for it, too, for its own linger.
	push, endpoint := queued(t, -1)
	try(t, push.Disconnect(endpoint))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n := unsent(t, push.CloseContext(ctx)); n != 3 {
		t.Errorf("%d unsent", n)
	}
}

// Disconnect ends an attempt to connect, a handshake and a pause, whatever is there.
func TestDisconnectAtAnyTime(t *testing.T) {
	silent := listenRaw(t, anyPort)
	for _, immediate := range []bool{false, true} {
		s := newSocket(t, Dealer, func(o *Options) {
			o.Immediate, o.ReconnectEarly, o.ReconnectMin, o.ReconnectMax = immediate, false, time.Hour, time.Hour
		})
		endpoint := "tcp://" + silent.Addr().String()
		try(t, s.Connect(endpoint))
		eventually(t, func() bool { return len(s.Pending()) > 0 })
		try(t, s.Disconnect(endpoint))
		eventually(t, func() bool { return len(s.Pending()) == 0 })
		gone := nowhere(t)
		try(t, s.Connect(gone))
		try(t, s.Disconnect(gone))
		expectError(t, "again", s.Disconnect(gone), ErrNoEndpoint)
		eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.peers) == 0 })
	}
}

// A PAIR that was let go takes another peer, and a REQ keeps its turn.
func TestDisconnectMakesRoom(t *testing.T) {
	pair, one, two := newSocket(t, Pair), newSocket(t, Pair), newSocket(t, Pair)
	first, second := bind(t, one, anyPort), bind(t, two, anyPort)
	try(t, pair.Connect(first))
	try(t, pair.WaitPeers(within(t), 1))
	if err := pair.Connect(second); err == nil {
		t.Error("a PAIR with two peers")
	}
	try(t, pair.Disconnect(first))
	try(t, pair.Connect(second))
	sendParts(t, pair, "to the second")
	expectParts(t, two, "to the second")

	req, rep := newSocket(t, Req), newSocket(t, Rep)
	endpoint := join(t, rep, req, anyPort)
	sendParts(t, req, "?")
	expectParts(t, rep, "?")
	try(t, req.Disconnect(endpoint))
	expectError(t, "a second request", req.Send(within(t), frames.Strings("?")), ErrState)
}

// A SUB gets nothing more from a publisher that it left, and an XPUB shows the end
// of its peers' subscriptions.
func TestUnbindEndsSubscriptions(t *testing.T) {
	xpub, sub := newSocket(t, XPub), newSocket(t, Sub)
	endpoint := bind(t, xpub, anyPort)
	try(t, sub.Subscribe([]byte("A")))
	try(t, sub.Connect(endpoint))
	expectParts(t, xpub, "\x01A")
	try(t, xpub.Unbind(endpoint))
	expectParts(t, xpub, "\x00A")
	if n := xpub.Stats().Subscribers; n != 0 {
		t.Errorf("%d subscribers", n)
	}
}

// Nor does a peer with more subscriptions than are removed at a time keep any.
func TestUnbindTakesManyTopicsAway(t *testing.T) {
	const count = 3*shedding + 1
	for _, kind := range []Type{Pub, XPub} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind)
			endpoint := bind(t, s, anyPort)
			p := meet(t, endpoint, "SUB")
			for i := range count {
				p.send(subscription(1, false, strconv.Itoa(i)))
			}
			try(t, s.WaitSubscribers(within(t), 1, []byte(strconv.Itoa(count-1))))
			if kind == XPub {
				for i := range count {
					expectParts(t, s, "\x01"+strconv.Itoa(i))
				}
			}
			try(t, s.Unbind(endpoint))
			try(t, s.Send(within(t), frames.Strings("1")))
			if kind == XPub {
				for range count {
					m, err := s.Recv(within(t))
					try(t, err)
					if m[0][0] != 0 {
						t.Fatalf("%q is no end", m)
					}
				}
			}
			p.expectClosed()
			eventually(t, func() bool { st := s.Stats(); return st.Subscribers == 0 && st.Peers == 0 })
		})
	}
}

// libzmq is the judge of what is an endpoint of a socket. Known differences are
// left out: libzmq takes an unbind for a disconnect and the reverse, and frees a
// port later.
func TestInteropEndpointErrors(t *testing.T) {
	port := strings.TrimPrefix(freeEndpoint(t, "tcp"), "tcp://127.0.0.1:")
	here := "tcp://127.0.0.1:" + port
	steps := []string{
		"bind tcp://127.0.0.1:*", "unbind tcp://127.0.0.1:*", "unbind LAST", "unbind LAST",
		"bind tcp://*:*", "unbind LAST", "unbind tcp://127.0.0.1:1", "disconnect tcp://127.0.0.1:1",
		"unbind nonsense", "disconnect nonsense",
		"connect " + here, "connect " + here, "disconnect " + here, "disconnect " + here,
		"bind " + here, "unbind " + here,
		"bind inproc://here", "unbind inproc://here", "unbind inproc://here",
		"connect inproc://there", "disconnect inproc://there",
	}
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "../../scripts/peers/endpoints.py")
	cmd.Stdin = strings.NewReader("PULL\n" + strings.Join(steps, "\n") + "\n")
	out, err := cmd.Output()
	try(t, err)
	theirs := strings.Fields(string(out))
	if len(theirs) != len(steps) {
		t.Fatalf("%d answers to %d steps: %s", len(theirs), len(steps), out)
	}
	s, last := newSocket(t, Pull), ""
	for i, step := range steps {
		what, endpoint, _ := strings.Cut(strings.ReplaceAll(step, "LAST", last), " ")
		var err error
		switch what {
		case "bind":
			var resolved string
			if resolved, err = s.Bind(within(t), endpoint); err == nil {
				last = resolved
			}
		case "connect":
			err = s.Connect(endpoint)
		case "unbind":
			err = s.Unbind(endpoint)
		case "disconnect":
			err = s.Disconnect(endpoint)
		}
		ours := "OK"
		var bad *EndpointError
		switch {
		case errors.Is(err, ErrNoEndpoint):
			ours = "ENOENT"
		case errors.As(err, &bad):
			ours = "EINVAL"
		case err != nil:
			ours = err.Error()
		}
		if bad != nil && bad.Op != what {
			t.Errorf("%s: the error is of %s", step, bad.Op)
		}
		if ours != theirs[i] {
			t.Errorf("step %d, %s: %s, libzmq says %s", i, step, ours, theirs[i])
		}
	}
}

// Endpoints that come and go, at random, cost no message except those that are
// counted: each one that was sent is received once, or counted as lost. With a
// linger none is lost.
func TestEndpointsComeAndGo(t *testing.T) {
	for seed := range uint64(6) {
		linger := []time.Duration{-1, 0}[seed%2]
		t.Run(fmt.Sprintf("%d with linger %v", seed, linger), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			push := newSocket(t, Push, quickly, func(o *Options) { o.Linger = linger })
			const servers, count = 3, 400
			endpoints := make([]string, servers)
			var mu sync.Mutex
			got := map[string]int{}
			var readers sync.WaitGroup
			for i := range servers {
				pull := newSocket(t, Pull)
				endpoints[i] = bind(t, pull, endpointOn(t, []string{"tcp", "ipc", "inproc"}[i]))
				ctx := within(t)
				readers.Go(func() {
					for {
						m, err := pull.Recv(ctx)
						if err != nil {
							return
						}
						mu.Lock()
						got[string(m[0])]++
						mu.Unlock()
					}
				})
				t.Cleanup(func() { _ = pull.Close(); readers.Wait() })
			}
			connected := make([]bool, servers)
			others := func(i int) bool { return connected[(i+1)%servers] || connected[(i+2)%servers] }
			toggle := func(i int) {
				if !connected[i] {
					try(t, push.Connect(endpoints[i]))
					connected[i] = true
				} else if others(i) {
					try(t, push.Disconnect(endpoints[i]))
					connected[i] = false
				}
			}
			toggle(0)
			for i := range count {
				if r.IntN(10) == 0 {
					toggle(r.IntN(servers))
				}
				sendParts(t, push, strconv.Itoa(i))
			}
			for i := range servers {
				if connected[i] {
					try(t, push.Disconnect(endpoints[i]))
				}
			}
			received := func() (n int) {
				mu.Lock()
				defer mu.Unlock()
				return len(got)
			}
			lost := func() int { return int(push.Stats().Lost) }
			if linger < 0 {
				eventually(t, func() bool { return received() == count })
				if n := lost(); n != 0 {
					t.Errorf("%d lost", n)
				}
			} else {
				// Messages that the kernel had taken may be lost with its
				// connection.
				eventually(t, func() bool { s := push.Stats(); return s.Peers == 0 && s.Queued == 0 })
				if n := received() + lost(); n > count {
					t.Errorf("%d received and %d lost of %d", received(), lost(), count)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for m, n := range got {
				if n != 1 {
					t.Errorf("message %s came %d times", m, n)
				}
			}
		})
	}
}

// Sockets of every type bind, unbind, connect, disconnect, send and receive in any
// order: nothing hangs, and nothing is left behind.
func TestAnyOrderOfEndpoints(t *testing.T) {
	for _, l := range lanes() {
		t.Run(l.String(), func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			r := rand.New(rand.NewPCG(seed, 8))
			from, to := l.sender(t, "a"), l.receiver(t)
			sides := []*Socket{from, to}
			endpoints := []string{"inproc://from " + t.Name(), nowhere(t), "inproc://to " + t.Name()}
			done := over()
			for range 300 {
				s, endpoint := sides[r.IntN(2)], endpoints[r.IntN(len(endpoints))]
				switch r.IntN(8) {
				case 0, 1:
					_, _ = s.Bind(done, endpoint)
				case 2:
					_ = s.Unbind(endpoint)
				case 3, 4:
					_ = s.Connect(endpoint)
				case 5:
					_ = s.Disconnect(endpoint)
				case 6:
					_ = from.Send(done, l.out(frames.Strings("x")))
					_, _ = from.Recv(done)
				default:
					_, _ = to.Recv(done)
					_ = to.Send(done, frames.Strings("x"))
				}
				_ = s.Stats()
			}
			for _, s := range sides {
				for _, endpoint := range endpoints {
					_ = s.Unbind(endpoint)
					_ = s.Disconnect(endpoint)
				}
			}
			for _, s := range sides {
				eventually(t, func() bool {
					s.mu.Lock()
					defer s.mu.Unlock()
					return len(s.peers) == 0 && len(s.dialers) == 0 && len(s.listeners) == 0 && s.accepted == 0 && s.online.Load() == 0
				})
			}
		})
	}
}
