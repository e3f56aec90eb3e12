package sockets

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// keeps has an XPUB keep last values.
func keeps(o *Options) { o.LastValueBytes = 64 << 20 }

// keeper returns an XPUB that keeps last values, and its endpoint.
func keeper(t testing.TB, opts ...Option) (pub *Socket, endpoint string) {
	t.Helper()
	pub = newSocket(t, XPub, append([]Option{keeps}, opts...)...)
	return pub, bind(t, pub, anyPort)
}

// TestLastValue: who subscribes gets the newest message of each topic that matches, and
// what comes later; a topic that is deleted does not come, nor does one that an earlier
// subscription covers.
func TestLastValue(t *testing.T) {
	pub, endpoint := keeper(t)
	for _, m := range [][]string{{"b", "1"}, {"a", "old"}, {"ab", "", "2"}, {"a", "1"}, {"gone", "1"}, {"gone"}, {"never"}, {"", "empty"}} {
		sendParts(t, pub, m...)
	}
	if st := pub.Stats(); st.Kept != 4 || st.KeptBytes < 4*lastValueMemory || st.LetGo != 0 || st.Dropped != 0 {
		t.Errorf("%+v", st)
	}
	p := meet(t, endpoint, "SUB")
	p.send(subscription(1, false, "a"))
	p.expectMessage("a", "1")
	p.expectMessage("ab", "", "2")
	p.send(subscription(0, false, "a"), subscription(1, false, "ab"), subscription(1, false, "x"))
	p.settle() // nothing that was covered
	sendParts(t, pub, "ab", "3")
	p.expectMessage("ab", "3")
	p.send(subscription(1, false, ""))
	p.expectMessage("", "empty")
	p.expectMessage("b", "1")
	p.settle()
	p.send(subscription(1, true, "a"), subscription(1, true, "ab"), subscription(1, false, "a"))
	p.settle() // "" covers it still
	p.send(subscription(1, true, ""), subscription(1, false, "b"), subscription(1, true, "a"), subscription(1, false, "ab"))
	p.expectMessage("b", "1") // nobody was told meanwhile what became of it
	p.expectMessage("ab", "3")
	sendParts(t, pub, "ab")
	p.expectMessage("ab")
	p.settle()
	p.hangUp()
	p = meet(t, endpoint, "SUB")
	p.send(subscription(1, false, ""))
	p.expectMessage("", "empty")
	p.expectMessage("a", "1")
	p.expectMessage("b", "1")
}

// TestLastValueCheck: what does not fit together is refused.
func TestLastValueCheck(t *testing.T) {
	for name, c := range map[string]struct {
		kind Type
		opt  Option
		want string
	}{
		"another type": {Pub, func(*Options) {}, "a PUB socket keeps no last values; an XPUB does"},
		"one message":  {XPub, func(o *Options) { o.Conflate = true }, "Conflate keeps one message of all topics"},
		"the others":   {XPub, func(o *Options) { o.InvertMatching = true }, "InvertMatching sends what a peer did not subscribe to"},
		"less":         {XPub, func(o *Options) { o.LastValueBytes = -1 }, "0 (none are kept) or more bytes"},
	} {
		if _, err := New(c.kind, keeps, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestLastValueOnConnectedPeer: a peer that an XPUB connects to subscribes anew when it
// comes back, and gets nothing that was meant for it before.
func TestLastValueOnConnectedPeer(t *testing.T) {
	pub := newSocket(t, XPub, keeps, quickly)
	l := listenRaw(t, anyPort)
	try(t, pub.Connect(l.endpoint))
	for i := range 3 {
		p := l.meet("SUB")
		p.send(subscription(1, false, "a"))
		if i > 0 {
			p.expectMessage("a", strconv.Itoa(i))
		}
		try(t, pub.WaitSubscribers(within(t), 1, []byte("a")))
		sendParts(t, pub, "a", strconv.Itoa(i+1))
		p.expectMessage("a", strconv.Itoa(i+1))
		p.hangUp()
		eventually(t, func() bool { return pub.Stats().Peers == 0 })
	}
}

// TestLastValueLimit: the memory for what is kept is the heap's, and stays within the
// limit; the topics that did not change for longest are let go, and reported.
func TestLastValueLimit(t *testing.T) {
	const limit = 8 << 20
	ctx := within(t)
	events, monitored := monitor(t)
	before := liveHeapOf(t)
	pub, endpoint := keeper(t, monitored, func(o *Options) { o.LastValueBytes = limit })
	body := make([]byte, 3000)
	const many = 10_000
	for i := range many {
		try(t, pub.Send(ctx, frames.Message{fmt.Appendf(nil, "topic %d", i), body[:i%len(body)]}))
		try(t, pub.Send(ctx, frames.Strings("often", strconv.Itoa(i))))
	}
	try(t, pub.Send(ctx, frames.Message{[]byte("often"), make([]byte, 2*limit)}))
	try(t, pub.Send(ctx, frames.Message{make([]byte, 2<<20), []byte("a topic longer than a prefix may be")}))
	st := pub.Stats()
	grown := liveHeapOf(t) - before
	if st.KeptBytes > limit || st.KeptBytes < limit*9/10 || grown > limit+limit/4+1<<20 || grown < int64(st.KeptBytes)*8/10 {
		t.Errorf("%d bytes of %d are kept, %d on the heap", st.KeptBytes, limit, grown)
	}
	if int(st.LetGo) != many+1-st.Kept+1 || st.Kept < 1000 {
		t.Errorf("%d topics are kept, %d were let go", st.Kept, st.LetGo)
	}
	if e := events.await(EventLetGo); e.Value < 1 || e.Endpoint != endpoint {
		t.Errorf("%+v", e)
	}
	p := meet(t, endpoint, "SUB")
	p.send(subscription(1, false, "topic "+strconv.Itoa(many-1)), subscription(1, false, "often"), subscription(1, false, "topic 0"))
	if m := p.readMessage(); string(m[0]) != "topic "+strconv.Itoa(many-1) {
		t.Errorf("received %s", spell(m))
	}
	p.settle()
	runtime.KeepAlive(pub)
}

// liveHeapOf returns the bytes in use after collections that empty the pools, too.
func liveHeapOf(t *testing.T) int64 {
	t.Helper()
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestLastValueCrowd: a hundred thousand topics reach each subscriber whole, whatever
// its high-water mark and whoever is slow, with what is published meanwhile; one that
// reads nothing has half a queue and holds up nobody.
func TestLastValueCrowd(t *testing.T) {
	const many = 100_000
	ctx := t.Context()
	pub, endpoint := keeper(t)
	topic := func(i int) []byte { return fmt.Appendf(nil, "t%06d", i) }
	var b frames.Batch
	for i := range many {
		b.Append(frames.Message{topic(i), []byte("1"), make([]byte, 100)})
	}
	try(t, pub.SendBatch(within(t), &b))
	if st := pub.Stats(); st.Kept != many || st.LetGo > 0 {
		t.Fatalf("%+v", st)
	}
	stuck := meet(t, endpoint, "SUB")
	stuck.send(subscription(1, false, ""))
	try(t, pub.WaitSubscribers(within(t), 1, nil))
	var readers sync.WaitGroup
	for _, hwm := range []int{50, 1000, 0} {
		sub := newSocket(t, Sub, func(o *Options) { o.RecvHWM = hwm })
		try(t, sub.Subscribe(nil))
		try(t, sub.Connect(endpoint))
		readers.Go(func() {
			seen := map[string]int{}
			for len(seen) < many || seen[string(topic(0))] < 3 || seen[string(topic(many-1))] < 3 {
				m, err := sub.Recv(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				version, _ := strconv.Atoi(string(m[1]))
				if version <= seen[string(m[0])] {
					t.Errorf("%s: %d came behind %d", m[0], version, seen[string(m[0])])
				}
				seen[string(m[0])] = version
			}
		})
	}
	try(t, pub.WaitSubscribers(within(t), 4, nil))
	for _, version := range []string{"2", "3"} {
		for _, i := range []int{0, many - 1} {
			try(t, pub.Send(ctx, frames.Message{topic(i), []byte(version)}))
		}
	}
	readers.Wait()
	if n := pub.Stats().Queued; n > 1000 {
		t.Errorf("%d messages are queued for who reads nothing", n)
	}
	pub.mu.Lock()
	defer pub.mu.Unlock()
	if n := len(pub.pattern.(*xpub).out.values.fed); n != 1 {
		t.Errorf("%d are still being fed", n)
	}
}

// TestLastValueLate: what a peer sends while it is fed waits until it has taken what it
// asked for, subscriptions inside a message too; its other messages do not.
func TestLastValueLate(t *testing.T) {
	const many, size = 64, 64 << 10
	// The system takes less than it is fed, until it reads.
	pub, endpoint := keeper(t, func(o *Options) { o.Verboser, o.SendBuffer = true, 64<<10 })
	for i := range many {
		try(t, pub.Send(within(t), frames.Message{fmt.Appendf(nil, "a%02d", i), make([]byte, size)}))
	}
	sendParts(t, pub, "b", "1")
	p := meet(t, endpoint, "XSUB")
	p.send(subscription(1, false, "a"), message("first"), frame(1, "part"), subscription(1, false, "b"), frame(1, "of"),
		frame(1, "\x00a"), frame(0, "message"), subscription(1, true, "b"), message("last"))
	expectParts(t, pub, "\x01a")
	expectParts(t, pub, "first")
	try(t, pub.WaitSubscribers(within(t), 1, []byte("a")))
	if n, err := pub.subscribersOf("b"); n != 0 || err != nil {
		t.Errorf("%d have subscribed to what has to wait, %v", n, err)
	}
	for i := range many {
		if m := p.readMessage(); string(m[0]) != fmt.Sprintf("a%02d", i) || len(m[1]) != size {
			t.Fatalf("received %s", spell(m))
		}
	}
	p.expectMessage("b", "1")
	expectParts(t, pub, "part", "\x01b")
	expectParts(t, pub, "of", "\x00a")
	expectParts(t, pub, "message")
	expectParts(t, pub, "\x00b")
	expectParts(t, pub, "last")
	sendParts(t, pub, "b", "2")
	sendParts(t, pub, "a00", "2")
	p.settle()
}

// TestLastValueLateIsNoticed: who waits for a subscription hears of it also where what came
// with it has to wait.
func TestLastValueLateIsNoticed(t *testing.T) {
	pub, endpoint := keeper(t, func(o *Options) { o.SendBuffer = 64 << 10 })
	for i := range 64 {
		try(t, pub.Send(within(t), frames.Message{fmt.Appendf(nil, "a%02d", i), make([]byte, 64<<10)}))
	}
	p := meet(t, endpoint, "XSUB")
	try(t, pub.WaitPeers(within(t), 1))
	met := make(chan error, 1)
	go func() { met <- pub.WaitSubscribers(within(t), 1, []byte("a")) }()
	eventually(t, func() bool {
		pub.mu.Lock()
		defer pub.mu.Unlock()
		return pub.news != nil
	})
	p.send(subscription(1, false, "a") + subscription(1, false, "b"))
	try(t, <-met)
}

// subscribersOf counts who would get a topic.
func (s *Socket) subscribersOf(topic string) (int, error) {
	p, ok := s.pattern.(publisher)
	if !ok {
		return 0, ErrDirection
	}
	return p.subscribers([]byte(topic)), nil
}

// TestLastValueLeaves: a peer that leaves while it is fed, with more subscriptions on
// their way, is forgotten; what it sent is received.
func TestLastValueLeaves(t *testing.T) {
	pub, endpoint := keeper(t)
	for i := range 64 {
		try(t, pub.Send(within(t), frames.Message{fmt.Appendf(nil, "a%02d", i), make([]byte, 256<<10)}))
	}
	for range 10 {
		p := meet(t, endpoint, "XSUB")
		p.send(subscription(1, false, "a"), subscription(1, false, "b"), message("last"), subscription(1, true, "a"))
		expectParts(t, pub, "\x01a")
		p.hangUp()
		for _, want := range []string{"\x01b", "last", "\x00a"} {
			expectParts(t, pub, want)
		}
		expectParts(t, pub, "\x00b")
	}
	eventually(t, func() bool {
		pub.mu.Lock()
		defer pub.mu.Unlock()
		f := &pub.pattern.(*xpub).out
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.values.fed) == 0
	})
}

// TestLastValueClose: Close feeds on within the linger, and counts what it could not.
func TestLastValueClose(t *testing.T) {
	const many = 200
	fill := func(linger Option) (*Socket, *rawPeer) {
		pub, endpoint := keeper(t, linger)
		for i := range many {
			try(t, pub.Send(within(t), frames.Message{fmt.Appendf(nil, "%03d", i), make([]byte, 256<<10)}))
		}
		p := meet(t, endpoint, "SUB")
		p.send(subscription(1, false, ""))
		try(t, pub.WaitSubscribers(within(t), 1, nil))
		return pub, p
	}
	pub, p := fill(func(o *Options) { o.Linger = watchdog })
	closed := make(chan error, 1)
	go func() { closed <- pub.Close() }()
	for i := range many {
		if m := p.readMessage(); string(m[0]) != fmt.Sprintf("%03d", i) {
			t.Fatalf("received %s", spell(m))
		}
	}
	p.hangUp()
	try(t, <-closed)

	pub, _ = fill(func(o *Options) { o.Linger = 0 })
	var left *UnsentError
	if err := pub.Close(); !errors.As(err, &left) || left.Messages < many/2 || left.Messages > many {
		t.Errorf("%v", err)
	}
}

// TestLastValueMissed: a topic that is let go before its turn counts as dropped for
// each peer that was to get it.
func TestLastValueMissed(t *testing.T) {
	const many, size = 32, 512 << 10
	pub, endpoint := keeper(t, func(o *Options) { o.LastValueBytes = (many + 2) * size })
	for i := range many {
		try(t, pub.Send(within(t), frames.Message{fmt.Appendf(nil, "%02d", i), make([]byte, size)}))
	}
	p := meet(t, endpoint, "SUB")
	p.send(subscription(1, false, ""))
	try(t, pub.WaitSubscribers(within(t), 1, nil))
	for i := range many { // all of the above are let go, and some have left
		try(t, pub.Send(within(t), frames.Message{fmt.Appendf(nil, "x%02d", i), bytes.Repeat([]byte("x"), size)}))
	}
	st := pub.Stats()
	if st.LetGo < many-2 || st.Dropped < many/2 {
		t.Errorf("%d let go, %d dropped", st.LetGo, st.Dropped)
	}
	f := &pub.pattern.(*xpub).out
	f.mu.Lock()
	for p := range f.values.fed {
		if e := p.feed.next; f.values.table.Find(e.topic()) != e || e.awaited != 1 {
			t.Errorf("%q is next, which is let go", e.topic())
		}
	}
	f.mu.Unlock()
	var got []string
	for range 2*many - int(st.Dropped) {
		got = append(got, string(p.readMessage()[0]))
	}
	if !slices.IsSorted(got) || got[len(got)-1] != fmt.Sprintf("x%02d", many-1) {
		t.Errorf("received %q", got)
	}
	p.settle()
}

// TestLastValueLibzmq: a subscriber of libzmq gets all of very many topics, once.
func TestLastValueLibzmq(t *testing.T) {
	const many = 100_000
	pub, endpoint := keeper(t)
	var b frames.Batch
	for i := range many {
		b.Append(frames.Strings(fmt.Sprintf("t%06d", i), "1"))
	}
	try(t, pub.SendBatch(t.Context(), &b))
	z := startLibzmq(t, Sub, "--connect", endpoint, "--count", strconv.Itoa(many+1))
	for i := range many {
		if want := fmt.Sprintf(`["t%06d","1"]`, i); !z.lines.Scan() || z.lines.Text() != want {
			t.Fatalf("received %s, %v, want %s", z.lines.Text(), z.lines.Err(), want)
		}
	}
	sendParts(t, pub, "t000000", "2")
	z.prints(frames.Strings("t000000", "2"))
}
