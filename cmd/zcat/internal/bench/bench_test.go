package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// join opens a client and a server that are connected.
func join(t *testing.T, p Pair) (client, server *sockets.Socket) {
	t.Helper()
	client, server, _ = joinNumbered(t, p)
	return client, server
}

// joinNumbered is join that also returns the number of the server, where the client gives it
// one.
func joinNumbered(t *testing.T, p Pair) (client, server *sockets.Socket, number []byte) {
	t.Helper()
	open := func(kind sockets.Type, id string, linger time.Duration) *sockets.Socket {
		s, err := sockets.New(kind, func(o *sockets.Options) {
			o.Linger = linger
			if kind == sockets.Router {
				o.Identity = []byte(id)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if kind == sockets.Sub || kind == sockets.XSub {
			if err := s.Subscribe(nil); err != nil {
				t.Fatal(err)
			}
		}
		if kind.Traits().Joins {
			if err := s.Join([]byte(Group)); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() { _ = s.Close() }) // a PUSH is closed by the measurement
		return s
	}
	client, server = open(p.Client, "", time.Second), open(p.Server, RouterID, 0) // the client sends last
	endpoint, err := server.Bind(t.Context(), "inproc://"+t.Name())
	switch {
	case err != nil:
	case p.Client.Traits().Numbered:
		number, err = client.ConnectPeer(endpoint)
	default:
		err = client.Connect(endpoint)
	}
	if err == nil {
		err = client.WaitPeers(t.Context(), 1)
	}
	if err == nil && p.Client.Traits().Publishes {
		err = client.WaitSubscribers(t.Context(), 1, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return client, server, number
}

// whole returns the ends of a measurement that nothing cuts short.
func whole(t *testing.T) Ends {
	t.Helper()
	return Ends{Stop: t.Context(), Gone: t.Context(), Hard: t.Context()}
}

// answer lets a server answer each message with what do makes of it.
func answer(t *testing.T, s *sockets.Socket, do func(n int, m frames.Message) frames.Message) {
	t.Helper()
	go func() {
		for n := 0; ; n++ {
			m, err := s.Recv(t.Context())
			if err != nil {
				return // the end of the test
			}
			if m = do(n, m); m != nil && s.Send(t.Context(), m) != nil {
				return
			}
		}
	}()
}

// A stall delays what was due meanwhile, and all of that counts: it is not a single
// slow answer among fast ones.
func TestLatencyCountsWhatAStallDelays(t *testing.T) {
	p := Pair{sockets.Req, sockets.Rep}
	client, server := join(t, p)
	const stall = 200 * time.Millisecond
	answer(t, server, func(n int, m frames.Message) frames.Message {
		if n == 100 {
			<-time.After(stall)
		}
		return m
	})
	load := Load{Size: 20, Count: 300, Rate: 1000}
	r, err := load.Measure(whole(t), Latency, p, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Of the 285 recorded, a stall of 200 delays about 200, by 100 ms in the mean.
	if got := r.at(100); got < 200e3 {
		t.Errorf("the longest took %.0f us, want at least %v", got, stall)
	}
	if got := r.at(75); got < 90e3 {
		t.Errorf("a quarter took only %.0f us or more, want 90000: waiting for a late answer was left out", got)
	}
	if r.Sent != 300 || r.Messages != 285 {
		t.Errorf("sent %d, recorded %d, want 300 and 285", r.Sent, r.Messages)
	}
}

func TestLatencyRefusesAnotherAnswer(t *testing.T) {
	p := Pair{sockets.Pair, sockets.Pair}
	for name, do := range map[string]func(frames.Message){
		"shorter": func(m frames.Message) { m[0] = m[0][:19] },
		"altered": func(m frames.Message) { m[0][19] ^= 1 },
		"older":   func(m frames.Message) { m[0][1]-- },
	} {
		t.Run(name, func(t *testing.T) {
			client, server := join(t, p)
			answer(t, server, func(n int, m frames.Message) frames.Message {
				if n == 2 {
					do(m)
				}
				return m
			})
			_, err := Load{Size: 20, Count: 5}.Measure(whole(t), Latency, p, client, nil)
			if err == nil || !strings.Contains(err.Error(), "message 3") {
				t.Errorf("got %v, want an error about message 3", err)
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	p := Pair{sockets.Dealer, sockets.Router}
	for _, m := range []Measure{Throughput, Latency} {
		t.Run(m.String(), func(t *testing.T) {
			client, server := join(t, p)
			answer(t, server, func(int, frames.Message) frames.Message { return nil })
			_, err := Load{Size: 1, Count: 5, Patience: 10 * time.Millisecond}.Measure(whole(t), m, p, client, nil)
			if !errors.Is(err, ErrLate) {
				t.Errorf("got %v, want ErrLate", err)
			}
		})
	}
}

// A client that another left behind unfinished counts its own messages only.
func TestTallyBeginsAnew(t *testing.T) {
	p := Pair{sockets.Dealer, sockets.Router}
	client, server := join(t, p)
	tallies := make(chan Tally, 10)
	go func() {
		if err := Serve(t.Context(), server, 0, func(t Tally) { tallies <- t }); err != nil {
			t.Error(err)
		}
	}()
	if err := client.Send(t.Context(), frames.Strings("left over")); err != nil {
		t.Fatal(err)
	}
	r, err := Load{Size: 1000, Count: 1234}.Measure(whole(t), Throughput, p, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent != 1234 || r.Messages != 1234 || r.At != "receiver" || r.Lost() != 0 {
		t.Errorf("got %+v, want 1234 messages counted by the receiver", r)
	}
	if got := <-tallies; got.Messages != 1 || got.Bytes != 9 {
		t.Errorf("the first tally is %+v, want the one left over", got)
	}
	if got := <-tallies; got.Messages != 1234 || got.Bytes != 1234000 {
		t.Errorf("the second tally is %+v, want 1234 messages", got)
	}
}

func TestStopEndsEarlyWithWhatThereIs(t *testing.T) {
	p := Pair{sockets.Push, sockets.Pull}
	client, server := join(t, p)
	tallies := make(chan Tally)
	stop, halt := context.WithCancel(t.Context())
	go func() {
		seen := 0
		_ = Serve(t.Context(), server, 10, func(t Tally) { // ends with the test
			if seen += int(t.Messages); seen >= 100 {
				halt()
			}
			if t.Messages < 10 {
				tallies <- t
			}
		})
	}()
	r, err := Load{Size: 1, For: time.Hour, Rate: 10000}.Measure(Ends{Stop: stop, Gone: t.Context(), Hard: t.Context()}, Throughput, p, client, tallies)
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent < 100 {
		t.Errorf("sent %d, want 100 and more", r.Sent)
	}
}

func TestRateSendsWhatIsDue(t *testing.T) {
	l := Load{Rate: 3}
	begin := time.Unix(0, 0)
	for n := range uint64(1000) {
		due := l.due(begin, n)
		before := l.countBy(due.Sub(begin) - 1)
		if n > 0 && before != n {
			t.Fatalf("just before message %d %d are due, want %d", n, before, n)
		}
		// A third of a second is not a whole number of nanoseconds.
		if at := l.countBy(due.Sub(begin) + 1); at != n+1 {
			t.Fatalf("when message %d is due %d are, want %d", n, at, n+1)
		}
	}
}

func TestParseTally(t *testing.T) {
	got, err := parseTally(frames.Strings("", "12 3456"), 10)
	if want := (Tally{12, 120, 3456}); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, body := range []string{"", "12", "x 3", "-1 3"} {
		if _, err := parseTally(frames.Strings(body), 1); err == nil {
			t.Errorf("%q was accepted", body)
		}
	}
}

func TestCutBody(t *testing.T) {
	for _, m := range []frames.Message{frames.Strings("body"), frames.Strings("id", "", "body"), frames.Strings("id", "")} {
		envelope, body := cutBody(m)
		if string(body) != string(m[len(m)-1]) {
			t.Errorf("the body of %q is %q", m, body)
		}
		if again := messageOf(envelope, body); fmt.Sprint(again) != fmt.Sprint(m) {
			t.Errorf("%q came together as %q", m, again)
		}
	}
}

func TestResultAsJSON(t *testing.T) {
	p := Pair{sockets.Req, sockets.Rep}
	client, server := join(t, p)
	answer(t, server, func(_ int, m frames.Message) frames.Message { return m })
	r, err := Load{Size: 9, Count: 50}.Measure(whole(t), Latency, p, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Endpoint = "ipc://a \"b\""
	var got struct {
		Endpoint string
		Latency  map[string]float64 `json:"latency_us"`
	}
	if err := json.Unmarshal(r.JSON(), &got); err != nil {
		t.Fatalf("%v: %s", err, r.JSON())
	}
	if l := got.Latency; got.Endpoint != r.Endpoint || len(l) != 6 || !(0 < l["p50"] && l["p50"] <= l["p99.9"] && l["p99.9"] <= l["max"]) {
		t.Errorf("got %s", r.JSON())
	}
}

// The pairs are those of the help, and each is one that the library lets talk.
func TestPairs(t *testing.T) {
	measured := map[string]string{
		"push:pull": "throughput", "pub:sub": "throughput", "pub:xsub": "throughput", "xpub:sub": "throughput",
		"xpub:xsub": "throughput", "req:rep": "latency", "req:router": "latency", "dealer:rep": "latency",
		"dealer:router": "throughput latency", "dealer:dealer": "throughput latency",
		"router:router": "throughput latency", "pair:pair": "throughput latency",
		"client:server": "throughput latency", "channel:channel": "throughput latency", "radio:dish": "throughput", "scatter:gather": "throughput",
		"peer:peer": "throughput latency",
	}
	for _, p := range pairs() {
		if !p.Client.Accepts(p.Server) || !p.Server.Accepts(p.Client) {
			t.Errorf("%v do not talk to each other", p)
		}
		if got, err := ParsePair(strings.ToUpper(p.String())); err != nil || got != p {
			t.Errorf("%v was read as %v, %v", p, got, err)
		}
		var what []string
		for _, m := range p.Measures() {
			what = append(what, m.String())
		}
		if got := strings.Join(what, " "); got != measured[p.String()] {
			t.Errorf("%v: %q is measured, want %q", p, got, measured[p.String()])
		}
		delete(measured, p.String())
	}
	for p := range measured {
		t.Errorf("%s is not measured", p)
	}
}
