package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/zcat/zcat/cmd/zcat/internal/life"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/sockets"
)

// monitorOf returns the monitor of a command line, with what it reports at a level.
func monitorOf(t *testing.T, level int, onRefused func(), line string) (*life.Monitor, *strings.Builder) {
	t.Helper()
	fields := strings.Fields(line)
	c, err := configured(t, fields[0], fields[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w, err := life.NewMonitor(life.Watched(c), &say.Speech{W: &b, Level: level}, onRefused)
	if err != nil {
		t.Fatal(err)
	}
	return w, &b
}

func TestEventsFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events")
	w, said := monitorOf(t, say.LevelNotices, func() {}, "pull -b :1 --events "+name)
	at := time.Date(2026, 11, 22, 10, 0, 0, 5, time.FixedZone("", 3600))
	w.See(sockets.Event{Time: at, Kind: sockets.EventHandshakeDone, Endpoint: "tcp://127.0.0.1:1", Peer: "tcp://127.0.0.1:2", Detail: "PUSH"})
	w.See(sockets.Event{Time: at, Kind: sockets.EventHandshakeAuth, Endpoint: "e", Peer: "p", Value: 400, Err: errors.New("\"no\"\x1b")})
	w.Close(t.Context())
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

// What a user is told of each event, and at which level.
func TestEventsAreReported(t *testing.T) {
	why := errors.New("why")
	for _, c := range []struct {
		event sockets.Event
		level int
		want  string
	}{
		{sockets.Event{Kind: sockets.EventHandshakeAuth, Err: why}, say.LevelErrors, "handshake with tcp://p failed: why"},
		{sockets.Event{Kind: sockets.EventHandshakeProtocol, Err: why}, say.LevelErrors, "handshake with tcp://p failed: why"},
		{sockets.Event{Kind: sockets.EventHandshakeFailed, Err: why}, say.LevelNotices, "handshake with tcp://p failed: why"},
		{sockets.Event{Kind: sockets.EventProtocolError, Err: why}, say.LevelErrors, "tcp://p broke the protocol and was dropped: why"},
		{sockets.Event{Kind: sockets.EventPeerRefused, Err: why}, say.LevelErrors, "tcp://p was refused: why"},
		{sockets.Event{Kind: sockets.EventAcceptFailed, Err: why}, say.LevelNotices, "accepting on tcp://e failed: why"},
		{sockets.Event{Kind: sockets.EventAccepted}, say.LevelEvents, "tcp://p connected to tcp://e"},
		{sockets.Event{Kind: sockets.EventConnectDelayed}, say.LevelEvents, "connecting to tcp://e"},
		{sockets.Event{Kind: sockets.EventConnected}, say.LevelEvents, "connected to tcp://e"},
		{sockets.Event{Kind: sockets.EventConnectRetried, Value: 100}, say.LevelEvents, "connecting to tcp://e again in 100 ms"},
		{sockets.Event{Kind: sockets.EventHandshakeDone, Detail: "PUSH"}, say.LevelEvents, "tcp://p is there, a PUSH"},
		{sockets.Event{Kind: sockets.EventDisconnected}, say.LevelEvents, "tcp://p left"},
		{sockets.Event{Kind: sockets.EventClosed, Err: why}, say.LevelEvents, "closed tcp://e: why"},
		{sockets.Event{Kind: sockets.EventCommand, Detail: "PING"}, say.LevelCommands, "tcp://p sent the command PING"},
	} {
		c.event.Endpoint, c.event.Peer = "tcp://e", "tcp://p"
		for level := say.LevelErrors; level <= say.LevelMessages; level++ {
			w, said := monitorOf(t, level, func() {}, "pull -b :1")
			w.See(c.event)
			w.Close(t.Context())
			if got := said.String(); (level >= c.level) != strings.Contains(got, c.want) {
				t.Errorf("%s at level %d: %q, want %q from level %d", c.event.Kind, level, got, c.want, c.level)
			}
		}
	}
}

func TestAFailureThatComesAgainIsSaidOnce(t *testing.T) {
	w, said := monitorOf(t, say.LevelNotices, func() {}, "pull -c :1")
	for _, peer := range []string{"p1", "p2", "p3"} {
		w.See(sockets.Event{Kind: sockets.EventHandshakeFailed, Endpoint: "e", Peer: peer, Err: errors.New("hung up")})
	}
	w.Close(t.Context())
	if n := strings.Count(said.String(), "hung up"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// What is tried again is reported once.
func TestNonsenseIsReportedOnce(t *testing.T) {
	for kind, part := range map[sockets.EventKind]string{
		sockets.EventHandshakeProtocol: "the handshake with e failed: no; trying again",
		sockets.EventProtocolError:     "e broke the protocol and was dropped: no; trying again",
	} {
		w, said := monitorOf(t, say.LevelNotices, func() { t.Error("ended") }, "pull -c :1 -c :2")
		for range 10 {
			w.See(sockets.Event{Kind: kind, Endpoint: "e", Peer: "e", Err: errors.New("no"), Again: true})
		}
		w.Close(t.Context())
		if n := strings.Count(said.String(), part); n != 1 || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%s: said %q", kind, said)
		}
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
		{"push -c :1", []sockets.Event{{Kind: sockets.EventProtocolError, Endpoint: "a", Err: no, Again: true}}, false, false},
		{"push -c :1 -c :2", []sockets.Event{refusal("a"), {Kind: sockets.EventConnectDelayed, Endpoint: "a"}, refusal("b")}, false, false},
	} {
		calls := 0
		w, _ := monitorOf(t, say.LevelErrors, func() { calls++ }, c.line)
		for _, e := range c.events {
			w.See(e)
		}
		w.Close(t.Context())
		all, protocol := w.Refused()
		if all != c.all || protocol != c.protocol || (calls > 0) != c.all {
			t.Errorf("%s %v: all %v, protocol %v, %d calls", c.line, c.events, all, protocol, calls)
		}
	}
}

// A flood from strangers is reported in a few lines, the first at once; all of it
// is in the file, and the connections of others are still reported.
func TestAFloodIsSummedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "events")
		w, said := monitorOf(t, say.LevelEvents, func() {}, "pull -b :1 --events "+name)
		const flood = 5000
		for i := range flood {
			w.See(sockets.Event{Kind: sockets.EventAccepted, Endpoint: "e", Peer: fmt.Sprint("p", i)})
			w.See(sockets.Event{Kind: sockets.EventHandshakeProtocol, Endpoint: "e", Peer: fmt.Sprint("p", i), Err: fmt.Errorf("garbage %d", i)})
		}
		synctest.Wait()
		if !strings.HasPrefix(said.String(), "zcat: p0 connected to e\nzcat: the handshake with p0 failed: garbage 0\n") {
			t.Errorf("said %.200q", said)
		}
		w.See(sockets.Event{Kind: sockets.EventHandshakeProtocol, Endpoint: "another", Peer: "p", Err: errors.New("why")})
		time.Sleep(time.Second) //nolint:forbidigo // the bubble's time, not ours
		synctest.Wait()
		for _, want := range []string{
			"and 4995 more failed handshakes at e within 1s\n", "and 4900 more connections at e within 1s\n", "the handshake with p failed: why\n",
		} {
			if !strings.Contains(said.String(), "zcat: "+want) {
				t.Errorf("not said: %s", want)
			}
		}
		w.See(sockets.Event{Kind: sockets.EventAccepted, Endpoint: "e", Peer: "q"})
		w.See(sockets.Event{Kind: sockets.EventAccepted, Endpoint: "e", Peer: "q"})
		w.Close(t.Context())
		if !strings.HasSuffix(said.String(), "zcat: q connected to e\nzcat: and 1 more connection at e within 2s\n") {
			t.Errorf("at the end %.100q", said.String()[said.Len()-100:])
		}
		if n := strings.Count(said.String(), "\n"); n > 120 {
			t.Errorf("%d lines", n)
		}
		file, err := os.ReadFile(name)
		if n := strings.Count(string(file), "\n"); err != nil || n != 2*flood+3 {
			t.Errorf("%d lines in the file, %v", n, err)
		}
	})
}

// stuck is a terminal that takes nothing until it is let go.
type stuck struct {
	took strings.Builder
	free chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.free
	return s.took.Write(p)
}

// While stderr takes nothing, a flood fills no memory and holds nobody up, and what
// was lost of it is reported.
func TestAFloodWhileNobodyReads(t *testing.T) {
	w, _ := monitorOf(t, say.LevelEvents, func() {}, "pull -b :1")
	out := &stuck{free: make(chan struct{})}
	w.Say.W = out
	for range 5 * life.MostQueued {
		w.See(sockets.Event{Kind: sockets.EventAccepted, Endpoint: "e", Peer: "p"})
	}
	w.Mu.Lock()
	queued, missed := len(w.Queue), w.Missed
	w.Mu.Unlock()
	if queued > life.MostQueued || missed < life.MostQueued {
		t.Errorf("%d queued, %d missed", queued, missed)
	}
	close(out.free)
	w.Close(t.Context())
	if !strings.Contains(out.took.String(), " events neither reported nor written: there were too many\n") {
		t.Errorf("said %.300q", out.took.String())
	}
}

// Nothing that a peer chooses steers a terminal, wherever it is reported.
func TestHostileBytesAreEscaped(t *testing.T) {
	const hostile = "\x1b[31m\x9b2J\u009b2J\r\n\x00zcat: forged\u202egnp.exe\u2066\u2028\u200b\xff\xc0\xaf\ufeff\x7f\U000e0041"
	for level := say.LevelErrors; level <= say.LevelMessages; level++ {
		w, said := monitorOf(t, level, func() {}, "pull -b :1")
		for _, kind := range []sockets.EventKind{
			sockets.EventAccepted, sockets.EventAcceptFailed, sockets.EventBindFailed, sockets.EventClosed, sockets.EventCommand, sockets.EventConnected,
			sockets.EventConnectDelayed, sockets.EventConnectRetried, sockets.EventDisconnected, sockets.EventHandshakeAuth, sockets.EventHandshakeDone,
			sockets.EventHandshakeFailed, sockets.EventHandshakeProtocol, sockets.EventListening, sockets.EventPeerRefused, sockets.EventProtocolError, sockets.EventRefused,
		} {
			for range 2 * 5 {
				w.See(sockets.Event{Kind: kind, Endpoint: hostile, Peer: hostile, Detail: hostile, Err: errors.New(hostile)})
			}
		}
		w.Say.Failure(errors.New(hostile))
		w.Close(t.Context())
		for line := range strings.SplitSeq(strings.TrimSuffix(said.String(), "\n"), "\n") {
			if !strings.HasPrefix(line, "zcat: ") || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !strconv.IsPrint(r) }) {
				t.Fatalf("at level %d: %q", level, line)
			}
		}
	}
}
