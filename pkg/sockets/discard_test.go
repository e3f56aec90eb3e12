package sockets

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// wantDiscard awaits the next report of a discarded message.
func wantDiscard(t *testing.T, log *eventLog, endpoint, peer, why string) {
	t.Helper()
	e := log.await(EventDiscarded)
	if e.Err == nil || !strings.Contains(e.Err.Error(), why) || e.Peer != peer || endpoint != "" && e.Endpoint != endpoint {
		t.Errorf("event %+v, want one of %q at %q because %q", e, peer, endpoint, why)
	}
}

// A REP reports each request that it throws away, with its peer and the reason.
func TestRepReportsDiscards(t *testing.T) {
	log, watch := monitor(t)
	rep := newSocket(t, Rep, watch)
	endpoint := bind(t, rep, anyPort)
	p := meet(t, endpoint, "DEALER")
	peer := "tcp://" + p.LocalAddr().String()
	for _, bad := range []struct {
		parts []string
		why   string
	}{
		{[]string{"body"}, "no delimiter"},
		{[]string{"a", "b"}, "no delimiter"},
		{[]string{""}, "nothing follows"},
		{[]string{"id", ""}, "nothing follows"},
	} {
		p.send(message(bad.parts...), message("", "good"))
		expectParts(t, rep, "good")
		wantDiscard(t, log, endpoint, peer, bad.why)
		sendParts(t, rep, "reply")
		p.expectMessage("", "reply")
	}
	if st := rep.Stats(); st.Discarded != 4 || st.Received != 4 {
		t.Errorf("%+v", st)
	}
}

// A REQ reports each reply that it throws away for its shape. A late reply to an
// earlier request has the right one.
func TestReqReportsDiscards(t *testing.T) {
	type bad struct {
		parts []string
		why   string
	}
	for _, c := range []struct {
		name      string
		correlate bool
		bad       []bad
		silent    []string
	}{
		{"plain", false, []bad{{[]string{"reply"}, "no delimiter"}, {[]string{"a", "", "b"}, "no delimiter"}, {[]string{""}, "nothing follows"}}, nil},
		{"correlated", true, []bad{{[]string{"reply"}, "one frame only"}}, []string{"none", "", "late"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			log, watch := monitor(t)
			req := newSocket(t, Req, watch, func(o *Options) { o.Correlate = c.correlate })
			endpoint := bind(t, req, anyPort)
			p := meet(t, endpoint, "ROUTER")
			sendParts(t, req, "hello")
			request := p.readMessage()
			for _, b := range c.bad {
				p.send(message(b.parts...))
			}
			if c.silent != nil {
				p.send(message(c.silent...))
			}
			var front []string
			for _, frame := range request[:len(request)-1] {
				front = append(front, string(frame))
			}
			p.send(message(append(front, "good")...))
			expectParts(t, req, "good")
			for _, b := range c.bad {
				wantDiscard(t, log, endpoint, "tcp://"+p.LocalAddr().String(), b.why)
			}
			if n := req.Stats().Discarded; n != uint64(len(c.bad)) {
				t.Errorf("%d discarded", n)
			}
		})
	}
}

// A proxy reports messages that it cannot pass on, with their sender and the
// reason.
func TestProxyReportsDiscards(t *testing.T) {
	log, watch := monitor(t)
	front, back := newSocket(t, Router, watch), newSocket(t, Dealer)
	frontEP, backEP := mustBind(t, front), mustBind(t, back)
	p := proxyOf(t, front, back)
	go func() { _ = p.Run(t.Context(), t.Context()) }()
	worker, client := meet(t, backEP, "DEALER"), dialed(t, Req, frontEP)
	peer := "tcp://" + worker.LocalAddr().String()
	for _, c := range []struct {
		parts []string
		why   string
	}{
		{[]string{"alone"}, "one frame only"},
		{[]string{"nobody", "", "there"}, "no peer has the routing id 6e6f626f6479"},
	} {
		worker.send(message(c.parts...))
		wantDiscard(t, log, frontEP, peer, c.why)
	}
	mustSend(t, client, "hello")
	id := string(worker.readMessage()[0])
	worker.send(message(id, "reply"))
	wantDiscard(t, log, frontEP, peer, "a REQ, which discards it: it has no delimiter")
	worker.send(message(id, "", "reply"))
	mustRecv(t, client, "reply")
	if stats, _ := p.Stats(); stats.Discarded != 3 || stats.Dropped != 2 {
		t.Errorf("%+v", stats)
	}
}

// Ids that are made up are distinct, and survive every text form: no byte after the
// zero is an ASCII character, and none is UTF-8 as a whole.
func TestMadeUpIDs(t *testing.T) {
	r := newRouter(newSocket(t, Router)).(*router)
	seen := map[string]bool{}
	for _, begin := range []uint32{0, 1<<14 - 500, 1<<21 - 500, 0x42<<21 | 0x10, 0x62<<21 - 500, 0x70<<21 - 500, 1<<28 - 500, 1<<32 - 500} {
		r.counter = begin
		clear(seen)
		for range 20000 {
			id := r.invent()
			if len(id) != 5 || id[0] != 0 || seen[id] || utf8.ValidString(id) {
				t.Fatalf("%x behind %x", id, begin)
			}
			seen[id] = true
			for _, c := range []byte(id[1:]) {
				if c < 0x80 {
					t.Fatalf("%x", id)
				}
			}
		}
	}
}

// The departure of the peer that has a REQ's request is distinguished from that of
// a peer that has replied, or was not asked.
func TestReqTellsWhoLeavesWithARequest(t *testing.T) {
	for _, c := range []struct {
		name           string
		asked, replies bool
		want           string
	}{
		{"asked", true, false, DetailAsked},
		{"replied", true, true, ""},
		{"not asked", false, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			log, watch := monitor(t)
			req := newSocket(t, Req, watch)
			p := meet(t, bind(t, req, anyPort), "REP")
			if c.asked {
				sendParts(t, req, "hello")
				p.expectMessage("", "hello")
			}
			if c.replies {
				p.send(message("", "reply"))
				eventually(t, func() bool { return req.waiting() == 1 })
			}
			p.hangUp()
			if e := log.await(EventDisconnected); e.Detail != c.want {
				t.Errorf("event %+v", e)
			}
		})
	}
}
