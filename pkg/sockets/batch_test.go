package sockets

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

func numbered(count int) *frames.Batch {
	var b frames.Batch
	for i := range count {
		b.Append(frames.Strings("message", strconv.Itoa(i)))
	}
	return &b
}

// wireOf returns the messages of a batch in wire form.
func wireOf(b *frames.Batch) []byte { return (*framing.Batch)(b).Wire() }

// nextOf takes the first message of a batch, in wire form.
func nextOf(b *frames.Batch) string { return string((*framing.Batch)(b).NextWire()) }

// TestSendBatchPartial takes off a batch the messages that were accepted before an
// error, and leaves the rest to be sent again.
func TestSendBatchPartial(t *testing.T) {
	push := newSocket(t, Push, func(o *Options) { o.SendHWM = 4 })
	endpoint := nowhere(t)
	try(t, push.Connect(endpoint))
	b := numbered(10)
	expectWait(t, "send", func(ctx context.Context) error { return push.SendBatch(ctx, b) })
	if b.Len() != 6 || !bytes.HasPrefix(wireOf(b), []byte(message("message", "4"))) {
		t.Fatalf("%d messages left: %.40q", b.Len(), wireOf(b))
	}
	pull := newSocket(t, Pull)
	bind(t, pull, endpoint)
	try(t, push.SendBatch(within(t), b))
	if b.Len() != 0 {
		t.Errorf("%d messages left", b.Len())
	}
	for i := range 10 {
		expectParts(t, pull, "message", strconv.Itoa(i))
	}
	try(t, push.SendBatch(within(t), b)) // nothing to send
	if sent := push.Stats().Sent; sent != 10 {
		t.Errorf("%d sent", sent)
	}
}

// TestSendBatchClosed leaves in the batch the messages that a closed socket did not
// take.
func TestSendBatchClosed(t *testing.T) {
	push := newSocket(t, Push, func(o *Options) { o.SendHWM = 4 })
	try(t, push.Connect(nowhere(t)))
	b, ctx, done := numbered(10), within(t), make(chan error, 1)
	go func() { done <- push.SendBatch(ctx, b) }()
	eventually(t, func() bool { return push.Stats().Sent == 4 })
	var unsent *UnsentError
	if err := push.Close(); !errors.As(err, &unsent) || unsent.Messages != 4 {
		t.Errorf("Close: %v", err)
	}
	expectError(t, "send", <-done, ErrClosed)
	if b.Len() != 6 {
		t.Errorf("%d messages left", b.Len())
	}
}

// TestCloseWakesSender wakes a sender that waits at once, however long Close itself
// waits for the linger.
func TestCloseWakesSender(t *testing.T) {
	push := newSocket(t, Push, func(o *Options) { o.SendHWM, o.Linger = 1, -1 })
	endpoint := nowhere(t)
	try(t, push.Connect(endpoint))
	sendParts(t, push, "queued")
	ctx := within(t)
	senders, closed := make(chan error, 2), make(chan error, 1)
	for range cap(senders) {
		go func() { senders <- push.Send(ctx, frames.Strings("no room")) }()
	}
	go func() { closed <- push.Close() }()
	for range cap(senders) {
		expectError(t, "send", <-senders, ErrClosed)
	}
	pull := newSocket(t, Pull)
	bind(t, pull, endpoint)
	expectParts(t, pull, "queued")
	try(t, <-closed)
}

// TestRecvBatchOwnership leaves a batch to its owner until it is passed to
// RecvBatch again, which empties it.
func TestRecvBatchOwnership(t *testing.T) {
	for _, kind := range []Type{Pull, Router, XSub} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind)
			p := meet(t, bind(t, s, anyPort), kind.Peers()[0].String())
			var mine, other frames.Batch
			mine.Append(frames.Strings("from before"))
			p.send(message("one"), message("two"))
			p.settle()
			try(t, s.RecvBatch(within(t), &mine))
			before := bytes.Clone(wireOf(&mine))
			for range 100 {
				p.send(message(strings.Repeat("x", 100)))
				try(t, s.RecvBatch(within(t), &other))
			}
			if !bytes.Equal(before, wireOf(&mine)) || mine.Len() != 2 {
				t.Fatalf("a batch of %d messages changed while its owner held it", mine.Len())
			}
			p.send(message("three"))
			try(t, s.RecvBatch(within(t), &mine))
			if mine.Len() != 1 || !bytes.HasSuffix(wireOf(&mine), []byte(message("three"))) {
				t.Errorf("%d messages: %q", mine.Len(), wireOf(&mine))
			}
		})
	}
}

// TestRecvIsOwn gives each message of Recv memory of its own.
func TestRecvIsOwn(t *testing.T) {
	pull := newSocket(t, Pull)
	p := meet(t, bind(t, pull, anyPort), "PUSH")
	p.send(message("one", "a"), message("two", "b"), message("three", "c"))
	p.settle()
	m, err := pull.Recv(within(t))
	try(t, err)
	for _, frame := range m {
		frame = append(frame, "an owner may append"...)
		clear(frame)
	}
	expectParts(t, pull, "two", "b")
	expectParts(t, pull, "three", "c")
}

// TestSendCopies lets the caller use a message again once Send has returned.
func TestSendCopies(t *testing.T) {
	push := newSocket(t, Push)
	endpoint := nowhere(t)
	try(t, push.Connect(endpoint))
	m := frames.Strings("message", "0")
	for i := range 10 {
		m[1][0] = byte('0' + i)
		try(t, push.Send(within(t), m))
	}
	pull := newSocket(t, Pull)
	bind(t, pull, endpoint)
	for i := range 10 {
		expectParts(t, pull, "message", strconv.Itoa(i))
	}
}

// TestSource names the peer of each message of a batch.
func TestSource(t *testing.T) {
	t.Run("tcp", func(t *testing.T) {
		pull := newSocket(t, Pull)
		endpoint := bind(t, pull, anyPort)
		sources := map[string]string{}
		for _, name := range []string{"a", "b"} {
			p := meet(t, endpoint, "PUSH")
			p.send(message(name), message(name))
			p.settle()
			sources[message(name)] = "tcp://" + p.LocalAddr().String()
		}
		var b frames.Batch
		try(t, pull.RecvBatch(within(t), &b))
		for range 4 {
			source := b.Source()
			m := nextOf(&b)
			if want := (frames.Source{Peer: sources[m], Endpoint: endpoint}); source != want {
				t.Errorf("message %q came from %v, want %v", m, source, want)
			}
		}
	})
	for _, transport := range []string{"ipc", "inproc"} {
		t.Run(transport, func(t *testing.T) {
			rep, req := newSocket(t, Rep), newSocket(t, Req)
			endpoint := join(t, rep, req, endpointOn(t, transport))
			sendParts(t, req, "request")
			var b frames.Batch
			try(t, rep.RecvBatch(within(t), &b))
			if got, want := b.Source(), (frames.Source{Peer: endpoint, Endpoint: endpoint}); got != want {
				t.Errorf("%s came from %v, want %v", wireOf(&b), got, want)
			}
			sendParts(t, rep, "reply")
			try(t, req.RecvBatch(within(t), &b))
			if got, want := b.Source(), (frames.Source{Peer: endpoint, Endpoint: endpoint}); got != want {
				t.Errorf("%s came from %v, want %v", wireOf(&b), got, want)
			}
		})
	}
}

// TestRecvTakesOne leaves in the socket, and in its count, what Recv did not
// return.
func TestRecvTakesOne(t *testing.T) {
	for _, kind := range []Type{Pull, Router, Sub, XSub, Pair, Dealer} {
		t.Run(kind.String(), func(t *testing.T) {
			s := newSocket(t, kind)
			if kind == Sub {
				try(t, s.Subscribe([]byte("m")))
			}
			p := meet(t, bind(t, s, anyPort), kind.Peers()[0].String())
			if kind == Sub {
				expectSubscriptions(p, "m")
			}
			for i := range 10 {
				p.send(message("message", strconv.Itoa(i)))
			}
			p.settle()
			for i := range 10 {
				m, err := s.Recv(within(t))
				try(t, err)
				if string(m[len(m)-1]) != strconv.Itoa(i) {
					t.Fatalf("received %s, want message %d", spell(m), i)
				}
				if n, got := waiting(s), s.Stats().Received; n != 9-i || got != uint64(i+1) {
					t.Fatalf("%d wait and %d are received behind message %d", n, got, i)
				}
			}
		})
	}
}
