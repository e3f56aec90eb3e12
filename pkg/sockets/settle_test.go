package sockets

import (
	"io"
	"testing"
)

// silentAfterOurWord connects peers that have our last word and have not said theirs, one
// for each way to get there, and returns what is left for each to say.
func silentAfterOurWord(t *testing.T, tcp, ws string) map[*rawPeer]string {
	t.Helper()
	careful := dialRaw(t, tcp) // as one of ours
	careful.send(greeting(1)[:11])
	careful.readGreeting()
	careful.expectCommand("READY")

	old := dialRaw(t, tcp)
	old.send(greeting(1)[:10] + "\x01")
	end := make([]byte, 14)
	if _, err := io.ReadFull(old.in, end); err != nil || string(end[11:]) != "\x07\x00\x00" {
		t.Fatalf("%q, %v", end, err)
	}

	page, answer := dialWS(t, ws, "ZWS2.0")
	if answer[:13] != "HTTP/1.1 101 " {
		t.Fatal(answer)
	}
	polite, answer := dialWS(t, ws, "ZWS2.0/NULL", "User-Agent: zcat")
	if answer[:13] != "HTTP/1.1 101 " {
		t.Fatal(answer)
	}
	polite.readWS()
	return map[*rawPeer]string{
		careful: greeting(1)[11:] + ready("PUSH") + message("careful"),
		old:     "\x08\x00\x00" + message("old"),
		page:    wsMessage("") + wsMessage("page"),
		polite:  wsReady("PUSH") + wsMessage("polite"),
	}
}

// Whoever has our last word of the handshake is a peer: what it sends then arrives,
// however many others come meanwhile.
func TestTheLastWordKeepsItsPromise(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, Pull, monitored, func(o *Options) { o.MaxPeers, o.HandshakeTimeout = 10, 0 })
	tcp, ws := bind(t, s, anyPort), bind(t, s, onWS)
	peers := silentAfterOurWord(t, tcp, ws)
	for range len(peers) {
		events.await(EventAccepted)
	}
	for range minGreeters + 10 {
		_ = dialRaw(t, tcp)
		events.await(EventAccepted)
	}
	eventually(t, func() bool { return s.Stats().Refused == uint64(len(peers))+10 }) // to make room
	for p, rest := range peers {
		p.send(rest)
	}
	want := map[string]bool{"careful": true, "old": true, "page": true, "polite": true}
	for range len(peers) {
		m, err := s.Recv(within(t))
		try(t, err)
		if len(m) != 1 || !want[string(m[0])] {
			t.Errorf("%s came", spell(m))
		}
		delete(want, string(m[0]))
	}
}

// The silent that have our last word hold half of the free places: there is room for
// those that speak, and none of these gets the last word without a place.
func TestTheLastWordIsForThoseWithAPlace(t *testing.T) {
	s := newSocket(t, Pull, func(o *Options) { o.MaxPeers = 4 })
	endpoint := bind(t, s, anyPort)
	var silent []*rawPeer
	for range 4 {
		p := dialRaw(t, endpoint)
		p.send(greeting(1)[:11])
		p.readGreeting()
		silent = append(silent, p)
	}
	for _, p := range silent[:2] {
		p.expectCommand("READY")
	}
	for _, text := range []string{"one", "two"} {
		meet(t, endpoint, "PUSH").send(message(text))
		expectParts(t, s, text)
	}
	for _, p := range silent[2:] {
		p.send(greeting(1)[11:], ready("PUSH"))
		if sent := p.expectClosed(); sent != "" {
			t.Errorf("it got %q and no place", sent)
		}
	}
	for _, p := range silent[:2] {
		p.send(greeting(1)[11:], ready("PUSH"), message("late"))
		expectParts(t, s, "late")
	}
	if n := s.Stats().Peers; n != 4 {
		t.Errorf("%d peers", n)
	}
}
