package sockets

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

func manually(o *Options) { o.Manual = true }

// Peers get what the application grants, and nothing that they only asked for. The
// application is shown each thing that they ask for, and its end.
func TestManualSubscriptions(t *testing.T) {
	s := newSocket(t, XPub, manually)
	endpoint := bind(t, s, anyPort)
	p, q := meet(t, endpoint, "SUB"), meet(t, endpoint, "SUB")
	p.send(message("\x01A"))
	expectParts(t, s, "\x01A")
	q.send(message("\x01A"))
	expectParts(t, s, "\x01A")
	sendParts(t, s, "A", "nobody was granted this")
	sendParts(t, s, "\x01B") // for q
	sendParts(t, s, "B", "for q")
	q.expectMessage("B", "for q")
	p.send(message("\x01C"))
	expectParts(t, s, "\x01C")
	try(t, s.Subscribe([]byte("A"))) // for p
	sendParts(t, s, "A", "for p")
	p.expectMessage("A", "for p")
	try(t, s.Unsubscribe([]byte("A")))
	sendParts(t, s, "A", "not any more")
	sendParts(t, s, "\x01A")
	sendParts(t, s, "A", "again")
	p.expectMessage("A", "again")
	p.hangUp()
	expectEnds(t, s, "A", "C")
	sendParts(t, s, "\x01D") // for one that has left
	sendParts(t, s, "D", "for nobody")
	sendParts(t, s, "B", "more")
	q.expectMessage("B", "more")
}

// expectEnds receives the ends of subscriptions, in whatever order.
func expectEnds(t *testing.T, s *Socket, prefixes ...string) {
	t.Helper()
	var ends []string
	for range prefixes {
		m, err := s.Recv(within(t))
		try(t, err)
		ends = append(ends, strings.TrimPrefix(string(m[0]), "\x00"))
	}
	if slices.Sort(ends); !slices.Equal(ends, prefixes) {
		t.Errorf("the ends are %q, want %q", ends, prefixes)
	}
}

// An answer with a source is for the peer that it names, whoever was heard since.
func TestManualAnswerToAPeer(t *testing.T) {
	for _, endpoint := range []string{anyPort, "ipc://" + filepath.Join(t.TempDir(), "s")} {
		t.Run(endpoint[:3], func(t *testing.T) { answerPeers(t, endpoint) })
	}
}

func answerPeers(t *testing.T, endpoint string) {
	t.Helper()
	s := newSocket(t, XPub, manually)
	endpoint = bind(t, s, endpoint)
	rng := rand.New(rand.NewPCG(1, 2))
	var peers []*rawPeer
	var asked frames.Batch
	for i := range 20 {
		p := meet(t, endpoint, "SUB")
		peers = append(peers, p)
		p.send(message(fmt.Sprint("\x01", i)))
		var b frames.Batch
		try(t, s.RecvBatch(within(t), &b))
		asked.AppendBatch(&b)
	}
	type request struct {
		from frames.Source
		m    frames.Message
	}
	var requests []request
	for from, m := range asked.Sources() {
		requests = append(requests, request{from, m.Clone()})
	}
	rng.Shuffle(len(requests), func(i, j int) { requests[i], requests[j] = requests[j], requests[i] })
	var answers frames.Batch
	for _, r := range requests {
		answers.AppendFrom(r.from, r.m)
		answers.Append(frames.Strings(string(r.m[0][1:]) + " is granted"))
	}
	answers.AppendFrom(frames.Source{Peer: "tcp://127.0.0.1:1"}, frames.Strings("\x01for nobody"))
	answers.Append(frames.Strings("for nobody"))
	try(t, s.SendBatch(within(t), &answers))
	for i, p := range peers {
		p.expectMessage(fmt.Sprint(i, " is granted"))
	}
}

// A publisher that may not drop waits in the middle of a batch with answers, and goes on.
func TestManualWithoutDrops(t *testing.T) {
	s := newSocket(t, XPub, manually, func(o *Options) { o.NoDrop, o.SendHWMBytes, o.SendBuffer = true, 4<<10, 4096 })
	p := meet(t, bind(t, s, anyPort), "SUB")
	p.send(message("\x01"))
	expectParts(t, s, "\x01")
	var b frames.Batch
	body := strings.Repeat("x", 10000)
	for i := range 200 {
		topic := fmt.Sprintf("%c", 'a'+i%2)
		b.Append(frames.Strings("\x01" + topic))
		b.Append(frames.Strings(topic, body))
		b.Append(frames.Strings("\x00" + topic))
		b.Append(frames.Strings(topic, "not granted"))
	}
	sent := make(chan error, 1)
	go func() { sent <- s.SendBatch(within(t), &b) }()
	for i := range 200 {
		p.expectMessage(fmt.Sprintf("%c", 'a'+i%2), body)
	}
	try(t, <-sent)
}

// Who asks for more than a peer may is dropped, as is one that was granted more.
func TestManualLimits(t *testing.T) {
	events, monitored := monitor(t)
	s := newSocket(t, XPub, manually, monitored, func(o *Options) { o.MaxSubscriptions = 2 })
	endpoint := bind(t, s, anyPort)
	p := meet(t, endpoint, "SUB")
	p.send(message("\x01A"), message("\x01B"), message("\x01C"))
	p.expectClosed()
	if e := events.await(EventProtocolError); !errors.Is(e.Err, errTooManyTopics) {
		t.Errorf("%+v", e)
	}
	expectParts(t, s, "\x01A")
	expectParts(t, s, "\x01B")
	expectEnds(t, s, "A", "B")
	q := meet(t, endpoint, "SUB")
	q.send(message("\x01A"))
	expectParts(t, s, "\x01A")
	for _, topic := range []string{"A", "B", "C"} {
		sendParts(t, s, "\x01"+topic)
	}
	if e := events.await(EventSentAway); !errors.Is(e.Err, errTooManyTopics) {
		t.Errorf("%+v", e)
	}
	q.expectClosed()
}

func TestManualIsForXPubs(t *testing.T) {
	if _, err := New(Pub, manually); err == nil {
		t.Error("a PUB takes it")
	}
	if _, err := New(XPub, manually, func(o *Options) { o.LastValueBytes = 1 }); err == nil {
		t.Error("last values go to nobody")
	}
	s := newSocket(t, XPub)
	if err := s.Subscribe(nil); !errors.Is(err, ErrDirection) {
		t.Error(err)
	}
}
