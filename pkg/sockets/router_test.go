package sockets

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

func identity(id string) string { return prop("Identity", id) }

// TestC56AnonymousIDs gives peers without an identity ids of five bytes, the
// first 0, and no two the same; an empty identity counts as none.
func TestC56AnonymousIDs(t *testing.T) {
	router := newSocket(t, Router)
	endpoint := bind(t, router, anyPort)
	seen := map[string]bool{}
	for _, props := range [][]string{nil, {identity("")}, nil} {
		p := meet(t, endpoint, "DEALER", props...)
		p.send(message("hello"))
		m, err := router.Recv(within(t))
		try(t, err)
		id := m[0]
		if len(m) != 2 || string(m[1]) != "hello" || len(id) != 5 || id[0] != 0 || seen[string(id)] {
			t.Fatalf("received %s", spell(m))
		}
		seen[string(id)] = true
		sendParts(t, router, string(id), "", "reply")
		p.expectMessage("", "reply")
	}
}

// TestMadeUpIDIsFree: where a made-up id is another peer's already, as after 2^28
// of them, another one is made up: both peers are heard and answered, with handover
// or without.
func TestMadeUpIDIsFree(t *testing.T) {
	for _, handover := range []bool{false, true} {
		s := newSocket(t, Router, func(o *Options) { o.Handover = handover })
		endpoint := bind(t, s, anyPort)
		s.mu.Lock()
		begin := s.pattern.(*router).counter
		s.mu.Unlock()
		peers, ids := make([]*rawPeer, 4), map[string]*rawPeer{}
		for i := range peers {
			s.mu.Lock()
			s.pattern.(*router).counter = begin // the ids of all before are made up again
			s.mu.Unlock()
			peers[i] = meet(t, endpoint, "DEALER")
			peers[i].send(message("hello"))
			m, err := s.Recv(within(t))
			try(t, err)
			ids[string(m[0])] = peers[i]
		}
		if len(ids) != len(peers) {
			t.Fatalf("handover %v: %d ids of %d peers", handover, len(ids), len(peers))
		}
		for id, p := range ids {
			sendParts(t, s, id, "reply to "+id)
			p.expectMessage("reply to " + id)
		}
	}
}

// TestC57AnnouncedIDs knows a peer by the identity that it announced.
func TestC57AnnouncedIDs(t *testing.T) {
	router := newSocket(t, Router)
	endpoint := bind(t, router, anyPort)
	for _, id := range []string{"a", strings.Repeat("b", 255), "\xff\x00", "c"} {
		p := meet(t, endpoint, "DEALER", identity(id))
		p.send(message("", "hello"))
		expectParts(t, router, id, "", "hello")
		sendParts(t, router, id, "reply", "")
		p.expectMessage("reply", "")
	}
}

// TestC58DuplicateID refuses the newcomer, reports that and takes nothing from it;
// the first holder goes on.
func TestC58DuplicateID(t *testing.T) {
	log, watch := monitor(t)
	router := newSocket(t, Router, watch)
	endpoint := bind(t, router, anyPort)
	first := meet(t, endpoint, "DEALER", identity("same"))
	first.send(message("one"))
	expectParts(t, router, "same", "one")
	second := dialRaw(t, endpoint)
	second.greet(1)
	second.send(ready("DEALER", identity("same")), message("of the second"))
	second.expectCommand("READY")
	if e := log.await(EventPeerRefused); e.Err == nil || e.Endpoint != endpoint || e.Peer != "tcp://"+second.LocalAddr().String() {
		t.Errorf("event %+v", e)
	}
	if reason := second.expectCommand("ERROR"); !strings.Contains(reason, "routing id") {
		t.Errorf("the peer is told %q", reason)
	}
	second.expectClosed()
	first.send(message("two"))
	expectParts(t, router, "same", "two")
	sendParts(t, router, "same", "reply")
	first.expectMessage("reply")

	first.hangUp()
	eventually(t, func() bool { return router.Stats().Peers == 0 })
	third := meet(t, endpoint, "DEALER", identity("same"))
	third.send(message("three"))
	expectParts(t, router, "same", "three")
}

// TestC59Handover gives a routing id to the newest connection and ends the old.
func TestC59Handover(t *testing.T) {
	log, watch := monitor(t)
	router := newSocket(t, Router, watch, func(o *Options) { o.Handover = true })
	endpoint := bind(t, router, anyPort)
	first := meet(t, endpoint, "DEALER", identity("same"))
	first.send(message("one"))
	expectParts(t, router, "same", "one")
	second := meet(t, endpoint, "DEALER", identity("same"))
	if e := log.await(EventSentAway); e.Peer != "tcp://"+first.LocalAddr().String() {
		t.Errorf("event %+v", e)
	}
	if rest := first.expectClosed(); rest != "" && !strings.Contains(rest, "ERROR") {
		t.Errorf("the old connection still got %q", rest)
	}
	sendParts(t, router, "same", "reply")
	second.expectMessage("reply")
	second.send(message("two"))
	expectParts(t, router, "same", "two")
	eventually(t, func() bool { return router.Stats().Peers == 1 })
	sendParts(t, router, "same", "again")
	second.expectMessage("again")
}

// TestC60Unroutable drops messages with an unknown id, or, with Mandatory, returns
// the id, and takes no other message off the batch.
func TestC60Unroutable(t *testing.T) {
	batch := func() *frames.Batch {
		var b frames.Batch
		b.Append(frames.Strings("known", "1"))
		b.Append(frames.Strings("\x00\xffunknown", "2"))
		b.Append(frames.Strings("known", "3"))
		return &b
	}
	t.Run("dropped", func(t *testing.T) {
		router := newSocket(t, Router)
		p := meet(t, bind(t, router, anyPort), "DEALER", identity("known"))
		try(t, router.WaitPeers(within(t), 1))
		try(t, router.SendBatch(within(t), batch()))
		p.expectMessage("1")
		p.expectMessage("3")
		if st := router.Stats(); st.Unroutable != 1 {
			t.Errorf("%+v", st)
		}
	})
	t.Run("mandatory", func(t *testing.T) {
		router := newSocket(t, Router, func(o *Options) { o.Mandatory = true })
		p := meet(t, bind(t, router, anyPort), "DEALER", identity("known"))
		try(t, router.WaitPeers(within(t), 1))
		b := batch()
		err := router.SendBatch(within(t), b)
		var unroutable *UnroutableError
		if !errors.As(err, &unroutable) || string(unroutable.RoutingID) != "\x00\xffunknown" {
			t.Fatalf("error %v", err)
		}
		if b.Len() != 1 {
			t.Fatalf("%d messages left", b.Len())
		}
		try(t, router.SendBatch(within(t), b))
		p.expectMessage("1")
		p.expectMessage("3")
		if st := router.Stats(); st.Sent != 2 || st.Unroutable != 1 || st.Dropped != 0 {
			t.Errorf("%+v", st)
		}
		p.hangUp()
		eventually(t, func() bool { return router.Stats().Peers == 0 })
		if err := router.Send(within(t), frames.Strings("known", "gone")); !errors.As(err, &unroutable) {
			t.Errorf("send to a peer that left: %v", err)
		}
	})
}

// TestC60Full drops messages that a full peer has no room for, or, with Mandatory,
// waits until it has, or until the peer leaves.
func TestC60Full(t *testing.T) {
	body := bytes.Repeat([]byte("x"), 64<<10)
	meetOne := func(t *testing.T, mandatory bool) (*Socket, *rawPeer) {
		t.Helper()
		router := newSocket(t, Router, func(o *Options) { o.SendHWM, o.Mandatory = 2, mandatory })
		p := meet(t, bind(t, router, anyPort), "DEALER", identity("id"))
		try(t, router.WaitPeers(within(t), 1))
		return router, p
	}
	send := func(router *Socket) func(context.Context) error {
		return func(ctx context.Context) error { return router.Send(ctx, frames.Message{[]byte("id"), body}) }
	}
	t.Run("dropped", func(t *testing.T) {
		router, p := meetOne(t, false)
		sent := 0
		for ; router.Stats().Dropped == 0; sent++ {
			try(t, send(router)(within(t)))
		}
		for range sent - 1 {
			p.expectMessage(string(body))
		}
	})
	t.Run("mandatory", func(t *testing.T) {
		router, p := meetOne(t, true)
		fill := func() (sent int) {
			for ; ; sent++ {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				err := send(router)(ctx)
				cancel()
				if err != nil {
					expectError(t, "send to a full peer", err, context.DeadlineExceeded)
					return sent
				}
			}
		}
		for range fill() {
			p.expectMessage(string(body))
		}
		sendParts(t, router, "id", "more")
		p.expectMessage("more")
		fill()
		ctx, failed := within(t), make(chan error, 1)
		go func() { failed <- send(router)(ctx) }()
		p.hangUp()
		var unroutable *UnroutableError
		// Messages taken before the router noticed are lost with the peer.
		if err := <-failed; err != nil && !errors.As(err, &unroutable) {
			t.Errorf("send to a full peer that left: %v", err)
		}
	})
}

// TestRouterLoneID refuses a message that is nothing but a routing id.
func TestRouterLoneID(t *testing.T) {
	router := newSocket(t, Router)
	p := meet(t, bind(t, router, anyPort), "DEALER", identity("id"))
	try(t, router.WaitPeers(within(t), 1))
	var b frames.Batch
	b.Append(frames.Strings("id", "1"))
	b.Append(frames.Strings("id"))
	b.Append(frames.Strings("id", "2"))
	expectError(t, "send", router.SendBatch(within(t), &b), ErrMessage)
	try(t, router.SendBatch(within(t), &b))
	p.expectMessage("1")
	p.expectMessage("2")
	if sent := router.Stats().Sent; sent != 2 {
		t.Errorf("%d sent", sent)
	}
}

// TestC61VanishedPeer delivers nothing of a message whose sender left in the
// middle, and takes messages for it without an error.
func TestC61VanishedPeer(t *testing.T) {
	router := newSocket(t, Router)
	endpoint := bind(t, router, anyPort)
	p := meet(t, endpoint, "DEALER", identity("gone"))
	p.send(message("whole"), frame(framing.FlagMore, "half"))
	expectParts(t, router, "gone", "whole")
	p.hangUp()
	eventually(t, func() bool { return router.Stats().Peers == 0 })
	sendParts(t, router, "gone", "too late")
	q := meet(t, endpoint, "DEALER", identity("next"))
	q.send(message("marker"))
	expectParts(t, router, "next", "marker")
}

// TestC62RequestShape gets a REQ's request with id and delimiter.
func TestC62RequestShape(t *testing.T) {
	router, req := newSocket(t, Router), newSocket(t, Req, func(o *Options) { o.Identity = []byte("id") })
	join(t, router, req, anyPort)
	sendParts(t, req, "body", "")
	expectParts(t, router, "id", "", "body", "")
	sendParts(t, router, "id", "", "reply")
	expectParts(t, req, "reply")
}

// TestRouterKeepsID knows a peer that it connected to by its first id, also when
// the connection was lost in between.
func TestRouterKeepsID(t *testing.T) {
	l := listenRaw(t, anyPort)
	router := newSocket(t, Router, func(o *Options) { o.ReconnectMin = time.Millisecond })
	try(t, router.Connect(l.endpoint))
	for _, announced := range []string{"first", "second", ""} {
		p := l.meet("DEALER", identity(announced))
		p.send(message("hello"))
		expectParts(t, router, "first", "hello")
		sendParts(t, router, "first", "reply")
		p.expectMessage("reply")
		p.hangUp()
		eventually(t, func() bool { return router.Stats().Peers == 0 })
	}
}

// TestProbeRouter sends an empty message to each new peer, once.
func TestProbeRouter(t *testing.T) {
	probe := func(o *Options) { o.ProbeRouter, o.ReconnectMin = true, time.Millisecond }
	for _, kind := range []Type{Req, Dealer, Router} {
		t.Run(kind.String(), func(t *testing.T) {
			l := listenRaw(t, anyPort)
			s := newSocket(t, kind, probe)
			try(t, s.Connect(l.endpoint))
			p := l.meet("ROUTER")
			p.expectMessage("")
			p.hangUp()
			p = l.meet("ROUTER")
			p.settle() // a PONG comes where a second probe would
		})
	}
	router := newSocket(t, Router, probe)
	p := meet(t, bind(t, router, anyPort), "DEALER")
	p.expectMessage("")
}

// TestRouterOrder keeps the order of each peer's messages in a batch for many.
func TestRouterOrder(t *testing.T) {
	router := newSocket(t, Router, func(o *Options) { o.Mandatory, o.SendHWM = true, 7 })
	endpoint := bind(t, router, anyPort)
	const peers, each = 5, 100
	var all []*Socket
	for i := range peers {
		d := newSocket(t, Dealer, named(Dealer, strconv.Itoa(i)))
		try(t, d.Connect(endpoint))
		all = append(all, d)
	}
	try(t, router.WaitPeers(within(t), peers))
	var b frames.Batch
	for n := range each {
		for i := range peers {
			b.Append(frames.Strings(strconv.Itoa(i), strconv.Itoa(n)))
		}
	}
	try(t, router.SendBatch(within(t), &b))
	for _, d := range all {
		for n := range each {
			expectParts(t, d, strconv.Itoa(n))
		}
	}
}

// TestC28RouterRouter has two ROUTERs talk by their announced ids.
func TestC28RouterRouter(t *testing.T) {
	a, b := newSocket(t, Router, named(Router, "a")), newSocket(t, Router, named(Router, "b"))
	join(t, a, b, anyPort)
	sendParts(t, a, "b", "x")
	expectParts(t, b, "a", "x")
	sendParts(t, b, "a", "y")
	expectParts(t, a, "b", "y")
	if ids := routingIDs(a); !slices.Equal(ids, []string{"b"}) {
		t.Errorf("ids %q", ids)
	}
}

func routingIDs(s *Socket) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.pattern.(*router); ok {
		for id := range r.byID {
			ids = append(ids, id)
		}
	}
	return ids
}

// A message without an id in front is told from one for a peer that has left.
func TestEmptyRoutingID(t *testing.T) {
	for _, kind := range []Type{Router, Stream} {
		s := newSocket(t, kind, func(o *Options) { o.Mandatory = true })
		bind(t, s, anyPort)
		err := s.Send(within(t), frames.Strings("", "x"))
		var unroutable *UnroutableError
		if !errors.As(err, &unroutable) || !strings.Contains(err.Error(), "an empty routing id") {
			t.Errorf("%v: %v", kind, err)
		}
	}
}

// TestRouterRuns: a batch is the same as its messages one after the other, whoever they are
// for: each peer gets as many as it has room for, and what is dropped is counted.
func TestRouterRuns(t *testing.T) {
	const room = 7
	runs := []struct {
		id    string
		count int
	}{{"a", 5}, {"b", 3}, {"a", 10}, {"nobody", 2}, {"b", 1}, {"a", 1}}
	var stats [2]Stats
	var waiting [2][2]int
	for i, together := range []bool{true, false} {
		s := newSocket(t, Router, func(o *Options) { o.SendHWM = room })
		r, ok := s.pattern.(*router)
		if !ok {
			t.Fatal("not a router")
		}
		peers := map[string]*peer{}
		for _, id := range []string{"a", "b"} {
			peers[id] = newPeer(s, "inproc://nobody", false)
			r.name(peers[id], id)
		}
		var b frames.Batch
		for _, run := range runs {
			for n := range run.count {
				b.Append(frames.Strings(run.id, strconv.Itoa(n)))
				if !together {
					try(t, s.SendBatch(within(t), &b))
				}
			}
		}
		try(t, s.SendBatch(within(t), &b))
		stats[i] = s.Stats()
		waiting[i] = [2]int{peers["a"].out.Drop(), peers["b"].out.Drop()}
	}
	if want := [2]int{room, 4}; waiting[0] != want || waiting[1] != want {
		t.Errorf("%v wait in one batch, and %v one after the other, want %v", waiting[0], waiting[1], want)
	}
	if stats[0] != stats[1] || stats[0].Dropped != 9 || stats[0].Unroutable != 2 {
		t.Errorf("in one batch: %+v\none after the other: %+v", stats[0], stats[1])
	}
}
