//go:build linux

package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// good is the number of peers that go on beside one that sends and does not read.
const good = 9

// stalls are the commands that such a peer may not hold up.
var stalls = []struct {
	name   string
	args   []string
	kind   sockets.Type // of the peers
	asks   bool         // the stalled one puts a delimiter in front
	behind []string     // what serves at the back of a proxy
	hand   bool         // what comes out goes back in by hand
}{
	{name: "rep --echo", args: []string{"rep", "--echo"}, kind: sockets.Req, asks: true},
	{name: "router --echo", args: []string{"router", "--echo"}, kind: sockets.Dealer},
	{name: "router --exec cat --jobs 4", args: []string{"router", "--exec", "cat", "--jobs", "4"}, kind: sockets.Dealer},
	{name: "router --filter cat", args: []string{"router", "--filter", "cat"}, kind: sockets.Dealer},
	{name: "router, its output fed back by hand", args: []string{"router"}, kind: sockets.Dealer, hand: true},
	{name: "dealer --echo", args: []string{"dealer", "--echo"}, kind: sockets.Dealer},
	{name: "proxy to rep --echo", args: []string{"proxy"}, kind: sockets.Req, asks: true, behind: []string{"rep", "--echo"}},
	{name: "proxy --filter cat to rep --echo", args: []string{"proxy", "--filter", "cat"}, kind: sockets.Req, asks: true, behind: []string{"rep", "--echo"}},
}

// TestStalledPeer measures how a tenth peer, which sends and does not read, affects
// nine peers that ask in turns. The commands take turns, too, where the figures are
// wanted.
func TestStalledPeer(t *testing.T) {
	for i, c := range stalls {
		t.Run(c.name, func(t *testing.T) {
			if !measuring() {
				t.Parallel()
			}
			bound := freeEndpoint(t)
			args := slices.Concat(c.args, []string{"-b", bound})
			if c.behind != nil {
				back := freeEndpoint(t)
				args = slices.Concat(c.args, []string{bound, back})
				start(t, home, func([]byte) {}, with(zcat, slices.Concat(c.behind, []string{"-c", back})...)...)
			}
			var served *process
			begun := make(chan struct{})
			served = start(t, home, func(line []byte) {
				if <-begun; c.hand {
					_ = served.feed(string(line) + "\n") // it may have ended
				}
			}, with(zcat, args...)...)
			close(begun)
			peers := newCrowd(t, c.kind, bound)
			quiet := peers.ask(t)
			leave := stall(t, bound, c.asks)
			beside := peers.ask(t)
			leave()
			after := peers.ask(t)
			noteFigure(figure{
				order:    900 + i,
				load:     fmt.Sprintf("%s, one peer sends and does not read, %d others ask in turns", c.name, good),
				measured: fmt.Sprintf("a round trip of theirs: %v without it, %v beside it, %v once it has left", quiet, beside, after),
			})
		})
	}
}

// crowd holds the peers that go on.
type crowd []*sockets.Socket

func newCrowd(t *testing.T, kind sockets.Type, endpoint string) crowd {
	t.Helper()
	var peers crowd
	for range good {
		s, err := sockets.New(kind, func(o *sockets.Options) { o.Linger = 0 })
		if err == nil {
			err = s.Connect(endpoint)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // it is of no use any more
		peers = append(peers, s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, s := range peers {
		if err := s.WaitPeers(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	return peers
}

// ask makes each peer ask, fifty times a second, until it has had twenty replies, and
// for a while where the figures are wanted. Each reply has to be its own.
func (c crowd) ask(t *testing.T) spread {
	t.Helper()
	var asking sync.WaitGroup
	var mu sync.Mutex
	var took spread
	var wrong atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	until := time.Now()
	if measuring() {
		until = until.Add(2 * time.Second)
	}
	for i, s := range c {
		asking.Go(func() {
			turn := time.NewTicker(20 * time.Millisecond)
			defer turn.Stop()
			for n := 0; n < 20 || time.Now().Before(until); n++ {
				begun := time.Now()
				m := frames.Strings(fmt.Sprintf("%d.%d", i, n))
				err := s.Send(ctx, m)
				var reply frames.Message
				if err == nil {
					reply, err = s.Recv(ctx)
				}
				if err != nil || len(reply) != 1 || string(reply[0]) != string(m[0]) {
					wrong.Add(1)
					return
				}
				mu.Lock()
				took = append(took, time.Since(begun))
				mu.Unlock()
				<-turn.C
			}
		})
	}
	asking.Wait()
	if n := wrong.Load(); n > 0 {
		t.Fatalf("%d of %d peers were not served", n, good)
	}
	return took
}

// spread holds the time that something took, for each time.
type spread []time.Duration

func (s spread) String() string {
	slices.Sort(s)
	at := func(part float64) string {
		return fmt.Sprintf("%.1f", float64(s[int(part*float64(len(s)-1))].Microseconds())/1000)
	}
	return fmt.Sprintf("p50 %s, p99 %s ms", at(0.5), at(0.99))
}

// stall makes a peer send until nothing more is taken from it, and returns a
// function that makes it leave.
func stall(t *testing.T, endpoint string, asks bool) (leave func()) {
	t.Helper()
	s, err := sockets.New(sockets.Dealer, func(o *sockets.Options) { o.Linger, o.RecvHWM, o.SendHWM = 0, 1, 1 })
	if err == nil {
		err = s.Connect(endpoint)
	}
	if err != nil {
		t.Fatal(err)
	}
	m := frames.Strings(strings.Repeat("x", 10000))
	if asks {
		m = append(frames.Message{nil}, m...)
	}
	for blocked := false; !blocked; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		blocked = s.Send(ctx, m) != nil
		cancel()
	}
	return func() { _ = s.Close() } // with what it did not read
}

// TestStalledPair lets the one peer of a PAIR send without reading, and leave: the
// next one is served.
func TestStalledPair(t *testing.T) {
	bound := freeEndpoint(t)
	start(t, home, func([]byte) {}, with(zcat, "pair", "--echo", "-b", bound)...)
	first, err := sockets.New(sockets.Pair, func(o *sockets.Options) { o.Linger, o.RecvHWM, o.SendHWM = 0, 1, 1 })
	if err == nil {
		err = first.Connect(bound)
	}
	if err != nil {
		t.Fatal(err)
	}
	for blocked := false; !blocked; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		blocked = first.Send(ctx, frames.Strings(strings.Repeat("x", 10000))) != nil
		cancel()
	}
	_ = first.Close()
	left := time.Now()
	var served bool
	until(t, "the next peer", func() bool {
		s, err := sockets.New(sockets.Pair, func(o *sockets.Options) { o.Linger = 0 })
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if s.Connect(bound) != nil || s.Send(ctx, frames.Strings("hello")) != nil {
			return false
		}
		m, err := s.Recv(ctx)
		served = err == nil && len(m) == 1 && string(m[0]) == "hello"
		return served
	})
	noteFigure(figure{
		order: 920, load: "pair --echo, its peer sends and does not read, and leaves",
		measured: fmt.Sprintf("the next one has its reply %.1f ms later", float64(time.Since(left).Microseconds())/1000),
	})
}

// TestStalledSubscriberLatency measures how a tenth subscriber, which does not
// read, affects nine others.
func TestStalledSubscriberLatency(t *testing.T) {
	bound := freeEndpoint(t)
	pub := start(t, home, func([]byte) {}, with(zcat, "pub", "-b", bound, "--wait-subs", "9")...)
	subs := newCrowd(t, sockets.Sub, bound)
	for _, s := range subs {
		if err := s.Subscribe(nil); err != nil {
			t.Fatal(err)
		}
	}
	next := 0
	body := strings.Repeat("x", 10000)
	publish := func() spread {
		var mu sync.Mutex
		var took spread
		for range 100 {
			begun := time.Now()
			if err := pub.feed(fmt.Sprintf("[\"%d\",\"%s\"]\n", next, body)); err != nil {
				t.Fatal(err)
			}
			var reading sync.WaitGroup
			for _, s := range subs {
				reading.Go(func() {
					m, err := s.Recv(t.Context())
					if err != nil || string(m[0]) != fmt.Sprint(next) {
						t.Errorf("received %q, %v, want %d", m[:min(len(m), 1)], err, next)
					}
					mu.Lock()
					took = append(took, time.Since(begun))
					mu.Unlock()
				})
			}
			reading.Wait()
			next++
		}
		return took
	}
	quiet := publish()
	stalled, err := sockets.New(sockets.Sub, func(o *sockets.Options) { o.Linger, o.RecvHWM = 0, 1 })
	if err == nil {
		err = stalled.Connect(bound)
	}
	if err == nil {
		err = stalled.Subscribe(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stalled.Close() }() // with what it did not read
	for range 20 {
		publish() // more than its queue and the kernels' buffers hold
	}
	beside := publish()
	noteFigure(figure{
		order:    921,
		load:     fmt.Sprintf("pub, one subscriber does not read, %d others do", good),
		measured: fmt.Sprintf("a message of 10 kB reaches them: %v without it, %v beside it", quiet, beside),
	})
}
