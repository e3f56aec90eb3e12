package sockets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// Peers that send and do not read, and peers that go: nobody waits for them without
// need, and nothing that arrived is lost with them.

// lateConn is a connection whose writes return only when they are released, long
// after the other side has the bytes.
type lateConn struct {
	net.Conn
	arrived chan []byte
	letGo   chan struct{}
}

func (c *lateConn) Write(p []byte) (int, error) {
	c.arrived <- append([]byte(nil), p...)
	<-c.letGo
	return len(p), nil
}

// A message that the peer has does not count as queued, though its write has not
// returned: the peer's next request may be here before that.
func TestWrittenCountsAsLeft(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	c := &lateConn{near, make(chan []byte, 1), make(chan struct{})}
	var out queue.Outbox
	out.Open(queue.Settings{Marks: queue.Marks{Messages: 1}, Returns: true, Wake: func() {}, Freed: func() {}})
	out.Online(zmtp.NewConn(c, zmtp.Peer{Major: 3, Minor: 1}, nil, zmtp.Setup{}))
	defer out.Drop()
	wire := []byte(message("a reply"))
	for range 3 {
		if !out.Answer(wire, 1, queue.Load{}, nil) {
			t.Fatal("the peer is gone")
		}
		<-c.arrived
		if out.Crowded() || !out.RoomFor() || out.Waiting() != 0 {
			t.Error("what the peer has is still counted")
		}
		c.letGo <- struct{}{}
	}
}

// answering runs f for each type that answers, with a way to serve it: every
// message is sent back, until the test ends.
func answering(t *testing.T, opts []Option, f func(t *testing.T, s *Socket, peerType string, wrap func(string) string)) {
	t.Helper()
	plain := func(text string) string { return message(text) }
	for _, c := range []struct {
		name, peerType string
		kind           Type
		wrap           func(string) string
		tickets        bool
	}{
		{"REP", "REQ", Rep, func(text string) string { return message("", text) }, false},
		{"ROUTER", "DEALER", Router, plain, false},
		{"ROUTER by ticket", "DEALER", Router, plain, true},
		{"DEALER by ticket", "DEALER", Dealer, plain, true},
		{"PAIR by ticket", "PAIR", Pair, plain, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSocket(t, c.kind, append([]Option{func(o *Options) { o.NoDrop = c.kind == Router }}, opts...)...)
			ctx, cancel := context.WithCancel(t.Context())
			var serving sync.WaitGroup
			defer serving.Wait()
			defer cancel()
			serving.Go(func() {
				var b frames.Batch
				var tickets []Ticket
				for {
					var err error
					if c.tickets {
						if tickets, err = s.RecvRequests(ctx, &b, 0, tickets); err == nil {
							_, err = s.Reply(tickets, &b)
						}
					} else if err = s.RecvBatch(ctx, &b); err == nil {
						for b.Len() > 0 && (err == nil || errors.As(err, new(*UnroutableError))) {
							err = s.SendBatch(ctx, &b)
						}
						if errors.As(err, new(*UnroutableError)) {
							err = nil
						}
					}
					if err != nil {
						return
					}
				}
			})
			f(t, s, c.peerType, c.wrap)
		})
	}
}

// small queues and buffers, so that they are soon full.
func small(o *Options) {
	o.SendHWM, o.RecvHWM, o.SendBuffer, o.RecvBuffer = 10, 10, 4096, 4096
}

// fill sends messages until the socket does not take any more for a while.
func (p *rawPeer) fill(wire string) {
	p.t.Helper()
	try(p.t, p.SetWriteDeadline(time.Now().Add(300*time.Millisecond)))
	for {
		if _, err := p.Write([]byte(wire)); err != nil {
			break
		}
	}
	try(p.t, p.SetWriteDeadline(time.Now().Add(watchdog)))
}

// A peer that sends and does not read holds up only itself: others are served while
// it is there and after it left.
func TestOthersAreServed(t *testing.T) {
	answering(t, []Option{small}, func(t *testing.T, s *Socket, peerType string, wrap func(string) string) {
		t.Helper()
		for _, transport := range []string{"tcp", "ipc"} {
			endpoint := bind(t, s, endpointOn(t, transport))
			greedy := meet(t, endpoint, peerType)
			greedy.fill(wrap(strings.Repeat("x", 1000)))
			serve := func() {
				t.Helper()
				good := meet(t, endpoint, peerType)
				for i := range 20 {
					good.send(wrap(fmt.Sprint(i)))
					if got, want := good.readMessage(), fmt.Sprint(i); string(got[len(got)-1]) != want {
						t.Fatalf("received %s, want %s", spell(got), want)
					}
				}
				good.hangUp()
				eventually(t, func() bool { return s.Stats().Peers <= 1 })
			}
			if s.Type() != Pair {
				serve()
			}
			greedy.hangUp()
			eventually(t, func() bool { return s.Stats().Peers == 0 })
			serve()
			eventually(t, func() bool { return s.Stats().Peers == 0 })
		}
	})
}

// All pipelined requests of a peer that reads are answered, however small the
// marks.
func TestPipelinedRequests(t *testing.T) {
	for _, hwm := range []int{1, 3, 1000} {
		t.Run(fmt.Sprint(hwm), func(t *testing.T) {
			answering(t, []Option{small, func(o *Options) { o.SendHWM, o.RecvHWM = hwm, hwm }}, func(t *testing.T, s *Socket, peerType string, wrap func(string) string) {
				t.Helper()
				const count = 3000
				p := meet(t, bind(t, s, endpointOn(t, "ipc")), peerType)
				go func() {
					var all strings.Builder
					for i := range count {
						all.WriteString(wrap(fmt.Sprint(i)))
					}
					p.send(all.String())
				}()
				for i := range count {
					if got, want := p.readMessage(), fmt.Sprint(i); string(got[len(got)-1]) != want {
						t.Fatalf("received %s, want %s", spell(got), want)
					}
				}
				if st := s.Stats(); st.Dropped+st.Lost+st.Unroutable > 0 {
					t.Errorf("%+v", st)
				}
			})
		})
	}
}

// Messages that a peer sent before it left are delivered, though a reply, or the
// PONG for its PING, could not be written any more.
func TestArrivedIsDelivered(t *testing.T) {
	const count = 300
	for _, transport := range []string{"tcp", "ipc"} {
		t.Run(transport, func(t *testing.T) {
			for kind, peerType := range map[Type]string{Rep: "REQ", Router: "DEALER", Dealer: "DEALER", Pair: "PAIR", Pull: "PUSH"} {
				t.Run(kind.String(), func(t *testing.T) {
					s := newSocket(t, kind, func(o *Options) { o.RecvHWM = 10 })
					p := meet(t, bind(t, s, endpointOn(t, transport)), peerType)
					var all strings.Builder
					for i := range count {
						all.WriteString(command("PING", "\x00\x00"))
						all.WriteString(message("", fmt.Sprint(i)))
					}
					p.send(all.String())
					p.hangUp()
					for i := range count {
						m, err := s.Recv(within(t))
						if err != nil || string(m[len(m)-1]) != fmt.Sprint(i) {
							t.Fatalf("message %d: %s, %v", i, spell(m), err)
						}
						if kind.Sends() {
							var gone *UnroutableError
							ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
							if err := s.Send(ctx, m); err != nil && !errors.As(err, &gone) && !errors.Is(err, context.DeadlineExceeded) {
								t.Fatal(err)
							}
							cancel()
						}
					}
				})
			}
		})
	}
}

// The end of a connection is noticed though nobody takes the messages that came on
// it.
func TestEndIsNoticedBehindAFullQueue(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			s := newSocket(t, Pair, func(o *Options) { o.RecvHWM = 1 })
			endpoint := bind(t, s, endpointOn(t, transport))
			leave := func() {
				peer := newSocket(t, Pair, func(o *Options) { o.Linger = 0 })
				try(t, peer.Connect(endpoint))
				try(t, s.WaitPeers(within(t), 1))
				for range 5 {
					sendParts(t, peer, "unread")
				}
				eventually(t, func() bool { return s.waiting() > 0 })
				_ = peer.Close()
			}
			leave()
			eventually(t, func() bool { return s.Stats().Peers == 0 })
			leave() // its place is free
			eventually(t, func() bool { return s.Stats().Peers == 0 })
		})
	}
}

// A peer that we connected to and that left is connected to again, though nobody
// takes its messages and the sender waits for it.
func TestReturnsBehindAFullQueue(t *testing.T) {
	l := listenRaw(t, anyPort)
	s := newSocket(t, Pair, small, quickly)
	try(t, s.Connect(l.endpoint))
	p := l.meet("PAIR")
	p.fill(message(strings.Repeat("x", 1000)))
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < 200 && err == nil; i++ {
			err = s.Send(within(t), frames.Strings(strings.Repeat("y", 1000)))
		}
		done <- err
	}()
	eventually(t, func() bool { return s.Stats().Queued >= 10 })
	p.hangUp()
	p = l.meet("PAIR")
	for received := 0; received < 10; received++ {
		p.expectMessage(strings.Repeat("y", 1000))
	}
	p.hangUp()
	_ = s.CloseContext(t.Context())
	if err := <-done; !errors.Is(err, ErrClosed) && err != nil {
		t.Error(err)
	}
}

// A reply by ticket goes to the peer that sent the request, whatever the others
// do; one that has gone gets none, and that is counted.
func TestRepliesGoBack(t *testing.T) {
	for kind, peerType := range map[Type]string{Router: "DEALER", Dealer: "ROUTER"} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind)
			endpoint := bind(t, s, anyPort)
			var peers []*rawPeer
			for i := range 5 {
				p := meet(t, endpoint, peerType)
				p.send(message(fmt.Sprint("from ", i)))
				p.settle()
				peers = append(peers, p)
			}
			var b frames.Batch
			var held []Ticket
			requests := map[string]Ticket{}
			for len(requests) < len(peers) {
				var err error
				held, err = s.RecvRequests(within(t), &b, 1, held)
				try(t, err)
				m := b.Next()
				requests[string(m[len(m)-1])] = held[0]
			}
			peers[3].hangUp()
			eventually(t, func() bool { return s.Stats().Peers == 4 })
			gone := 0
			for i := len(peers) - 1; i >= 0; i-- {
				b.Reset()
				reply := frames.Strings(fmt.Sprint("to ", i))
				if kind == Router {
					reply = frames.Strings("an id that nobody looks at", fmt.Sprint("to ", i))
				}
				b.Append(reply)
				n, err := s.Reply([]Ticket{requests[fmt.Sprint("from ", i)]}, &b)
				try(t, err)
				gone += n
			}
			for i, p := range peers {
				if i != 3 {
					p.expectMessage(fmt.Sprint("to ", i))
				}
			}
			if st := s.Stats(); gone != 1 || st.Dropped != 1 {
				t.Errorf("%d gone, %+v", gone, st)
			}
		})
	}
}

// A ROUTER that may not drop waits for a peer that takes nothing, as long as no
// messages for others wait behind it. Once some do, that peer has StallTimeout.
func TestStalledPeerIsGivenUp(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Router, small, monitored, func(o *Options) { o.Mandatory, o.StallTimeout = true, 200*time.Millisecond })
	endpoint := bind(t, s, anyPort)
	stalled := meet(t, endpoint, "DEALER", prop("Identity", "stalled"))
	good := meet(t, endpoint, "DEALER", prop("Identity", "good"))
	try(t, s.WaitPeers(within(t), 2))
	text := strings.Repeat("x", 1000)
	var err error
	for err == nil {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err = s.Send(ctx, frames.Strings("stalled", text))
		cancel()
	}
	if !errors.Is(err, context.DeadlineExceeded) || s.Stats().Lost > 0 || events.count(EventStalled) > 0 {
		t.Fatalf("nobody waits, %v: %+v", err, s.Stats())
	}
	// What the system was being offered when the last one was sent did not count.
	queued := s.Stats().Queued
	if queued < 20 || queued > 40 {
		t.Errorf("%d messages are queued, want the mark twice", queued)
	}
	var b frames.Batch
	b.Append(frames.Strings("stalled", text))
	b.Append(frames.Strings("good", "hello"))
	var gone *UnroutableError
	if err := s.SendBatch(within(t), &b); !errors.As(err, &gone) {
		t.Fatal(err)
	}
	try(t, s.SendBatch(within(t), &b))
	good.expectMessage("hello")
	if e := events.await(EventStalled); !strings.Contains(e.Err.Error(), "took nothing for 200ms") {
		t.Error(e.Err)
	}
	if st := s.Stats(); st.Lost != uint64(queued) {
		t.Errorf("%d messages are lost, want the %d that were queued", st.Lost, queued)
	}
	_ = stalled.expectClosed()
}

// The sender knows whether messages for others wait, and Backlog asks it while it
// waits itself.
func TestStalledPeerIsGivenUpForWhatIsAhead(t *testing.T) {
	events, monitored := monitor(t)
	const looks = 5
	asked := make(chan string, looks)
	var ahead atomic.Bool
	s := newSocket(t, Router, small, monitored, func(o *Options) {
		o.Mandatory, o.StallTimeout = true, 100*time.Millisecond
		o.Backlog = func(id []byte) bool {
			select {
			case asked <- string(id):
			default:
			}
			return ahead.Load()
		}
	})
	endpoint := bind(t, s, anyPort)
	stalled := meet(t, endpoint, "DEALER", prop("Identity", "stalled"))
	_ = meet(t, endpoint, "DEALER", prop("Identity", "idle"))
	try(t, s.WaitPeers(within(t), 2))
	sent := make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			err = s.Send(within(t), frames.Strings("stalled", strings.Repeat("x", 1000)))
		}
		sent <- err
	}()
	for range looks {
		if id := <-asked; id != "stalled" {
			t.Fatalf("asked about %q", id)
		}
	}
	if events.count(EventStalled) > 0 {
		t.Fatal("it had to go, and nobody waits")
	}
	ahead.Store(true)
	events.await(EventStalled)
	var gone *UnroutableError
	if err := <-sent; !errors.As(err, &gone) {
		t.Error(err)
	}
	_ = stalled.expectClosed()
}

// The only peer is given up where others than peers of the socket wait.
func TestLonePeerIsGivenUpForOthers(t *testing.T) {
	events, monitored := monitor(t)
	asked := make(chan struct{}, 1)
	var held atomic.Bool
	s := newSocket(t, Router, small, monitored, func(o *Options) {
		o.Mandatory, o.StallTimeout, o.HoldsUp = true, 100*time.Millisecond, true
		o.Backlog = func([]byte) bool {
			select {
			case asked <- struct{}{}:
			default:
			}
			return held.Load()
		}
	})
	stalled := meet(t, bind(t, s, anyPort), "DEALER", prop("Identity", "stalled"))
	try(t, s.WaitPeers(within(t), 1))
	sent := make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			err = s.Send(within(t), frames.Strings("stalled", strings.Repeat("x", 1000)))
		}
		sent <- err
	}()
	<-asked
	if events.count(EventStalled) > 0 {
		t.Fatal("it had to go, and nobody waits")
	}
	held.Store(true)
	events.await(EventStalled)
	var gone *UnroutableError
	if err := <-sent; !errors.As(err, &gone) {
		t.Error(err)
	}
	_ = stalled.expectClosed()
}

// For messages that a proxy has not taken it is known which peers they are for, as
// long as they are seen.
func TestHeldForOthers(t *testing.T) {
	for _, kind := range []Type{Dealer, Router} {
		s := newSocket(t, kind, func(o *Options) { o.RecvHWM = 3 })
		endpoint := bind(t, s, anyPort)
		want := func(a, b bool) {
			t.Helper()
			if gotA, gotB := s.holdsForOthers([]byte("a")), s.holdsForOthers([]byte("b")); gotA != a || gotB != b {
				t.Errorf("%v: for others than a %v, than b %v; want %v, %v", kind, gotA, gotB, a, b)
			}
		}
		want(false, false)
		first := meet(t, endpoint, "DEALER", prop("Identity", "a"))
		first.send(message("a", "x"))
		first.send(message("a", "x"))
		eventually(t, func() bool { return s.waiting() == 2 })
		want(false, true)
		second := meet(t, endpoint, "DEALER", prop("Identity", "b"))
		second.send(message("b", "x"))
		eventually(t, func() bool { return s.waiting() == 3 })
		want(true, true)
		if kind == Router {
			continue
		}
		// Where the queue is full there may be more, for any peer.
		other := newSocket(t, kind, func(o *Options) { o.RecvHWM = 3 })
		full := meet(t, bind(t, other, anyPort), "ROUTER")
		for range 100 {
			full.send(message("a", "x"))
		}
		eventually(t, func() bool { return other.holdsForOthers([]byte("a")) })
	}
}

// A peer that is slow, but takes something, is waited for.
func TestSlowPeerIsWaitedFor(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Router, small, monitored, func(o *Options) { o.Mandatory, o.StallTimeout = true, time.Second })
	endpoint := bind(t, s, anyPort)
	slow := meet(t, endpoint, "DEALER", prop("Identity", "slow"))
	good := meet(t, endpoint, "DEALER", prop("Identity", "good"))
	try(t, s.WaitPeers(within(t), 2))
	const count = 60
	text := strings.Repeat("x", 10000)
	var b frames.Batch
	for range count {
		b.Append(frames.Strings("slow", text))
		b.Append(frames.Strings("good", "hello"))
	}
	sent := make(chan error, 1)
	go func() { sent <- s.SendBatch(within(t), &b) }()
	for range count {
		slow.expectMessage(text)
		good.expectMessage("hello")
	}
	try(t, <-sent)
	if st := s.Stats(); st.Lost+st.Dropped > 0 || events.count(EventStalled) > 0 {
		t.Errorf("%+v", st)
	}
}

// Schedules of peers that read, read late, or leave, on a socket that answers by
// ticket with small marks: each peer that stays gets each reply once and in order,
// and every message that arrived is received.
func TestSchedulesOfAnswers(t *testing.T) {
	eachSchedule(t, func(t *testing.T, w *world) {
		t.Helper()
		kind := []Type{Router, Dealer}[w.below(2)]
		hwm := 1 + w.below(4)
		s, end := w.socket(kind, func(o *Options) { o.SendHWM, o.RecvHWM, o.Mandatory = hwm, hwm, kind == Router })
		_, err := s.Bind(context.Background(), w.endpoint)
		try(t, err)
		var served sync.WaitGroup
		served.Go(func() {
			var b, reply frames.Batch
			var tickets []Ticket
			for {
				var err error
				if tickets, err = s.RecvRequests(context.Background(), &b, w.below(3), tickets); err != nil {
					return
				}
				reply.Reset()
				reply.AppendBatch(&b)
				if w.below(4) == 0 {
					w.rest(5 * time.Millisecond)
				}
				if _, err := s.Reply(tickets, &reply); err != nil {
					return
				}
			}
		})
		var peers sync.WaitGroup
		for i := range 2 + w.below(4) {
			peers.Go(func() { w.converse(i, hwm) })
		}
		peers.Wait()
		var left *UnsentError // for those who left
		if err := end(); err != nil && !errors.As(err, &left) {
			t.Error(err)
		}
		served.Wait()
	})
}

// converse is a peer that sends requests and reads replies, each at its own pace, or
// leaves in the middle of it.
func (w *world) converse(number, hwm int) {
	s, end := w.socket(Dealer, func(o *Options) { o.SendHWM, o.RecvHWM = hwm, hwm })
	defer func() { _ = end() }()
	try(w, s.Connect(w.endpoint))
	count, leaves := 1+w.below(60), w.below(3) == 0
	go func() {
		for i := range count {
			if s.Send(context.Background(), frames.Strings(fmt.Sprint(number, " ", i), strings.Repeat("x", w.below(20000)))) != nil {
				return
			}
		}
	}()
	if w.below(2) == 0 {
		w.rest(100 * time.Millisecond)
	}
	for i := range count {
		if leaves && w.below(20) == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		m, err := s.Recv(ctx)
		cancel()
		if want := fmt.Sprint(number, " ", i); err != nil || string(m[0]) != want {
			w.failf("peer %d received %s, %v, want %s", number, spell(m), err, want)
			return
		}
		if w.below(10) == 0 {
			w.rest(20 * time.Millisecond)
		}
	}
}
