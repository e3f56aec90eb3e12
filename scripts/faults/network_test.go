//go:build linux

package faults

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"
)

// buffers are flags that make the kernels' buffers small, so that little is in
// flight: the kernel doubles the numbers for its own book-keeping.
var buffers = []string{"-o", "sndbuf=32768", "-o", "rcvbuf=32768"}

// inFlight is the most bytes that two kernels hold of one connection.
const inFlight = 2*2*32768 + 2*2*32768

// with returns a command line: a program and its arguments.
func with(program []string, args ...string) []string { return slices.Concat(program, args) }

const port = ":5555"

// TestWeather sends through a network that loses, delays, reorders, doubles and
// corrupts packets: TCP repairs that, and zcat must not spoil it.
func TestWeather(t *testing.T) {
	const each = 20000
	for i, c := range []struct {
		fault string
		w     weather
		short bool
	}{
		{"2 % of packets lost", weather{loss: 0.02, delay: time.Millisecond}, false},
		{"packets delayed by 40 ms", weather{delay: 40 * time.Millisecond}, false},
		{"20 % of packets reordered", weather{late: 0.2, delay: time.Millisecond, lateness: 3 * time.Millisecond}, false},
		{"packets lost, delayed, reordered, doubled, corrupted", weather{
			loss: 0.01, double: 0.02, flip: 0.01, late: 0.05, delay: time.Millisecond, lateness: 2 * time.Millisecond,
		}, true},
	} {
		for _, between := range []string{"zcat to zcat", "libzmq to zcat", "zcat to libzmq"} {
			t.Run(fmt.Sprintf("%d/%s", i, between), func(t *testing.T) {
				if !c.short || between != "zcat to zcat" {
					long(t)
				}
				sent := each
				if c.short && between == "zcat to zcat" {
					sent = 5000
				}
				sender, receiver := zcat, zcat
				switch between {
				case "libzmq to zcat":
					sender = libzmq
				case "zcat to libzmq":
					receiver = libzmq
				}
				line := newCable(t)
				line.set(c.w)
				begin := time.Now()
				n := newCount(t, 300)
				start(t, line.b, n.taker(), with(receiver, "pull", "-b", "tcp://"+addrB+port, "-n", fmt.Sprint(sent))...)
				push := start(t, line.a, n.taker(), with(sender, "push", "-c", "tcp://"+addrB+port, "-l", "60")...)
				for i := range sent {
					if err := push.feed(n.line(lone, i) + "\n"); err != nil {
						t.Fatal(err)
					}
				}
				_ = push.stdin.Close()
				push.wantStatus(0)
				n.awaitTotal(sent)
				n.check(row{
					order: 100 + i, fault: c.fault, between: "PUSH to PULL, " + between, promise: "all arrive, in order",
					measured: fmt.Sprintf("%d of %d packets harmed, %.1f s", line.harmed.Load(), line.carried.Load(), time.Since(begin).Seconds()),
				}, sent, 0)
			})
		}
	}
}

// TestHalfOpen leaves a connection whose other end is gone without notice: the
// heartbeats notice, and the connecting side returns.
func TestHalfOpen(t *testing.T) {
	const size = 500
	n := newCount(t, size)
	first := start(t, home, n.taker(), slices.Concat(with(zcat, "pull", "-b", "tcp://127.0.0.1:*"), buffers)...)
	bound := first.says(`listening on (\S+)`, 1)[1]
	r := newRelay(t, bound[len("tcp://"):])
	push := start(t, home, n.taker(), slices.Concat(with(zcat, "push", "-c", r.endpoint(), "--heartbeat", "200ms", "-v", "-l", "60"), buffers)...)
	f := n.feedLines(push, 1000)
	n.await(100)
	r.set(func() { r.frozen = true })
	begin := time.Now()
	push.says(` left`, 1)
	noticed := time.Since(begin)
	r.set(func() { r.frozen = false })
	push.says(`is there, a PULL`, 2)
	n.await(n.total() + 500)
	sent := f.end()
	_ = push.stdin.Close()
	push.wantStatus(0)
	n.await(sent - 1)
	n.check(row{
		order: 220, fault: "half-open connection", between: "PUSH to PULL, heartbeat 0.2 s",
		promise:  "heartbeats notice, the connector returns; what was in flight is lost",
		measured: fmt.Sprintf("noticed after %.2f s", noticed.Seconds()), connections: 2,
	}, sent, relayHolds/size)
	first.signal(syscall.SIGTERM)
	first.wantStatus(143)
}

// pause lets time pass where that is the fault itself: nothing waits for luck.
func pause(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}
