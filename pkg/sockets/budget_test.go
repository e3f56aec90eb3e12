package sockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/topics"
)

// mostMemory is the memory that the peers of these tests may make a socket hold.
const mostMemory = 16 << 20

func withMemory(n int) Option { return func(o *Options) { o.MaxMemory = n } }

// pushAside writes text from a goroutine of its own: a socket that is short of
// memory does not read all of it, or ends the connection.
func (p *rawPeer) pushAside(text ...string) {
	go func() { _, _ = io.WriteString(p.Conn, strings.Join(text, "")) }()
}

// holds returns the memory in the account of what came in.
func (s *Socket) holds() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.intake.Held()
}

// Peers that send half of a large message and no more cannot fill the memory. A
// small message comes through meanwhile, and so does a large one, since the peers
// that do not move are sent away.
func TestMemoryOfHalfMessages(t *testing.T) {
	const size, limit, attackers = 2 << 20, 4 << 20, 8
	events, monitored := monitor(t)
	s := newSocket(t, Pull, withMemory(limit), monitored)
	endpoint := bind(t, s, anyPort)
	good := newSocket(t, Push)
	try(t, good.Connect(endpoint))
	before := heapInUse()
	half := longFrame(0, strings.Repeat("x", size))[:size*3/4]
	for range attackers {
		meet(t, endpoint, "PUSH").pushAside(half)
	}
	eventually(t, func() bool { return s.holds() > limit*2/3 })
	sendParts(t, good, "small")
	expectParts(t, s, "small")
	// One may exceed the limit: its buffer is up to twice what it holds.
	wantHeap(t, before, limit+2*size+(attackers+1)*peerCost+accountSlack)
	large := strings.Repeat("y", size)
	sendParts(t, good, large)
	for got := false; !got; {
		if held := s.holds(); held > limit+2*size {
			t.Fatalf("%d bytes are held", held)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		m, err := s.Recv(ctx)
		cancel()
		if got = err == nil; got && string(m[0]) != large {
			t.Error("it is not the large message that came")
		}
	}
	for e := events.await(EventSentAway); !errors.Is(e.Err, errHoldsBack); e = events.await(EventSentAway) {
	}
}

// Messages that wait for an application that does not read stay within the memory,
// whichever peers send them, and all of them arrive.
func TestMemoryUnread(t *testing.T) {
	const senders, each = 30, 8
	s := newSocket(t, Pull, withMemory(mostMemory))
	s.sweeping.Store(true) // none is sent away: on a busy machine each of them may look slow
	endpoint := bind(t, s, anyPort)
	var sending sync.WaitGroup
	defer sending.Wait()
	body := strings.Repeat("x", 500<<10)
	for i := range senders {
		push := newSocket(t, Push)
		try(t, push.Connect(endpoint))
		sending.Go(func() {
			for n := range each {
				if err := push.Send(within(t), frames.Strings(fmt.Sprint(i), fmt.Sprint(n), body)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		rest := 0
		for p := range s.peers {
			// One that was ahead of the others may have brought all that it has.
			if p.rest != awake || p.in.Count() == each {
				rest++
			}
		}
		return rest == senders
	})
	// A queue that is within its share takes one more buffer of what was read, and one
	// message may exceed all.
	if held := s.holds(); held > mostMemory+2*len(body)+senders*(256<<10) {
		t.Errorf("%d bytes are held", held)
	}
	next := make([]int, senders)
	for range senders * each {
		m, err := s.Recv(within(t))
		try(t, err)
		var from, n int
		_, _ = fmt.Sscan(string(m[0])+" "+string(m[1]), &from, &n) // what is no number fails below
		if n != next[from] || len(m) != 3 || string(m[2]) != body {
			t.Fatalf("message %d of sender %d came as %d", next[from], from, n)
		}
		next[from]++
	}
	eventually(t, func() bool { return s.holds() == 0 })
}

// Peers that ask for much and read no reply are sent away before the memory is full
// of replies. One that reads gets all of its own.
func TestMemoryOfReplies(t *testing.T) {
	const size, limit = 1 << 20, 4 << 20
	for _, kind := range []Type{Rep, Router} {
		t.Run(kind.String(), func(t *testing.T) {
			events, monitored := monitor(t)
			s := newSocket(t, kind, withMemory(limit), monitored, func(o *Options) { o.SendBuffer = 64 << 10 })
			endpoint := bind(t, s, anyPort)
			var echoing sync.WaitGroup
			defer echoing.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			echoing.Go(func() {
				var b frames.Batch
				for s.RecvBatch(ctx, &b) == nil && s.SendBatch(ctx, &b) == nil {
				}
			})
			request := message("", strings.Repeat("x", size))
			for range 12 {
				meet(t, endpoint, "REQ").pushAside(request, request)
			}
			good := newSocket(t, Req)
			try(t, good.Connect(endpoint))
			ask := strings.Repeat("y", size)
			for sent := false; !sent; {
				sendParts(t, good, ask)
				expectParts(t, good, ask)
				sent = events.heard(errHoldsBack)
			}
			sendParts(t, good, ask)
			expectParts(t, good, ask)
			eventually(t, func() bool { return s.outgoing.Held() <= limit+2*size })
		})
	}
}

// A message that is larger than all the memory comes and goes all the same.
func TestMemoryOfOneLargeMessage(t *testing.T) {
	keys := newKeys(t)
	for name, ends := range map[string][2]Option{
		"NULL":  {with(nil), with(nil)},
		"CURVE": {with(CurveServer(keys)), with(CurveClient(keys.Public, newKeys(t)))},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSocket(t, Router, withMemory(256<<10), ends[0])
			endpoint := bind(t, s, anyPort)
			var asking sync.WaitGroup
			defer asking.Wait()
			const askers, rounds = 4, 2
			for i := range askers {
				dealer := newSocket(t, Dealer, ends[1])
				try(t, dealer.Connect(endpoint))
				asking.Go(func() {
					large := strings.Repeat(string(rune('a'+i)), 600<<10)
					for range rounds {
						if err := dealer.Send(within(t), frames.Strings(large, "and", large)); err != nil {
							t.Error(err)
						}
						if m, err := dealer.Recv(within(t)); err != nil || len(m) != 3 || string(m[0]) != large || string(m[2]) != large {
							t.Error(err)
						}
					}
				})
			}
			for range askers * rounds {
				m, err := s.Recv(within(t))
				try(t, err)
				try(t, s.Send(within(t), m))
			}
			asking.Wait()
			eventually(t, func() bool { return s.holds() == 0 && s.outgoing.Held() == 0 })
			if n := s.Stats().Refused; n > 0 {
				t.Errorf("%d were sent away", n)
			}
		})
	}
}

// Subscribers that do not read share the messages that wait for them: these are
// counted once, and no subscriber is sent away.
func TestMemoryIsShared(t *testing.T) {
	const subscribers, count = 30, 100
	s := newSocket(t, Pub, withMemory(mostMemory))
	endpoint := bind(t, s, anyPort)
	for range subscribers {
		meet(t, endpoint, "SUB").send(subscription(1, false, ""))
	}
	try(t, s.WaitSubscribers(within(t), subscribers, nil))
	body := strings.Repeat("x", 64<<10)
	for range count {
		sendParts(t, s, body)
	}
	if n := s.Stats(); n.Dropped > 0 || n.Peers != subscribers {
		t.Errorf("%d dropped, %d of %d peers are left", n.Dropped, n.Peers, subscribers)
	}
	if held := s.outgoing.Held(); held < 1<<20 || held > 2*count*int64(len(body)) {
		t.Errorf("%d bytes are held", held)
	}
}

// A bound PUSH waits where the memory is full: what it took is not lost.
func TestMemoryOfWork(t *testing.T) {
	const pullers, count, limit = 20, 600, 2 << 20
	s := newSocket(t, Push, withMemory(limit), func(o *Options) { o.SendBuffer = 4096 })
	endpoint := bind(t, s, anyPort)
	var pulls []*rawPeer
	for range pullers {
		pulls = append(pulls, meet(t, endpoint, "PULL"))
	}
	try(t, s.WaitPeers(within(t), pullers))
	ctx, body := within(t), frames.Strings(strings.Repeat("x", 50<<10))
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		for range count {
			if err := s.Send(ctx, body); err != nil {
				t.Error(err)
				return
			}
		}
	})
	eventually(t, func() bool { return !s.outgoing.Allows(4 * len(body[0])) })
	got := make(chan struct{})
	defer close(got)
	for _, p := range pulls {
		go func() {
			for {
				if _, _, err := p.tryReadFrame(); err != nil {
					return
				}
				got <- struct{}{}
			}
		}()
	}
	for range count {
		if held := s.outgoing.Held(); held > limit+pullers*64<<10*2 {
			t.Fatalf("%d bytes are held", held)
		}
		<-got
	}
}

// A peer that takes more of the memory for subscriptions than is left is sent away;
// others have room.
func TestMemoryOfSubscriptions(t *testing.T) {
	for _, kind := range []Type{Pub, XPub} {
		t.Run(kind.String(), func(t *testing.T) {
			events, monitored := monitor(t)
			s := newSocket(t, kind, withMemory(1<<20), monitored, func(o *Options) { o.RecvHWM = 0 })
			endpoint := bind(t, s, anyPort)
			subscribeTo := func(n int) string {
				return manySubscriptions(n, func(i int) string { return fmt.Sprintf("topic %d", i) })
			}
			var greedy []*rawPeer
			for range 3 {
				p := meet(t, endpoint, "SUB")
				p.send(subscribeTo(1000))
				greedy = append(greedy, p)
			}
			try(t, s.WaitSubscribers(within(t), 3, []byte("topic 0")))
			greedy[1].pushAside(subscribeTo(3000))
			if e := events.await(EventProtocolError); !strings.Contains(e.Err.Error(), "1048576 bytes") {
				t.Error(e.Err)
			}
			good := newSocket(t, Sub)
			try(t, good.Subscribe([]byte("good")))
			try(t, good.Connect(endpoint))
			try(t, s.WaitSubscribers(within(t), 1, []byte("good")))
			greedy[0].hangUp()
			greedy[2].hangUp()
			eventually(t, func() bool {
				f := fanOutOf(s)
				f.mu.Lock()
				defer f.mu.Unlock()
				_, nothingElse := f.tree.All()
				return !nothingElse && int(*f.memory) <= topics.Part(len("good"))
			})
		})
	}
}
