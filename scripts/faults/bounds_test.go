//go:build linux

package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// The tests of this file raise a load until something refuses more, and note what
// that was. None of them goes further than two processors and a few gigabytes do.

// quoted returns what a process reported, for a cell of a table.
func quoted(words []string) string {
	said := strings.TrimPrefix(words[0], "zcat: ")
	return "`" + strings.ReplaceAll(said, "|", "/") + "`"
}

// TestBoundOfPeers fills a ROUTER up to its default number of peers, then without
// that limit up to the descriptors that it may have.
func TestBoundOfPeers(t *testing.T) {
	long(t)
	t.Parallel()
	const peers = 10000
	router := start(t, home, func([]byte) {}, with(zcat, "router", "-b", "tcp://127.0.0.1:*", "--echo")...)
	endpoint := router.says(`listening on (\S+)`, 1)[1]
	out, said := lines(2 * peers)
	crowd := cast(t, home, out, "storm", endpoint, peers)
	for range peers {
		hear(t, said)
	}
	megabytes := status(t, router, "VmRSS:") >> 10
	start(t, home, func([]byte) {}, with(zcat, "dealer", "-c", endpoint)...)
	refusal := router.says(`^.*already has its maximum number of peers.*$`, 1)
	crowd.kill()
	router.kill()
	noteBound(bound{
		1, "peers on a ROUTER", fmt.Sprintf("%d, %d MB", peers, megabytes), fmt.Sprintf("newcomer %d waits: %s", peers+1, quoted(refusal)),
		"the default of `--max-peers`",
	})

	const descriptors, more = 12000, 12100
	router = start(t, home, func([]byte) {}, with([]string{"prlimit", fmt.Sprintf("--nofile=%d:%d", descriptors, descriptors)},
		with(zcat, "router", "-b", "tcp://127.0.0.1:*", "--echo", "--max-peers", "0", "-v")...)...)
	endpoint = router.says(`listening on (\S+)`, 1)[1]
	out, said = lines(2 * more)
	crowd = cast(t, home, out, "storm", endpoint, more)
	refusal = router.says(`^.*accepting on .* failed: .*too many open files.*$`, 1)
	got := 0
	until(t, "the last peer for which there is a descriptor", func() bool {
		for {
			select {
			case <-said:
				got++
			default:
				return got >= descriptors-50
			}
		}
	})
	crowd.kill()
	noteBound(bound{
		2, fmt.Sprintf("the same with `--max-peers 0`, `ulimit -n %d`", descriptors), fmt.Sprint(got), "newcomers wait: " + quoted(refusal),
		"file descriptors, one a peer",
	})
}

// TestBoundOfSubscribers publishes to as many subscribers as there may be.
func TestBoundOfSubscribers(t *testing.T) {
	long(t)
	const messages = 50
	var took time.Duration
	var n int
	for _, n = range []int{5000, 10000} {
		s, err := sockets.New(sockets.Pub, func(o *sockets.Options) { o.Linger = 0 })
		if err != nil {
			t.Fatal(err)
		}
		endpoint, err := s.Bind(t.Context(), "tcp://127.0.0.1:*")
		if err != nil {
			t.Fatal(err)
		}
		out, said := lines(1)
		crowd := cast(t, home, out, "listeners", endpoint, n)
		if err := s.WaitSubscribers(t.Context(), n, nil); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for i := range messages {
			if err := s.Send(t.Context(), frames.Message{fmt.Append(nil, i)}); err != nil {
				t.Fatal(err)
			}
		}
		_ = crowd.feed(fmt.Sprintln(messages)) // the wait tells
		hear(t, said)
		took = time.Since(begin)
		if dropped := s.Stats().Dropped; dropped > 0 {
			t.Errorf("%d of %d messages to %d subscribers dropped", dropped, messages*n, n)
		}
		crowd.kill()
		_ = s.Close() // it has nothing left
	}
	noteBound(bound{
		3, "subscribers on a PUB", fmt.Sprintf("%d, %.0f messages a second in all, none dropped", n, messages*float64(n)/took.Seconds()),
		"newcomers wait, as on a ROUTER", "the default of `--max-peers`, then file descriptors",
	})
}

// TestBoundOfPrefixes lets one subscriber ask for as many prefixes as it may.
func TestBoundOfPrefixes(t *testing.T) {
	long(t)
	const most = 250000
	pub := start(t, home, func([]byte) {}, with(zcat, "xpub", "-b", "tcp://127.0.0.1:*")...)
	endpoint := pub.says(`listening on (\S+)`, 1)[1]
	s, err := sockets.New(sockets.Sub)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // it has nothing left
	before := status(t, pub, "VmRSS:")
	begin := time.Now()
	if err := s.Connect(endpoint); err != nil {
		t.Fatal(err)
	}
	for i := range most {
		if err := s.Subscribe(fmt.Appendf(nil, "%07d", i)); err != nil {
			t.Fatal(err)
		}
	}
	_ = pub.feed(`["` + fmt.Sprintf("%07d", most-1) + `"]` + "\n") // the receipt tells
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	go func() { // until the last prefix is there
		for range again.C {
			if ctx.Err() != nil || pub.feed(`["`+fmt.Sprintf("%07d", most-1)+`"]`+"\n") != nil {
				return
			}
		}
	}()
	if _, err := s.Recv(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	took := time.Since(begin)
	kilobytes := status(t, pub, "VmRSS:") - before
	if err := s.Subscribe([]byte("one more")); err != nil {
		t.Fatal(err)
	}
	refusal := pub.says(`^.*subscriptions.*$`, 1)
	noteBound(bound{
		4, "prefixes of one subscriber", fmt.Sprintf("%d, %.0f a second, %.0f bytes each", most, most/took.Seconds(), float64(kilobytes)*1024/most),
		fmt.Sprintf("the subscriber is dropped at number %d: %s", most+1, quoted(refusal)), "the default of `--max-subscriptions`",
	})
}

// TestBoundOfReconnects raises the number of peers that connect, make a round trip
// and leave at the same time, then moves them to a network, where the kernel keeps
// the port of each of them for a minute.
func TestBoundOfReconnects(t *testing.T) {
	long(t)
	const times = 8000
	best, of := 0.0, 0
	endpoint, end := serveRouter(t, "tcp://127.0.0.1:*")
	for _, crowd := range []int{1, 2, 4} {
		begin := time.Now()
		var all []*process
		for range crowd {
			all = append(all, cast(t, home, func([]byte) {}, "reconnects", endpoint, times))
		}
		for _, p := range all {
			p.wantStatus(0)
		}
		if rate := float64(crowd*times) / time.Since(begin).Seconds(); rate > best {
			best, of = rate, crowd*8
		}
	}
	end()
	noteBound(bound{
		5, "connect, round trip, close, on one machine", fmt.Sprintf("%.0f a second, the best of 8, 16 and 32 at a time: %d", best, of),
		"nothing is refused, it becomes no faster", "the processors, which both sides share",
	})

	const ports = 200
	line := newCable(t)
	var err error
	line.a.run(func() {
		err = os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", fmt.Appendf(nil, "%d %d", 20000, 20000+ports-1), 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, line.b, func([]byte) {}, with(zcat, "router", "-b", "tcp://"+addrB+port, "--echo", "-v")...).says(`listening on`, 1)
	made := 0
	for {
		p := start(t, line.a, func([]byte) {}, with(zcat, "dealer", "-c", "tcp://"+addrB+port, "-n", "1", "-t", "3", "-v", "x")...)
		if p.end() != 0 {
			refusal := p.says(`^.*cannot assign requested address.*$`, 1)
			noteBound(bound{
				6, fmt.Sprintf("the same from one address over a network, which has %d ports there", ports), fmt.Sprintf("%d within a minute", made),
				"who connects waits: " + quoted(refusal),
				"ports: the kernel keeps each for a minute after the end (TIME_WAIT); of 28232, Linux's default, that is 470 a second",
			})
			return
		}
		if made++; made > 2*ports {
			t.Fatalf("%d connections from %d ports", made, ports)
		}
	}
}

// TestBoundOfSize sends the largest message that is taken, a larger one, and one as
// large as this machine should have to hold.
func TestBoundOfSize(t *testing.T) {
	long(t)
	t.Parallel()
	type transfer struct {
		from, to *process
		received chan int64 // bytes
	}
	// A PAIR stays at the end of its input, so that its memory can be read.
	send := func(size int, flags ...string) *transfer {
		x := &transfer{received: make(chan int64, 1)}
		x.to = prepareProcess(t, with(with(zcat, "pair", "-b", "tcp://127.0.0.1:*", "--raw"), flags...)...)
		stdout, err := x.to.cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		x.to.launch(home)
		go func() {
			n, _ := io.CopyN(io.Discard, stdout, int64(size)) // the number tells
			x.received <- n
			_, _ = io.Copy(io.Discard, stdout) // until it is killed
			close(x.to.read)
			_ = x.to.cmd.Wait() // it was
			close(x.to.ended)
		}()
		endpoint := x.to.says(`listening on (\S+)`, 1)[1]
		x.from = start(t, home, func([]byte) {}, with(zcat, "pair", "-c", endpoint, "--raw", "--max-size", "0", "-l", "60")...)
		chunk := strings.Repeat("x", 1<<20)
		for left := size; left > 0; left -= len(chunk) {
			chunk = chunk[:min(left, len(chunk))]
			_ = x.from.feed(chunk) // the number tells
		}
		_ = x.from.stdin.Close()
		return x
	}
	// arrives waits for the message and returns the memory of both ends, in MB.
	arrives := func(x *transfer, size int64) (sending, receiving int) {
		select {
		case n := <-x.received:
			if n != size {
				t.Fatalf("%d bytes received of %d", n, size)
			}
		case <-time.After(patience):
			t.Fatalf("%d bytes do not arrive", size)
		}
		sending, receiving = memory(t, x.from)>>10, memory(t, x.to)>>10
		x.from.kill()
		x.to.kill()
		return sending, receiving
	}
	const most = 64 << 20
	sending, receiving := arrives(send(most), most)
	tooLarge := send(most + 1)
	refusal := tooLarge.to.says(`^.*(67108865|67108864).*$`, 1)
	tooLarge.from.kill()
	tooLarge.to.kill()
	noteBound(bound{
		7, "bytes in a message", fmt.Sprintf("%d; %d MB of memory to send it, %d MB to receive it", most, sending, receiving),
		fmt.Sprintf("at %d the receiver drops the sender: %s", most+1, quoted(refusal)), "the default of `--max-size`",
	})
	const huge = 128 << 20
	sending, receiving = arrives(send(huge, "--max-size", "0"), huge)
	noteBound(bound{
		8, "the same with `--max-size 0`", fmt.Sprintf("%d; %d MB of memory to send it, %d MB to receive it", huge, sending, receiving),
		"not tried", "memory: a message is held whole at both ends",
	})
}

// TestBoundOfFlight sends to a peer that is not there yet until nothing is taken.
func TestBoundOfFlight(t *testing.T) {
	long(t)
	fill := func(most, size int, set sockets.Option) (n int, kilobytes int) {
		s, err := sockets.New(sockets.Push, set, func(o *sockets.Options) { o.Linger = 0 })
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }() // its result is what was left
		if err := s.Connect(fmt.Sprintf("ipc://@zcat-faults-nobody-%d", os.Getpid())); err != nil {
			t.Fatal(err)
		}
		before := used(t)
		for n < most {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err := s.Send(ctx, frames.Message{make([]byte, size)})
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				break // it would wait for ever
			}
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n, used(t).memory - before.memory
	}
	messages, _ := fill(1<<20, 100, func(*sockets.Options) {})
	noteBound(bound{
		9, "messages in flight for a peer", fmt.Sprintf("%d of 100 bytes", messages),
		"the sender waits, PUB drops and counts", "the default of `--hwm`",
	})
	const size = 100000
	messages, _ = fill(1<<20, size, func(*sockets.Options) {})
	noteBound(bound{
		10, "the same, larger messages", fmt.Sprintf("%d of %d bytes, %d MB", messages, size, messages*size>>20),
		"the sender waits, PUB drops and counts", "the default of `--hwm-bytes`",
	})
	const many = 5000000
	messages, kilobytes := fill(many, 100, func(o *sockets.Options) { o.SendHWM, o.SendHWMBytes = 0, 0 })
	if messages != many {
		t.Errorf("%d messages of %d were queued", messages, many)
	}
	noteBound(bound{
		11, "the same with `--hwm 0 --hwm-bytes 0`", fmt.Sprintf("%d of 100 bytes, %d MB: %d bytes each", messages, kilobytes>>10, kilobytes<<10/messages),
		"not tried", "memory",
	})
}
