package sockets

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

func recvError(t testing.TB, s *Socket) func(context.Context) error {
	t.Helper()
	return func(ctx context.Context) error {
		_, err := s.Recv(ctx)
		return err
	}
}

// TestC43RequestWireShape sends the delimiter and then the frames of the body.
func TestC43RequestWireShape(t *testing.T) {
	req := newSocket(t, Req)
	p := meet(t, bind(t, req, anyPort), "REP")
	sendParts(t, req, "body", "", "tail")
	p.expectFrame(framing.FlagMore, "")
	p.expectFrame(framing.FlagMore, "body")
	p.expectFrame(framing.FlagMore, "")
	p.expectFrame(0, "tail")
	p.send(message("", "reply", ""))
	expectParts(t, req, "reply", "")
}

// TestC44Envelopes has REP split at the first empty frame and echo the envelope.
func TestC44Envelopes(t *testing.T) { // C44, C46
	rep := newSocket(t, Rep)
	p := meet(t, bind(t, rep, anyPort), "DEALER")
	for _, c := range []struct{ request, body, reply []string }{
		{[]string{"", "x"}, []string{"x"}, []string{"", "reply"}},
		{[]string{"id", "", "x"}, []string{"x"}, []string{"id", "", "reply"}},
		{[]string{"id1", "id2", "", "x", "y"}, []string{"x", "y"}, []string{"id1", "id2", "", "reply"}},
		{[]string{"id1", "id2", "", "a", "", "b"}, []string{"a", "", "b"}, []string{"id1", "id2", "", "reply"}},
		{[]string{"", "", "x"}, []string{"", "x"}, []string{"", "reply"}},
		{[]string{"", ""}, []string{""}, []string{"", "reply"}},
	} {
		p.send(message(c.request...))
		expectParts(t, rep, c.body...)
		sendParts(t, rep, "reply")
		p.expectMessage(c.reply...)
	}
}

// TestC45BadRequests skips messages that are no requests and serves the next.
func TestC45BadRequests(t *testing.T) {
	rep := newSocket(t, Rep)
	p := meet(t, bind(t, rep, anyPort), "DEALER")
	for _, bad := range [][]string{{"body"}, {"a", "b"}, {""}, {"id", ""}} {
		p.send(message(bad...), message("", "good"))
		expectParts(t, rep, "good")
		sendParts(t, rep, "reply")
		p.expectMessage("", "reply")
	}
}

// TestC47Pipelined serves two requests of one peer in order, and two peers in
// turn.
func TestC47Pipelined(t *testing.T) {
	rep := newSocket(t, Rep)
	endpoint := bind(t, rep, anyPort)
	peers := map[string]*rawPeer{}
	for _, name := range []string{"a", "b"} {
		p := meet(t, endpoint, "DEALER")
		p.send(message("", name+"0"), message("", name+"1"))
		p.settle()
		peers[name] = p
	}
	for _, request := range []string{"a0", "b0", "a1", "b1"} {
		expectParts(t, rep, request)
		sendParts(t, rep, "to", request)
	}
	for name, p := range peers {
		p.expectMessage("", "to", name+"0")
		p.expectMessage("", "to", name+"1")
	}
}

// TestC48VanishedClient discards the reply to a client that left, and serves
// the next.
func TestC48VanishedClient(t *testing.T) {
	rep := newSocket(t, Rep)
	endpoint := bind(t, rep, anyPort)
	p := meet(t, endpoint, "REQ")
	p.send(message("", "request"))
	expectParts(t, rep, "request")
	p.hangUp()
	eventually(t, func() bool { return rep.Stats().Peers == 0 })
	sendParts(t, rep, "reply to nobody")
	if dropped := rep.Stats().Dropped; dropped != 1 {
		t.Errorf("%d dropped", dropped)
	}
	q := meet(t, endpoint, "REQ")
	q.send(message("", "next"))
	expectParts(t, rep, "next")
	sendParts(t, rep, "reply")
	q.expectMessage("", "reply")
}

// TestC48UnreadClient serves requests that were read before their client left.
func TestC48UnreadClient(t *testing.T) {
	rep := newSocket(t, Rep)
	endpoint := bind(t, rep, anyPort)
	p := meet(t, endpoint, "REQ")
	p.send(message("", "last words"))
	p.settle()
	p.hangUp()
	eventually(t, func() bool { return rep.Stats().Peers == 0 })
	expectParts(t, rep, "last words")
	sendParts(t, rep, "reply to nobody")
	expectError(t, "a second reply", rep.Send(within(t), frames.Strings("x")), ErrState)
}

// A reply to a peer that has left is counted once: as dropped, or, where it is given back,
// as unroutable.
func TestReplyToNobodyCountsOnce(t *testing.T) {
	for _, presence := range []bool{false, true} {
		rep := newSocket(t, Rep, func(o *Options) { o.Presence = presence })
		endpoint, err := rep.Bind(within(t), "tcp://127.0.0.1:*")
		try(t, err)
		req := newSocket(t, Req)
		try(t, req.Connect(endpoint))
		try(t, req.Send(within(t), frames.Strings("x")))
		var b frames.Batch
		for b.Len() == 0 || b.Source().Notice != 0 {
			try(t, rep.RecvBatch(within(t), &b))
		}
		try(t, req.Close())
		eventually(t, func() bool { return rep.Stats().Peers == 0 })
		err = rep.Send(within(t), frames.Strings("late"))
		var gone *UnroutableError
		if errors.As(err, &gone) != presence || err != nil && !presence {
			t.Errorf("presence %v: %v", presence, err)
		}
		want := [2]uint64{1, 0}
		if presence {
			want = [2]uint64{0, 1}
		}
		if s := rep.Stats(); [2]uint64{s.Dropped, s.Unroutable} != want {
			t.Errorf("presence %v: %d dropped, %d unroutable, expected %d", presence, s.Dropped, s.Unroutable, want)
		}
	}
}

// TestC49States refuses calls that break the alternation; the socket stays usable.
func TestC49States(t *testing.T) {
	ctx := within(t)
	req, rep := newSocket(t, Req), newSocket(t, Rep)
	join(t, rep, req, anyPort)
	expectError(t, "reply first", rep.Send(ctx, frames.Strings("x")), ErrState)
	expectError(t, "receive first", recvError(t, req)(ctx), ErrState)
	sendParts(t, req, "request")
	expectError(t, "send twice", req.Send(ctx, frames.Strings("x")), ErrState)
	expectParts(t, rep, "request")
	expectError(t, "receive twice", recvError(t, rep)(ctx), ErrState)
	sendParts(t, rep, "reply")
	expectError(t, "reply twice", rep.Send(ctx, frames.Strings("x")), ErrState)
	expectParts(t, req, "reply")
	expectError(t, "receive again", recvError(t, req)(ctx), ErrState)
	sendParts(t, req, "request 2")
	expectParts(t, rep, "request 2")

	for _, n := range []int{0, 2} {
		var b frames.Batch
		for range n {
			b.Append(frames.Strings("x"))
		}
		expectError(t, "a batch to REQ", newSocket(t, Req).SendBatch(ctx, &b), ErrMessage)
		expectError(t, "a batch to REP", rep.SendBatch(ctx, &b), ErrMessage)
		if b.Len() != n {
			t.Errorf("%d messages left of %d", b.Len(), n)
		}
	}
	sendParts(t, rep, "reply 2")
	expectParts(t, req, "reply 2")
}

// TestC50ForeignReply ignores a reply of a peer that was not asked.
func TestC50ForeignReply(t *testing.T) {
	req := newSocket(t, Req)
	endpoint := bind(t, req, anyPort)
	first := meet(t, endpoint, "REP")
	try(t, req.WaitPeers(within(t), 1))
	second := meet(t, endpoint, "REP")
	try(t, req.WaitPeers(within(t), 2))
	sendParts(t, req, "request")
	first.expectMessage("", "request")
	second.send(message("", "not asked"))
	second.settle()
	first.send(message("", "reply"))
	expectParts(t, req, "reply")
	// The other peer is asked next, in turn.
	sendParts(t, req, "request 2")
	second.expectMessage("", "request 2")
	second.send(message("", "reply 2"))
	expectParts(t, req, "reply 2")
}

// TestC51SurplusReply ignores a second reply; the next request gets its own.
func TestC51SurplusReply(t *testing.T) {
	req := newSocket(t, Req)
	p := meet(t, bind(t, req, anyPort), "REP")
	for i := range 3 {
		n := strconv.Itoa(i)
		sendParts(t, req, "request", n)
		p.expectMessage("", "request", n)
		p.send(message("", "reply", n), message("", "surplus", n))
		expectParts(t, req, "reply", n)
		p.settle()
	}
}

// TestC52BadReplies skips messages without the shape of a reply.
func TestC52BadReplies(t *testing.T) {
	req := newSocket(t, Req)
	p := meet(t, bind(t, req, anyPort), "REP")
	sendParts(t, req, "request")
	p.expectMessage("", "request")
	p.send(message("body"), message(""), message("abc", "body"), message("1234", "", "body"))
	p.settle()
	expectWait(t, "receive", recvError(t, req))
	p.send(message("", "reply"))
	expectParts(t, req, "reply")
}

// TestC53Correlate puts a request id of four bytes, one more each time, in front
// of the delimiter, and skips replies that carry another.
func TestC53Correlate(t *testing.T) {
	req := newSocket(t, Req, func(o *Options) { o.Correlate = true })
	p := meet(t, bind(t, req, anyPort), "ROUTER")
	var last uint32
	for i := range 3 {
		sendParts(t, req, "request")
		m := p.readMessage()
		if len(m) != 3 || len(m[0]) != 4 || len(m[1]) != 0 || string(m[2]) != "request" {
			t.Fatalf("request %s", spell(m))
		}
		id := binary.NativeEndian.Uint32(m[0])
		if i > 0 && id != last+1 {
			t.Errorf("id %d behind %d", id, last)
		}
		last = id
		foreign := string(binary.NativeEndian.AppendUint32(nil, id-1))
		p.send(
			message(foreign, "", "late"), message("", "without an id"), message(string(m[0])),
			message(string(m[0]), "x", "no delimiter"), message(string(m[0]), ""),
			message(string(m[0]), "", "reply"),
		)
		expectParts(t, req, "reply")
	}
}

// TestC53CorrelateWithREP sends the id through a REP and back.
func TestC53CorrelateWithREP(t *testing.T) {
	req, rep := newSocket(t, Req, func(o *Options) { o.Correlate = true }), newSocket(t, Rep)
	join(t, rep, req, anyPort)
	for range 3 {
		sendParts(t, req, "request")
		expectParts(t, rep, "request")
		sendParts(t, rep, "reply")
		expectParts(t, req, "reply")
	}
}

// TestRelaxed sends again before a reply, to the next peer, and takes only the
// reply to the last request.
func TestRelaxed(t *testing.T) {
	req := newSocket(t, Req, func(o *Options) { o.Relaxed, o.Correlate = true, true })
	endpoint := bind(t, req, anyPort)
	first := meet(t, endpoint, "REP")
	try(t, req.WaitPeers(within(t), 1))
	second := meet(t, endpoint, "REP")
	try(t, req.WaitPeers(within(t), 2))
	sendParts(t, req, "request 1")
	one := first.readMessage()
	sendParts(t, req, "request 2")
	two := second.readMessage()
	sendParts(t, req, "request 3")
	three := first.readMessage()
	first.send(message(string(one[0]), "", "reply 1"))
	first.settle()
	second.send(message(string(two[0]), "", "reply 2"))
	second.settle()
	first.send(message(string(three[0]), "", "reply 3"))
	expectParts(t, req, "reply 3")
	expectError(t, "receive again", recvError(t, req)(within(t)), ErrState)
}

// TestC54NoPeer has a REQ without a peer wait; with an unreachable one, it may
// send its request and wait for the reply.
func TestC54NoPeer(t *testing.T) {
	req := newSocket(t, Req)
	send := func(ctx context.Context) error { return req.Send(ctx, frames.Strings("x")) }
	expectWait(t, "send", send)
	bind(t, req, anyPort)
	expectWait(t, "send when bound", send)
	endpoint := nowhere(t)
	try(t, req.Connect(endpoint))
	try(t, send(within(t)))
	expectWait(t, "receive", recvError(t, req))
	rep := newSocket(t, Rep)
	bind(t, rep, endpoint)
	expectParts(t, rep, "x")
	sendParts(t, rep, "y")
	expectParts(t, req, "y")
}

// TestC55ServerDies does not repeat a request on the next connection; a relaxed
// REQ may ask again.
func TestC55ServerDies(t *testing.T) {
	l := listenRaw(t, anyPort)
	req := newSocket(t, Req, func(o *Options) { o.Relaxed, o.ReconnectMin = true, time.Millisecond })
	try(t, req.Connect(l.endpoint))
	p := l.meet("REP")
	sendParts(t, req, "request")
	p.expectMessage("", "request")
	p.hangUp()
	p = l.meet("REP")
	p.settle() // a PONG comes where the request would
	expectWait(t, "receive", recvError(t, req))
	sendParts(t, req, "again")
	p.expectMessage("", "again")
	p.send(message("", "reply"))
	expectParts(t, req, "reply")
}

// TestRequestToSuccessor takes the reply of any peer where the one that was
// asked is gone for good.
func TestRequestToSuccessor(t *testing.T) {
	req := newSocket(t, Req)
	endpoint := bind(t, req, anyPort)
	p := meet(t, endpoint, "REP")
	sendParts(t, req, "request")
	p.expectMessage("", "request")
	p.hangUp()
	eventually(t, func() bool { return req.Stats().Peers == 0 })
	q := meet(t, endpoint, "REP")
	q.send(message("", "reply"))
	expectParts(t, req, "reply")
}

// TestReplyWhileReceiving has one goroutine reply while another waits for the
// next request: the envelope of one must not run into the other's.
func TestReplyWhileReceiving(t *testing.T) {
	rep := newSocket(t, Rep)
	endpoint := bind(t, rep, anyPort)
	const clients, each = 4, 100
	ctx := within(t)
	requests := make(chan frames.Message)
	served := make(chan error, 1)
	go func() {
		for m := range requests {
			if err := rep.Send(ctx, m); err != nil {
				served <- err
				return
			}
		}
		served <- nil
	}()
	asked := make(chan error, clients)
	for c := range clients {
		d := newSocket(t, Dealer)
		try(t, d.Connect(endpoint))
		go func() {
			for i := range each {
				id, n := "client "+strconv.Itoa(c), strconv.Itoa(i)
				if err := d.Send(ctx, frames.Strings(id, "", n)); err != nil {
					asked <- err
					return
				}
				m, err := d.Recv(ctx)
				if err == nil && (len(m) != 3 || string(m[0]) != id || string(m[2]) != n) {
					t.Errorf("reply %s to %s of %s", spell(m), n, id)
				}
				if err != nil {
					asked <- err
					return
				}
			}
			asked <- nil
		}()
	}
	for range clients * each {
		m := recvWhenAllowed(ctx, t, rep)
		requests <- m
	}
	close(requests)
	try(t, <-served)
	for range clients {
		try(t, <-asked)
	}
}

// recvWhenAllowed asks for a request again and again until the reply to the
// last one has been sent.
func recvWhenAllowed(ctx context.Context, t *testing.T, rep *Socket) (m frames.Message) {
	t.Helper()
	eventually(t, func() bool {
		var err error
		m, err = rep.Recv(ctx)
		return err == nil
	})
	return m
}

// A REP does not keep the memory of a huge request, of its envelope or of the reply.
func TestHugeReplyIsNotKept(t *testing.T) {
	s := newSocket(t, Rep)
	p := meet(t, bind(t, s, anyPort), "DEALER")
	huge := strings.Repeat("x", 2*keptBuffer)
	for _, parts := range [][]string{{"", huge}, {huge, "", "y"}} {
		p.send(message(parts...))
		m, err := s.Recv(within(t))
		try(t, err)
		try(t, s.Send(within(t), m))
		p.expectMessage(parts...)
		if r := s.pattern.(*rep); cap(r.reply) > keptBuffer || cap(r.envelope) > keptBuffer { //nolint:forcetypeassert // it is one
			t.Errorf("%d and %d bytes are kept", cap(r.reply), cap(r.envelope))
		}
	}
}
