package sockets

import (
	"fmt"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// tracked is an Option.
func tracked(o *Options) { o.Unanswered = true }

// broker joins a ROUTER and a DEALER that keep the requests without a reply.
func brokerOf(t *testing.T) (front, back *Socket, at, workers string) {
	t.Helper()
	front, back = newSocket(t, Router, tracked), newSocket(t, Dealer, tracked)
	at, workers = bind(t, front, anyPort), bind(t, back, anyPort)
	p, err := NewProxy(front, back, ProxyOptions{})
	try(t, err)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = p.Run(t.Context(), t.Context())
	}()
	t.Cleanup(func() {
		p.Terminate()
		<-over
	})
	return front, back, at, workers
}

// open tells of each peer that has requests without a reply: owes/owed.
func open(s *Socket) (all []string) {
	for _, p := range s.PeerStats() {
		if p.Owes+p.Owed > 0 {
			all = append(all, fmt.Sprintf("%d/%d %t", p.Owes, p.Owed, p.Oldest > 0))
		}
	}
	return all
}

func holds(t *testing.T, s *Socket, want ...string) {
	t.Helper()
	eventually(t, func() bool { return fmt.Sprint(open(s)) == fmt.Sprint(want) })
}

// A request that a worker has in hand counts there and at its client, until the reply.
func TestUnansweredRequests(t *testing.T) {
	front, back, at, workers := brokerOf(t)
	worker := newSocket(t, Rep)
	try(t, worker.Connect(workers))
	eventually(t, func() bool { return back.Stats().Peers == 1 })
	client := newSocket(t, Req)
	try(t, client.Connect(at))
	for range 3 {
		try(t, client.Send(t.Context(), frames.Strings("ask")))
		holds(t, front, "0/1 true")
		holds(t, back, "1/0 true")
		m, err := worker.Recv(t.Context())
		try(t, err)
		try(t, worker.Send(t.Context(), m))
		_, err = client.Recv(t.Context())
		try(t, err)
		holds(t, front)
		holds(t, back)
	}
	for _, s := range []*Socket{front, back} {
		eventually(t, func() bool { // a reply that is queued is one before it is sent
			p := s.PeerStats()
			return len(p) == 1 && p[0].Received == 3 && p[0].Sent == 3 && p[0].Serial != 0
		})
	}
	try(t, client.Send(t.Context(), frames.Strings("ask")))
	holds(t, back, "1/0 true")
	try(t, worker.Close())
	holds(t, front, "0/1 true") // nobody will answer it
	eventually(t, func() bool { return len(back.PeerStats()) == 0 && back.kept.Load() == 0 })
}

// Replies are told by their envelopes, in whatever order they come; a second reply to one
// request is no reply to another.
func TestUnansweredInAnyOrder(t *testing.T) {
	front, back, at, workers := brokerOf(t)
	worker := newSocket(t, Dealer)
	try(t, worker.Connect(workers))
	eventually(t, func() bool { return back.Stats().Peers == 1 })
	for range 3 {
		client := newSocket(t, Req)
		try(t, client.Connect(at))
		try(t, client.Send(t.Context(), frames.Strings("ask")))
	}
	holds(t, back, "3/0 true")
	var requests []frames.Message
	for range 3 {
		m, err := worker.Recv(t.Context())
		try(t, err)
		requests = append(requests, m.Clone())
	}
	for range 2 {
		try(t, worker.Send(t.Context(), requests[2]))
	}
	eventually(t, func() bool { return back.received.Load() == 2 })
	holds(t, back, "2/0 true")
	holds(t, front, "0/1 true", "0/1 true")
	for _, m := range requests[:2] {
		try(t, worker.Send(t.Context(), m))
	}
	holds(t, back)
	holds(t, front)
}

// Without envelopes, replies are to the oldest requests.
func TestUnansweredWithoutEnvelope(t *testing.T) {
	asker := newSocket(t, Dealer, tracked)
	at := bind(t, asker, anyPort)
	worker := newSocket(t, Dealer, tracked)
	try(t, worker.Connect(at))
	for _, text := range []string{"one", "two"} {
		try(t, asker.Send(t.Context(), frames.Strings(text, "argument")))
	}
	holds(t, asker, "2/0 true")
	holds(t, worker, "0/2 true")
	for left := 1; left >= 0; left-- {
		_, err := worker.Recv(t.Context())
		try(t, err)
		try(t, worker.Send(t.Context(), frames.Strings("reply")))
		eventually(t, func() bool { return asker.kept.Load() == int64(left) && worker.kept.Load() == int64(left) })
	}
}

// However many are asked, no more than so many are kept; all are counted, and it ends well.
func TestUnansweredIsBounded(t *testing.T) {
	s := newSocket(t, Dealer, tracked)
	const peers = mostKeptAll/mostKept + 2
	var all []*unanswered
	wire := []byte("\x01\x02id\x01\x00\x00\x01x")
	for range peers {
		u := newUnanswered(s)
		for range mostKept + 10 {
			u.Sending(wire, 1)
			u.Sent(wire, 1, 1)
		}
		all = append(all, u)
	}
	if n := s.kept.Load(); n != mostKeptAll {
		t.Errorf("%d are kept", n)
	}
	for i, u := range all {
		var stats PeerStats
		if u.tell(&stats); stats.Owes != mostKept+10 {
			t.Errorf("%+v", stats)
		}
		if i%2 == 0 {
			u.hangUp(3)
			if u.tell(&stats); stats.Owes != 3 {
				t.Errorf("%+v", stats)
			}
		}
		for stats.Owes > 0 {
			u.received(wire, 1)
			u.tell(&stats)
		}
		u.received(wire, 1)
	}
	if n := s.kept.Load(); n != 0 {
		t.Errorf("%d are still kept", n)
	}
}

// What the kernel did not take is noted when it is queued, once.
func TestUnansweredTakenBack(t *testing.T) {
	u := newUnanswered(newSocket(t, Dealer, tracked))
	wire := []byte("\x01\x00\x00\x01x\x01\x00\x00\x01y\x01\x00\x00\x01z")
	u.Sending(wire, 3)
	u.Sent(wire, 3, 1)
	var stats PeerStats
	if u.tell(&stats); stats.Owes != 1 {
		t.Errorf("%+v", stats)
	}
	none := newUnanswered(newSocket(t, Pub, tracked))
	if none != nil {
		t.Error("a PUB has requests")
	}
}
