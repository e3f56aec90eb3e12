package sockets

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// TestHWMMessages takes exactly as many messages as the high-water mark allows, for
// an endpoint where nobody listens.
func TestHWMMessages(t *testing.T) {
	for _, kind := range []Type{Push, Dealer, Pair} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind, func(o *Options) { o.SendHWM = 3 })
			try(t, s.Connect(nowhere(t)))
			var b frames.Batch
			for i := range 5 {
				b.Append(frames.Strings(strconv.Itoa(i), "part"))
			}
			expectWait(t, "send", func(ctx context.Context) error { return s.SendBatch(ctx, &b) })
			if b.Len() != 2 || s.Stats().Sent != 3 {
				t.Fatalf("%d messages left, %d sent", b.Len(), s.Stats().Sent)
			}
			if got, want := nextOf(&b), message("3", "part"); got != want {
				t.Errorf("%q is left first, want %q", got, want)
			}
		})
	}
}

// TestHWMBytes counts bytes besides messages. The last message may exceed the mark,
// whatever its size.
func TestHWMBytes(t *testing.T) {
	const mark = 1000
	s := newSocket(t, Push, func(o *Options) { o.SendHWMBytes = mark })
	endpoint := nowhere(t)
	try(t, s.Connect(endpoint))
	send := func(size int) func(context.Context) error {
		return func(ctx context.Context) error {
			return s.Send(ctx, frames.Message{bytes.Repeat([]byte("x"), size)})
		}
	}
	try(t, send(10*mark)(within(t)))
	expectWait(t, "send behind a large message", send(1))
	pull := newSocket(t, Pull)
	bind(t, pull, endpoint)
	expectParts(t, pull, string(bytes.Repeat([]byte("x"), 10*mark)))

	s = newSocket(t, Push, func(o *Options) { o.SendHWMBytes = mark })
	try(t, s.Connect(nowhere(t)))
	try(t, send(400)(within(t)))
	try(t, send(400)(within(t)))
	try(t, send(400)(within(t)))
	expectWait(t, "send above the mark", send(1))

	s = newSocket(t, Push, func(o *Options) { o.SendHWMBytes = mark })
	try(t, s.Connect(nowhere(t)))
	try(t, send(400)(within(t)))
	try(t, send(10*mark)(within(t)))
	expectWait(t, "send behind a large message and another", send(1))
}

// TestHWMNone queues without a limit.
func TestHWMNone(t *testing.T) {
	s := newSocket(t, Push, func(o *Options) { o.SendHWM, o.SendHWMBytes = 0, 0 })
	try(t, s.Connect(nowhere(t)))
	for range 5000 {
		sendParts(t, s, "x")
	}
	if sent := s.Stats().Sent; sent != 5000 {
		t.Errorf("%d sent", sent)
	}
}

// TestHWMRoom wakes a sender that waits as soon as the queued messages are taken.
func TestHWMRoom(t *testing.T) {
	for _, hwm := range []int{1, 2, 3, 1000} {
		t.Run(strconv.Itoa(hwm), func(t *testing.T) {
			endpoint := nowhere(t)
			s := newSocket(t, Push, func(o *Options) { o.SendHWM = hwm })
			try(t, s.Connect(endpoint))
			ctx := within(t)
			done := make(chan error, 1)
			count := 3 * hwm
			go func() {
				for i := range count {
					if err := s.Send(ctx, frames.Strings(strconv.Itoa(i))); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
			eventually(t, func() bool { return s.Stats().Sent == uint64(hwm) })
			pull := newSocket(t, Pull, func(o *Options) { o.RecvHWM = hwm })
			bind(t, pull, endpoint)
			for i := range count {
				expectParts(t, pull, strconv.Itoa(i))
			}
			try(t, <-done)
		})
	}
}

// TestRecvHWM stops reading from a peer at the mark, and goes on once the
// application has taken half of what waits.
func TestRecvHWM(t *testing.T) {
	for _, mark := range []struct {
		name  string
		limit Option
	}{
		{"messages", func(o *Options) { o.RecvHWM, o.RecvHWMBytes = 10, 0 }},
		{"bytes", func(o *Options) { o.RecvHWM, o.RecvHWMBytes = 0, 10*1000 }},
		{"one message", func(o *Options) { o.RecvHWM = 1 }},
	} {
		t.Run(mark.name, func(t *testing.T) {
			pull := newSocket(t, Pull, mark.limit)
			p := meet(t, bind(t, pull, anyPort), "PUSH")
			body := string(bytes.Repeat([]byte("x"), 1000))
			const count = 5000
			go func() {
				for i := range count {
					p.send(message(strconv.Itoa(i), body))
				}
			}()
			eventually(t, func() bool {
				pull.mu.Lock()
				defer pull.mu.Unlock()
				for q := range pull.peers {
					return q.rest != awake
				}
				return false
			})
			// The bytes of one read belong together: a reader waits only between
			// reads.
			if n := waiting(pull); n > 600 {
				t.Errorf("%d messages wait", n)
			}
			for i := range count {
				expectParts(t, pull, strconv.Itoa(i), body)
			}
		})
	}
}

// TestC72SlowSubscriber has one subscriber that does not read and one that does:
// the publisher drops for the first only, counts the dropped messages and never
// waits. The slow one gets its messages in order, and gets more once it reads.
func TestC72SlowSubscriber(t *testing.T) {
	for _, topic := range []string{"", "x"} {
		t.Run("subscribed to "+strconv.Quote(topic), func(t *testing.T) { slowSubscriber(t, topic) })
	}
}

func slowSubscriber(t *testing.T, topic string) {
	t.Helper()
	pub := newSocket(t, Pub, func(o *Options) { o.SendHWM = 10 })
	endpoint := bind(t, pub, anyPort)
	fast := newSocket(t, Sub)
	try(t, fast.Subscribe([]byte(topic)))
	try(t, fast.Connect(endpoint))
	slow := meet(t, endpoint, "SUB")
	slow.send(command("SUBSCRIBE", topic))
	try(t, pub.WaitSubscribers(within(t), 2, []byte("x")))

	body := string(bytes.Repeat([]byte("x"), 64<<10))
	sent, late := 0, 0
	publish := func(kind string) {
		sendParts(t, pub, body, kind, strconv.Itoa(sent))
		expectParts(t, fast, body, kind, strconv.Itoa(sent)) // so that nothing is dropped for it
		sent++
	}
	for pub.Stats().Dropped < 20 {
		if publish("early"); sent == 4096 {
			t.Fatal("nothing was dropped")
		}
	}
	dropped := int(pub.Stats().Dropped)
	last := -1
	for range sent - dropped {
		n, err := strconv.Atoi(string(slow.readMessage()[2]))
		try(t, err)
		if n <= last || last < 0 && n != 0 {
			t.Fatalf("message %d behind message %d", n, last)
		}
		last = n
	}
	// It has room again: the queue is empty once the sender knows that.
	eventually(t, func() bool {
		pub.mu.Lock()
		defer pub.mu.Unlock()
		for p := range pub.peers {
			if !p.out.Drained() {
				return false
			}
		}
		return true
	})
	for ; late < 20; late++ {
		publish("late")
		if m := slow.readMessage(); string(m[1]) != "late" {
			t.Fatalf("%s, want the message just sent", m[1])
		}
	}
	if now := int(pub.Stats().Dropped); now != dropped {
		t.Errorf("%d dropped after it read everything", now-dropped)
	}
}

// TestNoDrop has a publisher wait for a subscriber whose queue is full.
func TestNoDrop(t *testing.T) {
	for _, kind := range []Type{Pub, XPub} {
		t.Run(kind.String(), func(t *testing.T) {
			pub := newSocket(t, kind, func(o *Options) { o.SendHWM, o.NoDrop = 2, true })
			p := meet(t, bind(t, pub, anyPort), "SUB")
			p.send(command("SUBSCRIBE", ""))
			try(t, pub.WaitSubscribers(within(t), 1, []byte("x")))
			body := bytes.Repeat([]byte("x"), 64<<10)
			sent := fillUp(t, pub, body)
			for i := range sent {
				p.expectMessage(strconv.Itoa(i), string(body))
			}
			sendParts(t, pub, "more")
			p.expectMessage("more")
			if n := pub.Stats().Dropped; n != 0 {
				t.Errorf("%d dropped", n)
			}
			// The sender no longer waits for a peer that leaves.
			fillUp(t, pub, body)
			p.hangUp()
			sendParts(t, pub, "to nobody")
		})
	}
}

// TestNoDropBatches has a publisher of batches wait for a subscriber that does not read.
// What waits is at most a write more than the mark, and arrives in order once.
func TestNoDropBatches(t *testing.T) {
	const hwm = 10
	pub := newSocket(t, Pub, func(o *Options) { o.SendHWM, o.NoDrop, o.SendBuffer = hwm, true, 4096 })
	endpoint := bind(t, pub, anyPort)
	fast := newSocket(t, Sub)
	try(t, fast.Subscribe(nil))
	try(t, fast.Connect(endpoint))
	slow := meet(t, endpoint, "SUB")
	slow.send(command("SUBSCRIBE", ""))
	try(t, pub.WaitSubscribers(within(t), 2, nil))

	sent, got := 0, 0
	var b, received frames.Batch
	for full := false; !full; {
		for b.Size() < 3*queue.PassSize {
			b.Append(frames.Strings(fmt.Sprintf("%016d", sent)))
			sent++
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		full = pub.SendBatch(ctx, &b) != nil
		cancel()
		for ; got < sent-b.Len(); got += received.Len() {
			try(t, fast.RecvBatch(within(t), &received))
		}
	}
	if most := hwm + queue.PassSize/len(message(strings.Repeat("0", 16))); pub.Stats().Queued > most {
		t.Errorf("%d messages wait, want at most %d", pub.Stats().Queued, most)
	}
	for i := range sent - b.Len() {
		slow.expectMessage(fmt.Sprintf("%016d", i))
	}
	if n := pub.Stats().Dropped; n != 0 {
		t.Errorf("%d dropped", n)
	}
}

// TestHWMInproc: within a process the marks are exact: those of the two ends
// together, as with libzmq, before and after messages were taken.
func TestHWMInproc(t *testing.T) {
	for _, c := range []struct{ push, pull int }{{1, 1}, {3, 1}, {1, 5}, {100, 5}, {100, 200}} {
		for _, parts := range [][]string{{"x"}, {"", strings.Repeat("y", 300), "z"}, {strings.Repeat("large", 20000)}} {
			t.Run(fmt.Sprint(c.push, "+", c.pull, " ", len(parts)), func(t *testing.T) {
				push := newSocket(t, Push, func(o *Options) {
					o.SendHWM, o.HeartbeatInterval, o.HeartbeatTimeout = c.push, time.Millisecond, watchdog
				})
				pull := newSocket(t, Pull, func(o *Options) { o.RecvHWM = c.pull })
				try(t, push.Connect(bind(t, pull, endpointOn(t, "inproc"))))
				try(t, push.WaitPeers(within(t), 1))
				try(t, pull.WaitPeers(within(t), 1))
				for range 3 {
					for range c.push + c.pull {
						sendParts(t, push, parts...)
					}
					expectWait(t, "one more", func(ctx context.Context) error { return push.Send(ctx, frames.Strings(parts...)) })
					if push.Stats().Queued != c.push || pull.waiting() > c.pull {
						t.Errorf("%d and %d messages are queued", push.Stats().Queued, pull.waiting())
					}
					for range c.push + c.pull {
						expectParts(t, pull, parts...)
					}
				}
			})
		}
	}
}
