//go:build linux

package faults

import (
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TestStoppedReader stops a receiver: its sender waits, and does not grow.
func TestStoppedReader(t *testing.T) {
	const size, sent = 500, 20000
	bound := freeEndpoint(t)
	n := newCount(t, size)
	pull := start(t, home, n.taker(), with(zcat, "pull", "-b", bound)...)
	push := start(t, home, n.taker(), slices.Concat(with(zcat, "push", "-c", bound, "-l", "60"), buffers)...)
	_ = push.feed(n.line(lone, 0) + "\n") // the wait tells
	n.await(0)
	pull.signal(syscall.SIGSTOP)
	fed := make(chan error, 1)
	go func() {
		var err error
		for i := 1; i < sent && err == nil; i++ {
			err = push.feed(n.line(lone, i) + "\n")
		}
		fed <- err
	}()
	// 10 MB do not fit into a queue of 1000 messages: the writer has to wait.
	select {
	case err := <-fed:
		t.Fatalf("all was taken from stdin (%v) while nobody read", err)
	case <-time.After(500 * time.Millisecond):
	}
	peak := memory(t, push)
	pull.signal(syscall.SIGCONT)
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	_ = push.stdin.Close()
	push.wantStatus(0)
	n.await(sent - 1)
	n.check(row{
		order: 400, fault: "receiver stopped (SIGSTOP) and continued", between: "PUSH to PULL", promise: "the sender waits at the high-water mark; all arrive",
		measured: fmt.Sprintf("the sender took %d MB", peak>>10),
	}, sent, 0)
}

// TestStoppedSubscriber stops one of two subscribers: the publisher goes on, and
// says how many messages it had to drop. The account is exact.
func TestStoppedSubscriber(t *testing.T) {
	const size, sent = 500, 20000
	bound := freeEndpoint(t)
	fast, slow := newCount(t, size), newCount(t, size)
	start(t, home, fast.taker(), with(zcat, "sub", "-c", bound)...)
	stopped := start(t, home, slow.taker(), slices.Concat(with(zcat, "sub", "-c", bound), buffers)...)
	pub := start(t, home, fast.taker(), slices.Concat(with(zcat, "pub", "-b", bound, "--wait-subs", "2", "-l", "60"), buffers)...)
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
	fast.check(row{
		order: 410, fault: "another subscriber stopped", between: "PUB to SUB", promise: "the others go on",
		measured: "-",
	}, sent, dropped)
	slow.check(row{
		order: 411, fault: "subscriber stopped (SIGSTOP) and continued", between: "PUB to SUB", promise: "what does not fit its queue is dropped, counted and reported",
		measured: fmt.Sprintf("reported %d dropped in all", dropped),
	}, sent, dropped)
	if got := fast.total() + slow.total() + dropped; got != 2*sent {
		t.Errorf("%d and %d received, %d dropped: %d in all, want %d", fast.total(), slow.total(), dropped, got, 2*sent)
	}
}

// TestStoppedWithHeartbeats stops a receiver for longer than the heartbeats
// allow: it is given up, and comes back.
func TestStoppedWithHeartbeats(t *testing.T) {
	long(t)
	const size = 500
	bound := freeEndpoint(t)
	n := newCount(t, size)
	beat := []string{"--heartbeat", "200ms", "-v"}
	push := start(t, home, n.taker(), slices.Concat(with(zcat, "push", "-b", bound, "-l", "60"), buffers, beat)...)
	pull := start(t, home, n.taker(), slices.Concat(with(zcat, "pull", "-c", bound, "--hwm", strconv.Itoa(hwm)), buffers, beat)...)
	f := n.feedLines(push, 2000)
	n.await(500)
	pull.signal(syscall.SIGSTOP)
	push.says(` left`, 1)
	pull.signal(syscall.SIGCONT)
	push.says(`is there, a PULL`, 2)
	n.awaitTotal(n.total() + 1000)
	sent := f.end()
	_ = push.stdin.Close()
	status := push.end()
	n.await(sent - 1)
	unsent := 0
	if status != 0 {
		push.wantStatus(4)
		unsent, _ = strconv.Atoi(push.says(`(\d+) messages? left unsent`, 1)[1]) // digits
	}
	n.check(row{
		order: 420, fault: "receiver stopped for longer than its heartbeat timeout", between: "PUSH to PULL, heartbeats",
		promise:  "given up and back again; what was in flight is lost, what was queued for it is reported",
		measured: fmt.Sprintf("reported %d", unsent), connections: 2,
	}, sent, inFlight/size+unsent)
}
