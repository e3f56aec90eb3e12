package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/sockets"
)

// witnessOf is the witness of a command line, with what it says at a level.
func witnessOf(t *testing.T, level int, onRefused func(), line string) (*witness, *strings.Builder) {
	t.Helper()
	fields := strings.Fields(line)
	c, err := configured(t, fields[0], fields[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w, err := newWitness(c, &speech{w: &b, level: level}, onRefused)
	if err != nil {
		t.Fatal(err)
	}
	return w, &b
}

func TestEventsFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events")
	w, said := witnessOf(t, levelNotices, func() {}, "pull -b :1 --events "+name)
	at := time.Date(2026, 11, 22, 10, 0, 0, 5, time.FixedZone("", 3600))
	w.see(sockets.Event{Time: at, Kind: sockets.EventHandshakeDone, Endpoint: "tcp://127.0.0.1:1", Peer: "tcp://127.0.0.1:2", Detail: "PUSH"})
	w.see(sockets.Event{Time: at, Kind: sockets.EventHandshakeAuth, Endpoint: "e", Peer: "p", Value: 400, Err: errors.New("\"no\"\x1b")})
	w.close()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"time":"2026-11-22T09:00:00.000000005Z","event":"HANDSHAKE_SUCCEEDED","endpoint":"tcp://127.0.0.1:1","peer":"tcp://127.0.0.1:2","value":0,"detail":"PUSH"}
{"time":"2026-11-22T09:00:00.000000005Z","event":"HANDSHAKE_FAILED_AUTH","endpoint":"e","peer":"p","value":400,"error":"\"no\"\u001b"}
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if said.String() != "zcat: the handshake with p failed: \"no\"\\x1b\n" {
		t.Errorf("said %q", said)
	}
}

// What a user hears of each event: at which level, and what of it.
func TestEventsAreSaid(t *testing.T) {
	why := errors.New("why")
	for _, c := range []struct {
		event sockets.Event
		level int
		want  string
	}{
		{sockets.Event{Kind: sockets.EventHandshakeAuth, Err: why}, levelErrors, "handshake with tcp://p failed: why"},
		{sockets.Event{Kind: sockets.EventHandshakeProtocol, Err: why}, levelErrors, "handshake with tcp://p failed: why"},
		{sockets.Event{Kind: sockets.EventHandshakeFailed, Err: why}, levelNotices, "handshake with tcp://p failed: why"},
		{sockets.Event{Kind: sockets.EventProtocolError, Err: why}, levelErrors, "tcp://p broke the protocol and was dropped: why"},
		{sockets.Event{Kind: sockets.EventPeerRefused, Err: why}, levelErrors, "tcp://p was refused: why"},
		{sockets.Event{Kind: sockets.EventAcceptFailed, Err: why}, levelNotices, "accepting on tcp://e failed: why"},
		{sockets.Event{Kind: sockets.EventAccepted}, levelEvents, "tcp://p connected to tcp://e"},
		{sockets.Event{Kind: sockets.EventConnectDelayed}, levelEvents, "connecting to tcp://e"},
		{sockets.Event{Kind: sockets.EventConnected}, levelEvents, "connected to tcp://e"},
		{sockets.Event{Kind: sockets.EventConnectRetried, Value: 100}, levelEvents, "connecting to tcp://e again in 100 ms"},
		{sockets.Event{Kind: sockets.EventHandshakeDone, Detail: "PUSH"}, levelEvents, "tcp://p is there, a PUSH"},
		{sockets.Event{Kind: sockets.EventDisconnected}, levelEvents, "tcp://p left"},
		{sockets.Event{Kind: sockets.EventClosed, Err: why}, levelEvents, "closed tcp://e: why"},
		{sockets.Event{Kind: sockets.EventCommand, Detail: "PING"}, levelCommands, "tcp://p sent the command PING"},
	} {
		c.event.Endpoint, c.event.Peer = "tcp://e", "tcp://p"
		for level := levelErrors; level <= levelMessages; level++ {
			w, said := witnessOf(t, level, func() {}, "pull -b :1")
			w.see(c.event)
			w.close()
			if got := said.String(); (level >= c.level) != strings.Contains(got, c.want) {
				t.Errorf("%s at level %d: %q, want %q from level %d", c.event.Kind, level, got, c.want, c.level)
			}
		}
	}
}

func TestAFailureThatComesAgainIsSaidOnce(t *testing.T) {
	w, said := witnessOf(t, levelNotices, func() {}, "pull -c :1")
	for _, peer := range []string{"p1", "p2", "p3"} {
		w.see(sockets.Event{Kind: sockets.EventHandshakeFailed, Endpoint: "e", Peer: peer, Err: errors.New("hung up")})
	}
	w.close()
	if n := strings.Count(said.String(), "hung up"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestRefusals(t *testing.T) {
	no := errors.New("no")
	refusal := func(endpoint string) sockets.Event {
		return sockets.Event{Kind: sockets.EventHandshakeProtocol, Endpoint: endpoint, Peer: endpoint, Err: no}
	}
	for _, c := range []struct {
		line          string
		events        []sockets.Event
		all, protocol bool
	}{
		{"push -c :1", nil, false, false},
		{"push -c :1", []sockets.Event{refusal("a")}, true, false},
		{"push -c :1 -c :2", []sockets.Event{refusal("a")}, false, false},
		{"push -c :1 -c :2", []sockets.Event{refusal("a"), refusal("a")}, false, false},
		{"push -c :1 -c :2", []sockets.Event{refusal("a"), refusal("b")}, true, false},
		{"push -c :1 -b :2", []sockets.Event{refusal("a"), refusal("b")}, false, false},
		{"push -c :1", []sockets.Event{{Kind: sockets.EventProtocolError, Endpoint: "a", Err: no}}, true, true},
		{"push -c :1", []sockets.Event{{Kind: sockets.EventHandshakeFailed, Endpoint: "a", Err: no}}, false, false},
	} {
		calls := 0
		w, _ := witnessOf(t, levelErrors, func() { calls++ }, c.line)
		for _, e := range c.events {
			w.see(e)
		}
		w.close()
		all, protocol := w.refused()
		if all != c.all || protocol != c.protocol || (calls > 0) != c.all {
			t.Errorf("%s %v: all %v, protocol %v, %d calls", c.line, c.events, all, protocol, calls)
		}
	}
}
