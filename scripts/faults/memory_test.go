//go:build linux

package faults

import (
	"fmt"
	"strconv"
	"syscall"
	"testing"
)

// TestMemoryLimit floods a receiver that cannot print, from many peers, under a
// limit of the system: it takes no more than its marks allow, and goes on. Beyond
// the marks there is a part for what is being read and printed, no more.
func TestMemoryLimit(t *testing.T) {
	for i, c := range []struct {
		name             string
		limit, mark      int // MB; a mark of 0 is that of the defaults
		size, each, most int // of a message, a peer's messages, the most memory in MB
	}{
		{"ulimit", 300, 1, 1000, 5000, 60},
		{"pull", 200, 8, 10000, 2000, 150},
		{"defaults", 300, 0, 100000, 360, 200}, // all that is sent would not fit
	} {
		t.Run(c.name, func(t *testing.T) {
			if i > 0 {
				long(t)
			}
			l := &limit{t: t, megabytes: c.limit}
			if c.name != "ulimit" {
				l = newLimit(t, c.limit)
			}
			const peers = 10
			marks, between := []string{"--hwm", "0", "--hwm-bytes", fmt.Sprintf("%dM", c.mark)}, fmt.Sprintf("%d PUSH to PULL with --hwm-bytes %dM", peers, c.mark)
			if c.mark == 0 {
				marks, between = nil, fmt.Sprintf("%d PUSH to PULL, no flags", peers)
				if l.dir == "" {
					t.Skip("zcat knows of a control group's limit only")
				}
			}
			n := newCount(t, c.size)
			reading := make(chan struct{})
			take := n.taker()
			pull := start(t, home, func(line []byte) { <-reading; take(line) },
				l.on(with(with(zcat, "pull", "-b", "tcp://127.0.0.1:*"), marks...))...)
			bound := pull.says(`listening on (\S+)`, 1)[1]
			senders := flood(t, n, peers, c.each, bound)
			settled(t, pull)
			close(reading)
			for _, p := range senders {
				p.wantStatus(0)
			}
			n.awaitTotal(peers * c.each)
			l.held()
			peak := l.peak(pull)
			if peak > c.most {
				t.Errorf("took %d MB, more than %d", peak, c.most)
			}
			n.check(row{
				order: 520, fault: l.String() + ", stdout blocked", between: between,
				promise: "senders wait at the mark; all arrive", measured: fmt.Sprintf("%d MB passed through %d MB of memory", peers*c.each*c.size/1000000, peak),
			}, peers*c.each, 0)
		})
	}
}

// TestMemoryLimitOfProxy floods a proxy behind which nobody takes anything for a
// while: it holds what its marks allow for each peer of both sides.
func TestMemoryLimitOfProxy(t *testing.T) {
	long(t)
	const size, peers, each, most = 10000, 8, 2500, 170
	l := newLimit(t, 200)
	n := newCount(t, size)
	reading := make(chan struct{})
	take := n.taker()
	front, back := freeEndpoint(t), freeEndpoint(t)
	proxy := start(t, home, func([]byte) {}, l.on(with(zcat, "proxy", "--streamer", front, back, "--hwm", "0", "--hwm-bytes", "8M"))...)
	start(t, home, func(line []byte) { <-reading; take(line) }, with(zcat, "pull", "-c", back, "--hwm-bytes", "1M")...)
	senders := flood(t, n, peers, each, front)
	settled(t, proxy)
	close(reading)
	for _, p := range senders {
		p.wantStatus(0)
	}
	n.awaitTotal(peers * each)
	l.held()
	peak := l.peak(proxy)
	if peak > most {
		t.Errorf("took %d MB, more than %d", peak, most)
	}
	n.check(row{
		order: 521, fault: l.String() + ", the receiver blocked", between: fmt.Sprintf("%d PUSH, proxy with --hwm-bytes 8M, PULL", peers),
		promise: "senders wait at the mark; all arrive", measured: fmt.Sprintf("%d MB passed through %d MB of memory", peers*each*size/1000000, peak),
	}, peers*each, 0)
	proxy.signal(syscall.SIGTERM)
	proxy.wantStatus(143)
}

// TestMemoryLimitOfPublisher floods a subscriber that is stopped: what does not
// fit its queue is dropped, and what is dropped takes no memory.
func TestMemoryLimitOfPublisher(t *testing.T) {
	long(t)
	const size, sent, most = 10000, 30000, 130
	l := newLimit(t, 200)
	bound := freeEndpoint(t)
	fast, slow := newCount(t, size), newCount(t, size)
	start(t, home, fast.taker(), with(zcat, "sub", "-c", bound)...)
	stopped := start(t, home, slow.taker(), with(zcat, "sub", "-c", bound)...)
	pub := start(t, home, fast.taker(), l.on(with(zcat, "pub", "-b", bound, "--wait-subs", "2", "--hwm", "0", "-l", "60"))...)
	_ = pub.feed(fast.line(lone, 0) + "\n") // the wait tells
	slow.await(0)
	stopped.signal(syscall.SIGSTOP)
	for i := 1; i < sent; i++ {
		if err := pub.feed(fast.line(lone, i) + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	_ = pub.stdin.Close()
	stopped.signal(syscall.SIGCONT)
	pub.wantStatus(0)
	dropped, _ := strconv.Atoi(pub.says(`(\d+) messages? dropped for peers`, 1)[1]) // digits
	until(t, "what was not dropped", func() bool { return fast.total()+slow.total()+dropped >= 2*sent })
	l.held()
	peak := l.peak(pub)
	if peak > most {
		t.Errorf("took %d MB, more than %d", peak, most)
	}
	slow.check(row{
		order: 522, fault: l.String() + ", a subscriber stopped", between: "PUB with --hwm-bytes 64M to SUB", promise: "what does not fit its queue is dropped, counted and reported",
		measured: fmt.Sprintf("reported %d dropped in all; %d MB passed through %d MB of memory", dropped, sent*size/1000000, peak),
	}, sent, dropped)
	if got := fast.total() + slow.total() + dropped; got != 2*sent {
		t.Errorf("%d and %d received, %d dropped: %d in all, want %d", fast.total(), slow.total(), dropped, got, 2*sent)
	}
}

// flood has many senders write numbered messages as fast as they are taken.
func flood(t *testing.T, n *count, senders, each int, endpoint string) (all []*process) {
	t.Helper()
	for i := range senders {
		p := start(t, home, n.taker(), with(zcat, "push", "-c", endpoint, "--hwm-bytes", "1M", "-l", "60")...)
		all = append(all, p)
		go func() {
			for k := range each {
				_ = p.feed(n.line(fmt.Sprint("s", i), k) + "\n") // the status tells
			}
			_ = p.stdin.Close() // as above
		}()
	}
	return all
}

// settled waits until a process that is flooded has stopped growing: nothing has
// moved for a while.
func settled(t *testing.T, p *process) {
	t.Helper()
	last, still := 0, 0
	until(t, "the end of all growth", func() bool {
		now := status(t, p, "VmRSS:")
		if still++; now != last {
			still = 0
		}
		last = now
		return still > 40 && now > 10<<10
	})
}
