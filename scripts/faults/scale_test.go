//go:build linux

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// use is what the socket under test takes of this process.
type use struct{ memory, goroutines, descriptors int }

// used measures what this process uses now.
func used(t *testing.T) use {
	t.Helper()
	runtime.GC()
	runtime.GC() // what a pool holds goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return use{int(m.HeapAlloc+m.StackInuse) >> 10, runtime.NumGoroutine(), len(files)}
}

// flat waits until this process uses no more than before, but for some memory.
func flat(t *testing.T, before use) use {
	t.Helper()
	var now use
	until(t, fmt.Sprintf("the use from before, %+v", before), func() bool {
		now = used(t)
		return now.goroutines <= before.goroutines+5 && now.descriptors <= before.descriptors+5 && now.memory <= before.memory+32<<10
	})
	return now
}

// echo answers all that a ROUTER receives until it is closed.
func echo(s *sockets.Socket) error {
	for {
		m, err := s.Recv(context.Background())
		if errors.Is(err, sockets.ErrClosed) {
			return nil
		}
		if err == nil {
			err = s.Send(context.Background(), m)
		}
		var gone *sockets.UnroutableError
		if err != nil && !errors.As(err, &gone) && !errors.Is(err, sockets.ErrClosed) {
			return err
		}
	}
}

// serveRouter binds a ROUTER that echoes until the test ends or end is called.
func serveRouter(t *testing.T, endpoint string) (bound string, end func()) {
	t.Helper()
	s, err := sockets.New(sockets.Router, func(o *sockets.Options) { o.Linger = 0 })
	if err != nil {
		t.Fatal(err)
	}
	if bound, err = s.Bind(t.Context(), endpoint); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { failed <- echo(s) }()
	end = sync.OnceFunc(func() {
		_ = s.Close() // what it says does not matter here
		if err := <-failed; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return bound, end
}

// lines returns a sink that passes lines on to a channel.
func lines(most int) (sink, chan string) {
	c := make(chan string, most)
	return func(line []byte) { c <- string(line) }, c
}

// hear waits for a line.
func hear(t *testing.T, c chan string) string {
	t.Helper()
	select {
	case line := <-c:
		return line
	case <-time.After(patience):
		t.Fatal("the peers report nothing")
		return ""
	}
}

// TestManyPeers connects as many peers to one ROUTER as it takes by default.
func TestManyPeers(t *testing.T) {
	long(t)
	const peers = 10000
	bound, end := serveRouter(t, "tcp://127.0.0.1:*")
	before := used(t)
	out, said := lines(10)
	begin := time.Now()
	crowd := cast(t, home, out, "dealers", bound, peers)
	hear(t, said)
	connected := time.Since(begin)
	silent := used(t)
	var trips time.Duration
	const rounds = 3
	for range rounds {
		begin = time.Now()
		_ = crowd.feed("go\n") // the wait tells
		hear(t, said)
		trips += time.Since(begin)
	}
	_ = crowd.stdin.Close()
	crowd.wantStatus(0)
	after := flat(t, before)
	end()
	noteFigure(figure{10, fmt.Sprintf("%d DEALER on one ROUTER, tcp", peers), fmt.Sprintf(
		"%.0f connects a second; %.1f KB and %.1f goroutines a silent peer; %.0f round trips a second; after all left %+d goroutines, %+d descriptors, %+.1f MB",
		peers/connected.Seconds(), float64(silent.memory-before.memory)/peers, float64(silent.goroutines-before.goroutines)/peers,
		rounds*peers/trips.Seconds(), after.goroutines-before.goroutines, after.descriptors-before.descriptors, float64(after.memory-before.memory)/1024)})
}

// TestManySubscribers lets each of many subscribers ask for a prefix of its own:
// each gets what is for it, and nothing else.
func TestManySubscribers(t *testing.T) {
	long(t)
	const subscribers, each = 2000, 50
	s, err := sockets.New(sockets.Pub, func(o *sockets.Options) { o.Linger = 0 })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // it has nothing left
	bound, err := s.Bind(t.Context(), "tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	before := used(t)
	out, said := lines(subscribers * each)
	begin := time.Now()
	crowd := cast(t, home, out, "subscribers", bound, subscribers)
	if err := s.WaitSubscribers(t.Context(), subscribers, nil); err != nil {
		t.Fatal(err)
	}
	subscribed := time.Since(begin)
	silent := used(t)
	begin = time.Now()
	for k := range each {
		for i := range subscribers {
			if err := s.Send(t.Context(), frames.Message{fmt.Appendf(nil, "%d.%d", i, k)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	published := time.Since(begin)
	next := make([]int, subscribers)
	for range subscribers * each {
		who, what, _ := strings.Cut(hear(t, said), " ")
		i, err := strconv.Atoi(who)
		if err != nil || what != fmt.Sprintf("%d.%d", i, next[i]) {
			t.Fatalf("subscriber %s received %q (%v)", who, what, err)
		}
		next[i]++
	}
	if dropped := s.Stats().Dropped; dropped > 0 {
		t.Errorf("%d messages dropped", dropped)
	}
	crowd.kill()
	after := flat(t, before)
	noteFigure(figure{20, fmt.Sprintf("%d SUB with a prefix each on one PUB, tcp", subscribers), fmt.Sprintf(
		"%.0f subscribed a second; %.1f KB each; %.0f messages a second, each to the one that asked, none lost; after all left %+d goroutines, %+d descriptors",
		subscribers/subscribed.Seconds(), float64(silent.memory-before.memory)/subscribers, subscribers*each/published.Seconds(),
		after.goroutines-before.goroutines, after.descriptors-before.descriptors)})
}

// TestManyReconnects lets peers come, make a round trip and leave again.
func TestManyReconnects(t *testing.T) {
	long(t)
	const times = 100000
	for i, endpoint := range []string{"tcp://127.0.0.1:*", fmt.Sprintf("ipc://@zcat-faults-reconnects-%d", os.Getpid())} {
		bound, end := serveRouter(t, endpoint)
		before := used(t)
		begin := time.Now()
		crowd := cast(t, home, func([]byte) {}, "reconnects", bound, times)
		select {
		case <-crowd.ended:
		case <-time.After(4 * patience):
			t.Fatal("the peers are not done")
		}
		crowd.wantStatus(0)
		took := time.Since(begin)
		after := flat(t, before)
		end()
		scheme, _, _ := strings.Cut(bound, ":")
		noteFigure(figure{30 + i, fmt.Sprintf("%d times connect, a round trip, close, %s", times, scheme), fmt.Sprintf(
			"%.0f a second; at the end %+d goroutines, %+d descriptors, %+.1f MB",
			times/took.Seconds(), after.goroutines-before.goroutines, after.descriptors-before.descriptors, float64(after.memory-before.memory)/1024)})
	}
}

// TestStorm restarts a listener with many peers: the jitter of their pauses
// spreads their return.
func TestStorm(t *testing.T) {
	long(t)
	const peers = 500
	for i, away := range []time.Duration{0, 10 * time.Second} {
		bound, end := serveRouter(t, "tcp://127.0.0.1:*")
		out, said := lines(4 * peers)
		crowd := cast(t, home, out, "storm", bound, peers)
		for range peers {
			hear(t, said)
		}
		end()
		pause(away)
		back := time.Now().UnixNano()
		_, end = serveRouter(t, bound)
		var after []float64 // seconds
		for range peers {
			at, err := strconv.ParseInt(hear(t, said), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			after = append(after, float64(at-back)/1e9)
		}
		crowd.kill()
		end()
		slices.Sort(after)
		busiest := 0
		for k := range after {
			last, _ := slices.BinarySearch(after, after[k]+0.01)
			busiest = max(busiest, last-k)
		}
		// Without jitter all come within one moment.
		if busiest > peers/2 {
			t.Errorf("%d of %d came back within 10 ms", busiest, peers)
		}
		noteFigure(figure{40 + i, fmt.Sprintf("listener with %d peers restarted, away for %v", peers, away), fmt.Sprintf(
			"back after %.2f s (first), %.2f s (median), %.2f s (last); at most %d within 10 ms",
			after[0], after[peers/2], after[peers-1], busiest)})
	}
}
