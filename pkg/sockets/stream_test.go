package sockets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// expectNotice receives [id, ""] and returns the id.
func expectNotice(t *testing.T, s *Socket) string {
	t.Helper()
	m, err := s.Recv(within(t))
	try(t, err)
	if len(m) != 2 || len(m[0]) == 0 || len(m[1]) != 0 {
		t.Fatalf("%q is no notice", m)
	}
	return string(m[0])
}

// chunks receives bytes of a peer until there are as many as in want.
func chunks(t *testing.T, s *Socket, id, want string) {
	t.Helper()
	var got []byte
	for len(got) < len(want) {
		m, err := s.Recv(within(t))
		try(t, err)
		if len(m) != 2 || string(m[0]) != id || len(m[1]) == 0 {
			t.Fatalf("%s, want bytes of %q", spell(m), id)
		}
		got = append(got, m[1]...)
	}
	if string(got) != want {
		t.Fatalf("received %s, want %s", cutShort(string(got)), cutShort(want))
	}
}

func TestStream(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "zcat") // a path that fits a socket's name
	try(t, err)
	defer func() { _ = os.RemoveAll(dir) }()
	for _, endpoint := range []string{anyPort, "ipc://" + filepath.Join(dir, "s")} {
		s := newSocket(t, Stream)
		p := dialRaw(t, bind(t, s, endpoint))
		id := expectNotice(t, s)
		if len(id) != 5 || id[0] != 0 {
			t.Errorf("the id %q", id)
		}
		for _, text := range []string{"G", "ET / HTTP/1.1\r\n\r\n", strings.Repeat("x", 255), strings.Repeat("y", 256), strings.Repeat("z", 1<<20)} {
			go p.send(text)
			chunks(t, s, id, text)
			sendParts(t, s, id, text)
			got := make([]byte, len(text))
			if _, err := io.ReadFull(p.in, got); err != nil || string(got) != text {
				t.Fatalf("got %s, %v", cutShort(string(got)), err)
			}
		}
		p.endInput() // a half-close counts as the end, as in libzmq
		if left := expectNotice(t, s); left != id {
			t.Errorf("%q left, want %q", left, id)
		}
		p.expectClosed()
	}
}

// However the bytes are cut into messages, and however the kernel takes them, they
// arrive in order and once.
func TestStreamAnyChunking(t *testing.T) {
	s := newSocket(t, Stream, func(o *Options) { o.SendHWM, o.SendBuffer = 10, 4096 })
	p := dialRaw(t, bind(t, s, anyPort))
	id := expectNotice(t, s)
	rng := rand.New(rand.NewPCG(1, 2))
	var all []byte
	var b frames.Batch
	for range 2000 {
		chunk := make([]byte, 1+rng.IntN([]int{3, 300, 9000, 90000}[rng.IntN(4)]))
		for i := range chunk {
			chunk[i] = byte(rng.Uint32())
		}
		all = append(all, chunk...)
		b.Append(frames.Message{[]byte(id), chunk})
	}
	sent := make(chan error, 1)
	go func() { sent <- s.SendBatch(within(t), &b) }()
	got := make([]byte, len(all))
	_, err := io.ReadFull(p.in, got)
	try(t, err)
	try(t, <-sent)
	if !bytes.Equal(got, all) {
		t.Error("other bytes came than were sent")
	}
}

// [id, ""] ends a connection once what was sent before has left. There is no notice of
// an end that the application has asked for.
func TestStreamCloses(t *testing.T) {
	s := newSocket(t, Stream)
	endpoint := bind(t, s, anyPort)
	p := dialRaw(t, endpoint)
	id := expectNotice(t, s)
	text := strings.Repeat("bytes", 200000)
	sendParts(t, s, id, text)
	sendParts(t, s, id, "")
	if got := p.expectClosed(); got != text {
		t.Errorf("%d bytes, want %d", len(got), len(text))
	}
	eventually(t, func() bool { return s.Stats().Peers == 0 })
	var unroutable *UnroutableError
	if err := s.Send(within(t), frames.Strings(id, "late")); !errors.As(err, &unroutable) || string(unroutable.RoutingID) != id {
		t.Error(err)
	}
	next := dialRaw(t, endpoint)
	if other := expectNotice(t, s); other == id {
		t.Error("the id was used again")
	}
	next.hangUp()
	expectNotice(t, s)
}

func TestStreamMessages(t *testing.T) {
	s := newSocket(t, Stream)
	p := dialRaw(t, bind(t, s, anyPort))
	id := expectNotice(t, s)
	for _, m := range [][]string{{id}, {""}, {id, "a", "b"}, {id, "", ""}} {
		if err := s.Send(within(t), frames.Strings(m...)); !errors.Is(err, ErrMessage) {
			t.Errorf("%q: %v", m, err)
		}
	}
	sendParts(t, s, id, "good")
	got := make([]byte, 4)
	if _, err := io.ReadFull(p.in, got); err != nil || string(got) != "good" {
		t.Errorf("%q, %v", got, err)
	}
	for _, set := range []Option{
		func(o *Options) { o.Security = PlainClient("joe", "secret") },
		func(o *Options) {
			o.Authorize = func(context.Context, *zap.Request) zap.Reply { return zap.Reply{Status: zap.OK} }
		},
		func(o *Options) { o.Identity = []byte("it") },
	} {
		if _, err := New(Stream, set); err == nil {
			t.Error("an option without meaning is taken")
		}
	}
	var failed *EndpointError
	if err := s.Connect("inproc://x"); !errors.As(err, &failed) {
		t.Error(err)
	}
	if _, err := s.Bind(within(t), "inproc://x"); !errors.As(err, &failed) {
		t.Error(err)
	}
}

// A peer that we connect to has its id from the start and keeps it; what is sent before
// it is there waits, what a lost connection did not take is gone.
func TestStreamConnects(t *testing.T) {
	l := listenRaw(t, anyPort)
	s := newSocket(t, Stream, quickly, func(o *Options) { o.ConnectIDs = [][]byte{[]byte("device")} })
	try(t, s.Connect(l.endpoint))
	sendParts(t, s, "device", "hello")
	for range 2 {
		p := l.accept()
		if id := expectNotice(t, s); id != "device" {
			t.Errorf("the id %q", id)
		}
		p.send("bytes")
		chunks(t, s, "device", "bytes")
		sendParts(t, s, "device", "hello")
		want := make([]byte, 5)
		if _, err := io.ReadFull(p.in, want); err != nil || string(want) != "hello" {
			t.Errorf("%q, %v", want, err)
		}
		p.hangUp()
		expectNotice(t, s)
	}
	p := l.accept()
	expectNotice(t, s)
	sendParts(t, s, "device", "")
	p.expectClosed()
	eventually(t, func() bool { return s.Stats().Peers == 0 })
	if err := s.Connect(l.endpoint); err != nil { // once more, with an id of its own
		t.Error(err)
	}
	l.accept()
	if id := expectNotice(t, s); id == "device" {
		t.Error("an id was used twice")
	}
}

func TestStreamWithoutNotices(t *testing.T) {
	s := newSocket(t, Stream, func(o *Options) { o.StreamNotify = false })
	endpoint := bind(t, s, anyPort)
	for range 3 {
		p := dialRaw(t, endpoint)
		p.send("x")
		m, err := s.Recv(within(t))
		try(t, err)
		if len(m) != 2 || string(m[1]) != "x" {
			t.Errorf("%q", m)
		}
		p.hangUp()
	}
}

// Replies go to where the bytes came from; notices ask for none, and an empty reply
// closes.
func TestStreamReplies(t *testing.T) {
	s := newSocket(t, Stream)
	endpoint := bind(t, s, anyPort)
	ctx := within(t)
	ended := make(chan error, 1)
	go func() {
		var b frames.Batch
		var tickets []Ticket
		for {
			var err error
			if tickets, err = s.RecvRequests(ctx, &b, 0, tickets); err != nil {
				ended <- err
				return
			}
			var replies frames.Batch
			for b.Len() > 0 {
				m := b.Next()
				if len(m) != 2 || len(m[1]) == 0 {
					ended <- fmt.Errorf("%q", m)
					return
				}
				if string(m[1]) == "bye" {
					m[1] = nil
				}
				replies.Append(m)
			}
			if _, err := s.Reply(tickets, &replies); err != nil {
				ended <- err
				return
			}
		}
	}()
	for i := range 20 {
		p := dialRaw(t, endpoint)
		text := fmt.Sprint("hello ", i)
		p.send(text)
		got := make([]byte, len(text))
		if _, err := io.ReadFull(p.in, got); err != nil || string(got) != text {
			t.Fatalf("%q, %v", got, err)
		}
		p.send("bye")
		p.expectClosed()
	}
	_ = s.Close()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// A peer that does not read holds up the sender only as ROUTER's do, and hangs up
// without harm.
func TestStreamPeerThatDoesNotRead(t *testing.T) {
	s := newSocket(t, Stream, func(o *Options) { o.SendHWMBytes, o.StallTimeout = 64<<10, 0 })
	endpoint := bind(t, s, anyPort)
	p := dialRaw(t, endpoint)
	id := expectNotice(t, s)
	chunk := strings.Repeat("x", 64<<10)
	ctx, cancel := context.WithCancel(within(t))
	waits := make(chan error, 1)
	go func() {
		for {
			if err := s.Send(ctx, frames.Strings(id, chunk)); err != nil {
				waits <- err
				return
			}
		}
	}()
	eventually(t, func() bool {
		s.mu.Lock()
		defer s.unlock()
		for p := range s.peers {
			return !p.out.RoomFor()
		}
		return false
	})
	p.hangUp()
	var unroutable *UnroutableError
	if err := <-waits; !errors.As(err, &unroutable) {
		t.Error(err)
	}
	cancel()
}

// Strangers come and go without a word, and nobody receives: no more is kept than a
// bound.
func TestStreamFloodOfNotices(t *testing.T) {
	s := newSocket(t, Stream)
	s.mu.Lock()
	for range mostNotices + 1 {
		p := newPeer(s, "tcp://127.0.0.1:1", false)
		try(t, s.attach(p))
		p.idWire = []byte("\x01\x01x")
		s.notify(p, true)
	}
	p := newPeer(s, "tcp://127.0.0.1:1", false)
	s.notify(p, true)
	s.notify(p, false)
	waiting := s.fair.waiting()
	s.unlock()
	if waiting != mostNotices+1 || p.in.Count() != 0 {
		t.Errorf("%d wait, %d of the one that came and went", waiting, p.in.Count())
	}
	if n := s.Stats().Dropped; n != 2 {
		t.Errorf("%d notices are counted as dropped", n)
	}
}

// While descriptors run out, and after, no connection that was accepted is closed.
func TestStreamAtTheFileLimit(t *testing.T) {
	s := newSocket(t, Stream)
	l := &troubled{make(chan acceptance)}
	s.tasks.Go(func() { s.accept(l, l.Endpoint()) })
	for range 30 {
		near, far := net.Pipe()
		l.results <- acceptance{nc: near}
		l.results <- acceptance{err: syscall.EMFILE}
		id := expectNotice(t, s)
		newRawPeer(t, far).send("hello")
		chunks(t, s, id, "hello")
	}
	l.results <- acceptance{err: net.ErrClosed}
	if st := s.Stats(); st.Refused > 0 || st.Peers != 30 {
		t.Errorf("%+v", st)
	}
}

// C28: libzmq's STREAM is the other side, in both roles.
func TestInteropStream(t *testing.T) {
	for _, weBind := range []bool{true, false} {
		t.Run(fmt.Sprintf("we bind %v", weBind), func(t *testing.T) { interopStream(t, weBind) })
	}
}

func interopStream(t *testing.T, weBind bool) {
	t.Helper()
	s := newSocket(t, Stream)
	var z *libzmq
	if weBind {
		z = startLibzmq(t, Stream, "--connect", bind(t, s, anyPort))
	} else {
		file := filepath.Join(t.TempDir(), "endpoint")
		z = startLibzmq(t, Stream, "--bind", "tcp://127.0.0.1:*", "--endpoint-file", file)
		try(t, s.Connect(awaitEndpoint(within(t), t, file)))
	}
	id := expectNotice(t, s)
	theirs := z.next()
	if len(theirs) != 2 || theirs[1] != "" {
		t.Fatalf("libzmq was told %q", theirs)
	}
	for _, text := range []string{"hello", strings.Repeat("x", 300), strings.Repeat("y", 100000)} {
		sendParts(t, s, id, text)
		got := ""
		for len(got) < len(text) {
			part, ok := z.next()[1].(string)
			if !ok {
				t.Fatal("libzmq got other bytes")
			}
			got += part
		}
		if got != text {
			t.Errorf("libzmq got %s", cutShort(got))
		}
		z.sendLine([]any{theirs[0], text})
		chunks(t, s, id, text)
	}
	sendParts(t, s, id, "")
	if m := z.next(); m[1] != "" {
		t.Errorf("libzmq was told %q of the end", m)
	}
}

// C28: libzmq closes, and we are told.
func TestInteropStreamCloses(t *testing.T) {
	s := newSocket(t, Stream, quickly)
	z := startLibzmq(t, Stream, "--connect", bind(t, s, anyPort))
	id := expectNotice(t, s)
	theirs := z.next()
	z.sendLine([]any{theirs[0], "last words"})
	chunks(t, s, id, "last words")
	z.sendLine([]any{theirs[0], ""})
	if left := expectNotice(t, s); left != id {
		t.Errorf("%q left", left)
	}
}
