package sockets

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// inWireForm is messages in wire form.
func inWireForm(all ...frames.Message) (wire []byte) {
	for _, m := range all {
		wire = framing.AppendMessage(wire, m)
	}
	return wire
}

// Who asks is told by the first message, whatever its size: only an empty one, that of
// Options.ProbeRouter, is none, and what follows it counts.
func TestUnansweredFirstMessage(t *testing.T) {
	probe := frames.Message{{}}
	for name, all := range map[string][]frames.Message{
		"short": {frames.Strings("x")}, "long": {{bytes.Repeat([]byte("x"), 300)}}, "an empty frame first": {frames.Strings("", "x")},
		"a probe first": {probe, frames.Strings("x")},
	} {
		t.Run(name, func(t *testing.T) {
			asks, asked := newUnanswered(newSocket(t, Dealer, tracked)), newUnanswered(newSocket(t, Router, tracked))
			wire := inWireForm(all...)
			asks.Sending(wire, len(all))
			asks.Sent(wire, len(all), len(all))
			asked.received(wire, len(all))
			var ours, theirs PeerStats
			asks.tell(&ours)
			asked.tell(&theirs)
			if ours.Owes != 1 || ours.Owed != 0 || theirs.Owes != 0 || theirs.Owed != 1 {
				t.Errorf("asking %+v, asked %+v", ours, theirs)
			}
		})
	}
}

// What is replaced before it is received gets no reply, so that nothing is kept of it.
func TestUnansweredConflated(t *testing.T) {
	s := newSocket(t, Dealer, tracked, func(o *Options) { o.Conflate, o.Linger = true, 0 })
	try(t, s.Connect("ipc://"+t.TempDir()+"/none"))
	for range 3 {
		try(t, s.Send(t.Context(), frames.Strings("x")))
	}
	if got := open(s); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// A peer that is gone takes with it all that was kept for it, what was queued included.
func TestUnansweredOfWhoIsGone(t *testing.T) {
	s := newSocket(t, Dealer, tracked, func(o *Options) { o.Linger = 0 })
	at := bind(t, s, anyPort)
	worker := meet(t, at, "DEALER")
	eventually(t, func() bool { return s.Stats().Peers == 1 })
	body := frames.Message{bytes.Repeat([]byte("x"), 64<<10)}
	for s.Stats().Queued == 0 { // until the kernel takes no more
		try(t, s.Send(t.Context(), body))
	}
	try(t, worker.Close())
	eventually(t, func() bool { return len(s.PeerStats()) == 0 && s.kept.Load() == 0 })

	away := newSocket(t, Dealer, tracked, func(o *Options) { o.Linger = 0 })
	none := "ipc://" + t.TempDir() + "/none"
	try(t, away.Connect(none))
	try(t, away.Send(t.Context(), frames.Strings("x")))
	holds(t, away, "1/0 true")
	try(t, away.Disconnect(none))
	eventually(t, func() bool { return len(away.PeerStats()) == 0 && away.kept.Load() == 0 })
}

// Many requests at one time cost memory then, and not for ever after.
func TestUnansweredMemoryIsGivenBack(t *testing.T) {
	wire := inWireForm(frames.Strings("id", "", "x"))
	for _, left := range []int{0, 1, 100} {
		u := newUnanswered(newSocket(t, Router, tracked))
		for range mostKept {
			u.received(wire, 1)
		}
		for range mostKept - left {
			u.Sending(wire, 1)
			u.Sent(wire, 1, 1)
		}
		if n := cap(u.open); u.waiting() != left || n > 4*left+leastRoom {
			t.Errorf("%d requests wait, of %d, in room for %d", u.waiting(), left, n)
		}
	}
}

// SERVER and CLIENT ask and answer, too, though there are no envelopes.
func TestUnansweredOfServer(t *testing.T) {
	server := newSocket(t, Server, tracked)
	at := bind(t, server, anyPort)
	client := newSocket(t, Client, tracked)
	try(t, client.Connect(at))
	try(t, client.Send(t.Context(), frames.Strings("")))
	holds(t, server, "0/1 true")
	holds(t, client, "1/0 true")
	m, err := server.Recv(t.Context())
	try(t, err)
	try(t, server.Send(t.Context(), m))
	holds(t, server)
	holds(t, client)
}

// What a worker sends that is no reply, as a heartbeat, does not hide what it holds.
func TestUnansweredBesideHeartbeats(t *testing.T) {
	front, back, at, workers := brokerOf(t)
	worker := newSocket(t, Dealer)
	try(t, worker.Connect(workers))
	eventually(t, func() bool { return back.Stats().Peers == 1 })
	client := newSocket(t, Req)
	try(t, client.Connect(at))
	try(t, client.Send(t.Context(), frames.Strings("ask")))
	request, err := worker.Recv(t.Context())
	try(t, err)
	try(t, worker.Send(t.Context(), frames.Strings("HEARTBEAT")))
	eventually(t, func() bool { return back.received.Load() == 1 })
	holds(t, back, "1/0 true")
	try(t, worker.Send(t.Context(), request))
	holds(t, back)
	holds(t, front)
}

// What it costs to keep a request until its reply, at one of the sockets: in order, and
// with so many others open that the reply to the newest has to be looked for.
func BenchmarkUnanswered(b *testing.B) {
	for _, open := range []int{0, 100, mostKept - 1} {
		b.Run(fmt.Sprintf("open=%d", open), func(b *testing.B) {
			s, err := New(Dealer, tracked)
			try(b, err)
			defer func() { _ = s.Close() }()
			u := newUnanswered(s)
			for i := range open {
				u.Sending(inWireForm(frames.Strings(fmt.Sprint(i), "", "x")), 1)
			}
			wire := inWireForm(frames.Strings("id", "", "x"))
			b.ReportAllocs()
			for b.Loop() {
				u.Sending(wire, 1)
				u.Sent(wire, 1, 1)
				u.received(wire, 1)
			}
		})
	}
}
