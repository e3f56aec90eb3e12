//go:build linux

package faults

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inMemory is the most bytes that a killed receiver held: what it had read from its
// socket at a time, once in its queue and once more being printed.
const inMemory = 2 * 256 << 10

// hwm is the high-water mark of receivers that are killed.
const hwm = 100

// TestReceiverRestarted kills the receiver of a flood and restarts it, over and
// over.
func TestReceiverRestarted(t *testing.T) {
	const size = 500
	for i, c := range []struct {
		between string
		signal  syscall.Signal
		status  int
		times   int
	}{
		{"zcat to zcat", syscall.SIGKILL, 137, 3},
		{"zcat to zcat", syscall.SIGTERM, 143, 10},
		{"zcat to libzmq", syscall.SIGKILL, 137, 5},
		{"libzmq to zcat", syscall.SIGKILL, 137, 10},
	} {
		t.Run(fmt.Sprintf("%s/%v", c.between, c.signal), func(t *testing.T) {
			if i > 0 {
				long(t)
			}
			sender, receiver := zcat, zcat
			mark := []string{"--hwm", strconv.Itoa(hwm)}
			switch c.between {
			case "libzmq to zcat":
				sender = libzmq
			case "zcat to libzmq":
				receiver, mark = libzmq, []string{"-o", "rcvhwm=" + strconv.Itoa(hwm)}
			}
			bound := freeEndpoint(t)
			n := newCount(t, size)
			pull := slices.Concat(with(receiver, "pull", "-b", bound), mark, buffers)
			push := start(t, home, n.taker(), slices.Concat(with(sender, "push", "-c", bound, "-l", "60"), buffers)...)
			f := n.feedLines(push, 0)
			for range c.times {
				p := start(t, home, n.taker(), pull...)
				n.awaitTotal(n.total() + 3000)
				p.signal(c.signal)
				p.wantStatus(c.status)
				<-p.read
			}
			start(t, home, n.taker(), pull...)
			n.awaitTotal(n.total() + 1000)
			sent := f.end()
			_ = push.stdin.Close()
			push.wantStatus(0)
			n.await(sent - 1)
			n.check(row{
				order: 300, fault: fmt.Sprintf("receiver ended by %v and restarted, %d times", name(c.signal), c.times), between: "PUSH to PULL, " + c.between,
				promise:  "reconnects; what was in flight, and in a killed receiver, is lost",
				measured: "-",
			}, sent, c.times*((inFlight+inMemory)/size+hwm))
		})
	}
}

func name(s syscall.Signal) string {
	if s == syscall.SIGKILL {
		return "SIGKILL"
	}
	return "SIGTERM"
}

// TestUnsentIsReported ends a sender whose receiver stands still: what the receiver
// finds later, and what the sender reports as left unsent, are together all there
// was.
func TestUnsentIsReported(t *testing.T) {
	const size, sent = 500, 20000
	bound := freeEndpoint(t)
	n := newCount(t, size)
	pull := start(t, home, n.taker(), with(zcat, "pull", "-b", bound, "-v")...)
	push := start(t, home, n.taker(), slices.Concat(with(zcat, "push", "-c", bound, "--hwm", "0", "-l", "1"), buffers)...)
	_ = push.feed(n.line(lone, 0) + "\n") // the wait tells
	n.await(0)
	pull.signal(syscall.SIGSTOP)
	for i := 1; i < sent; i++ {
		if err := push.feed(n.line(lone, i) + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	_ = push.stdin.Close()
	push.wantStatus(4)
	unsent, _ := strconv.Atoi(push.says(`(\d+) messages left unsent`, 1)[1]) // digits
	pull.signal(syscall.SIGCONT)
	pull.says(` left`, 1)
	pull.signal(syscall.SIGTERM)
	pull.wantStatus(143)
	<-pull.read
	if n.total()+unsent != sent {
		t.Errorf("%d received and %d reported as unsent of %d", n.total(), unsent, sent)
	}
	if yes, _ := n.has(n.total() - 1); !yes {
		t.Errorf("what was received is not the beginning of what was sent")
	}
	n.check(row{
		order: 310, fault: "receiver stopped, linger of 1 s runs out", between: "PUSH to PULL", promise: "what is left unsent is counted and reported, status 4",
		measured: fmt.Sprintf("reported %d, received %d", unsent, n.total()),
	}, sent, unsent)
}

// TestProxyRestarted kills the broker between clients and workers. Clients that
// retry have each of their requests answered, once, in order.
func TestProxyRestarted(t *testing.T) {
	clients, requests, kills := 4, 150, 2
	if os.Getenv(envAll) != "" {
		clients, requests, kills = 8, 1500, 8
	}
	front, back := freeEndpoint(t), freeEndpoint(t)
	begin := time.Now()
	replies, executed := newCount(t, 200), newCount(t, 200)
	broker := with(zcat, "proxy", front, back)
	proxy := start(t, home, func([]byte) {}, broker...)
	for range 3 {
		start(t, home, executed.taker(), with(zcat, "rep", "-c", back, "--echo", "--reconnect", "20ms..200ms")...)
	}
	var asking []*process
	for c := range clients {
		p := start(t, home, replies.taker(), with(zcat, "req", "-c", front, "-t", "500ms", "--retries", "100", "--reconnect", "20ms..200ms", "--rate", "500")...)
		asking = append(asking, p)
		go func() {
			for i := range requests {
				_ = p.feed(replies.line(fmt.Sprint("client", c), i) + "\n") // the status tells
			}
			_ = p.stdin.Close() // as above
		}()
	}
	for kill := range kills {
		replies.awaitTotal((kill + 1) * clients * requests / (kills + 2))
		proxy.kill()
		proxy = start(t, home, func([]byte) {}, broker...)
	}
	again := 0
	for _, p := range asking {
		p.wantStatus(0)
		<-p.read
		said, _ := p.speech.read()
		for rest := said; ; again++ {
			_, behind, found := strings.Cut(rest, "asking again")
			if !found {
				break
			}
			rest = behind
		}
	}
	executed.mu.Lock()
	twice := executed.duplicated
	executed.mu.Unlock()
	if twice > again {
		t.Errorf("%d requests were executed twice, %d were asked again", twice, again)
	}
	replies.check(row{
		order: 320, fault: fmt.Sprintf("proxy killed and restarted %d times", kills), between: fmt.Sprintf("%d REQ with --retries, proxy, 3 REP", clients),
		promise:  "each request answered once, in order; it may be executed more than once",
		measured: fmt.Sprintf("%d asked again, %d executed twice, %.1f s", again, twice, time.Since(begin).Seconds()),
	}, clients*requests, 0)
}
