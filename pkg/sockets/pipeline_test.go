package sockets

import (
	"bytes"
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// TestC76PushAlternates has a bound PUSH deal whole messages to two peers in
// turn, one by one and in batches; C63 asks the same of a DEALER.
func TestC76PushAlternates(t *testing.T) { alternates(t, Push, Pull) }

// TestC63DealerAlternates spreads six messages over two peers, three each.
func TestC63DealerAlternates(t *testing.T) { alternates(t, Dealer, Dealer) }

func alternates(t *testing.T, from, to Type) {
	t.Helper()
	s := newSocket(t, from)
	endpoint := bind(t, s, anyPort)
	var peers []*Socket
	for i := range 2 {
		p := newSocket(t, to)
		try(t, p.Connect(endpoint))
		try(t, s.WaitPeers(within(t), i+1))
		peers = append(peers, p)
	}
	for i := range 3 {
		sendParts(t, s, strconv.Itoa(i), "a", "")
	}
	var b frames.Batch
	for i := 3; i < 6; i++ {
		b.Append(frames.Strings(strconv.Itoa(i), "a", ""))
	}
	try(t, s.SendBatch(within(t), &b))
	for first, p := range peers {
		for i := first; i < 6; i += 2 {
			expectParts(t, p, strconv.Itoa(i), "a", "")
		}
		if n := waiting(p); n != 0 {
			t.Errorf("peer %d has %d messages more", first, n)
		}
	}
}

// TestC76PushSkipsFullPeer gives a message to the next peer where the one in turn
// has no room for it.
func TestC76PushSkipsFullPeer(t *testing.T) {
	push := newSocket(t, Push, func(o *Options) { o.SendHWM = 2 })
	try(t, push.Connect(nowhere(t)))
	pull := newSocket(t, Pull)
	try(t, push.Connect(bind(t, pull, anyPort)))
	try(t, push.WaitPeers(within(t), 1))
	for i := range 10 {
		sendParts(t, push, strconv.Itoa(i))
	}
	// The first, and the third, wait for a peer that never comes.
	for _, i := range []int{1, 3, 4, 5, 6, 7, 8, 9} {
		expectParts(t, pull, strconv.Itoa(i))
	}
}

// TestC77FairQueue takes one message of each peer in turn, whichever way it is
// received.
func TestC77FairQueue(t *testing.T) {
	for _, kind := range []struct{ to, from Type }{{Pull, Push}, {Dealer, Dealer}, {XSub, Pub}} {
		t.Run(kind.to.String(), func(t *testing.T) {
			s := newSocket(t, kind.to)
			endpoint := bind(t, s, anyPort)
			flood := func() {
				t.Helper()
				for _, name := range []string{"a", "b"} {
					p := meet(t, endpoint, kind.from.String())
					for i := range 3 {
						p.send(message(name + strconv.Itoa(i)))
					}
					p.settle()
				}
			}
			flood()
			for _, want := range []string{"a0", "b0", "a1", "b1", "a2", "b2"} {
				expectParts(t, s, want)
			}
			flood()
			var b frames.Batch
			try(t, s.RecvBatch(within(t), &b))
			for _, want := range []string{"a0", "b0", "a1", "b1", "a2", "b2"} {
				if got := nextOf(&b); got != message(want) {
					t.Fatalf("%q in the batch, want %q", got, message(want))
				}
			}
		})
	}
}

// TestC77OutlivesPusher delivers messages that arrived before their sender left.
func TestC77OutlivesPusher(t *testing.T) {
	pull := newSocket(t, Pull)
	endpoint := bind(t, pull, anyPort)
	push := newSocket(t, Push, func(o *Options) { o.Linger = -1 })
	try(t, push.Connect(endpoint))
	for i := range 100 {
		sendParts(t, push, strconv.Itoa(i))
	}
	try(t, push.Close())
	eventually(t, func() bool { return pull.Stats().Peers == 0 })
	for i := range 100 {
		expectParts(t, pull, strconv.Itoa(i))
	}
}

// TestC78Backpressure fills a PULL that does not receive until its PUSH has to
// wait; every message accepted then arrives.
func TestC78Backpressure(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			hwm := func(o *Options) { o.SendHWM, o.RecvHWM = 2, 2 }
			push, pull := newSocket(t, Push, hwm), newSocket(t, Pull, hwm)
			join(t, pull, push, endpointOn(t, transport))
			body := bytes.Repeat([]byte("x"), 64<<10)
			sent := fillUp(t, push, body)
			if n := waiting(pull); n > 64 {
				t.Errorf("%d messages of 64 KiB wait behind a high-water mark of 2", n)
			}
			more := make(chan error, 1)
			ctx := within(t)
			go func() { more <- push.Send(ctx, frames.Strings("more")) }()
			for i := range sent {
				expectParts(t, pull, strconv.Itoa(i), string(body))
			}
			expectParts(t, pull, "more")
			try(t, <-more)
		})
	}
}

// fillUp sends numbered messages until the sender has to wait, and returns how
// many were taken.
func fillUp(t *testing.T, s *Socket, body []byte) int {
	t.Helper()
	const limit = 4096
	for n := range limit {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := s.Send(ctx, frames.Message{[]byte(strconv.Itoa(n)), body})
		cancel()
		if err != nil {
			expectError(t, "send to a full peer", err, context.DeadlineExceeded)
			return n
		}
	}
	t.Fatalf("%d messages were taken that nobody received", limit)
	return 0
}

// TestC80QueueSurvivesReconnect breaks the connection in the middle of a message: a
// message that was not sent whole is sent whole on the next one, and none twice.
func TestC80QueueSurvivesReconnect(t *testing.T) {
	l := listenRaw(t, anyPort)
	push := newSocket(t, Push, func(o *Options) { o.ReconnectMin, o.ReconnectMax = time.Millisecond, time.Millisecond })
	try(t, push.Connect(l.endpoint))
	first := l.meet("PULL")
	// More than the kernel takes: the sender is left in the middle of a message.
	const count, size = 6, 8 << 20
	body := bytes.Repeat([]byte("x"), size)
	for i := range count {
		try(t, push.Send(within(t), frames.Message{[]byte(strconv.Itoa(i)), body}))
	}
	first.expectFrame(framing.FlagMore, "0")
	first.hangUp()
	second := l.meet("PULL")
	last := -1
	for last < count-1 {
		m := second.readMessage()
		n, err := strconv.Atoi(string(m[0]))
		try(t, err)
		if len(m) != 2 || len(m[1]) != size || n <= last {
			t.Fatalf("message %d of %d frames behind message %d", n, len(m), last)
		}
		if last >= 0 && n != last+1 {
			t.Fatalf("message %d behind message %d", n, last)
		}
		last = n
	}
	sendParts(t, push, "marker")
	second.expectMessage("marker")
}

// TestC80UnsentWaitsForListener delivers messages sent before anybody listened, on
// the connection that comes up last.
func TestC80UnsentWaitsForListener(t *testing.T) {
	for _, transport := range []string{"ipc", "inproc"} {
		t.Run(transport, func(t *testing.T) {
			endpoint := endpointOn(t, transport)
			push := newSocket(t, Push, func(o *Options) { o.ReconnectMin = time.Millisecond })
			try(t, push.Connect(endpoint))
			for i := range 100 {
				sendParts(t, push, strconv.Itoa(i))
			}
			pull := newSocket(t, Pull)
			bind(t, pull, endpoint)
			for i := range 100 {
				expectParts(t, pull, strconv.Itoa(i))
			}
		})
	}
}
