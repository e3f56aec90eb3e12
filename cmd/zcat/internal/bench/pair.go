package bench

import (
	"fmt"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Measure is the quantity that is measured.
type Measure uint8

const (
	// Throughput is the number of messages that arrive per second, one way.
	Throughput Measure = iota
	// Latency is the time that one message takes there and back.
	Latency
)

// String is "throughput" or "latency".
func (m Measure) String() string {
	if m == Latency {
		return "latency"
	}
	return "throughput"
}

// ParseMeasure finds a Measure by its name.
func ParseMeasure(name string) (Measure, error) {
	for _, m := range []Measure{Throughput, Latency} {
		if strings.EqualFold(name, m.String()) {
			return m, nil
		}
	}
	return 0, fmt.Errorf("%q is neither throughput nor latency", name)
}

// Pair is two socket types: the client's, which begins, and the server's.
type Pair struct {
	Client, Server sockets.Type
}

// pairs lists what can be measured between which types.
func pairs() []struct {
	Pair
	measures []Measure
} {
	type row = struct {
		Pair
		measures []Measure
	}
	both := []Measure{Throughput, Latency}
	return []row{
		{Pair{sockets.Push, sockets.Pull}, both[:1]},
		{Pair{sockets.Pub, sockets.Sub}, both[:1]},
		{Pair{sockets.Pub, sockets.XSub}, both[:1]},
		{Pair{sockets.XPub, sockets.Sub}, both[:1]},
		{Pair{sockets.XPub, sockets.XSub}, both[:1]},
		{Pair{sockets.Req, sockets.Rep}, both[1:]},
		{Pair{sockets.Req, sockets.Router}, both[1:]},
		{Pair{sockets.Dealer, sockets.Rep}, both[1:]},
		{Pair{sockets.Dealer, sockets.Router}, both},
		{Pair{sockets.Dealer, sockets.Dealer}, both},
		{Pair{sockets.Router, sockets.Router}, both},
		{Pair{sockets.Pair, sockets.Pair}, both},
	}
}

// ParsePair reads CLIENT:SERVER, such as push:pull.
func ParsePair(text string) (Pair, error) {
	var names []string
	for _, row := range pairs() {
		if strings.EqualFold(text, row.String()) {
			return row.Pair, nil
		}
		names = append(names, row.String())
	}
	return Pair{}, fmt.Errorf("%q is not a pair to measure: expected one of %s", text, strings.Join(names, ", "))
}

// String is CLIENT:SERVER in lower case.
func (p Pair) String() string {
	return strings.ToLower(p.Client.String() + ":" + p.Server.String())
}

// Measures lists what can be measured between the two.
func (p Pair) Measures() []Measure {
	for _, row := range pairs() {
		if row.Pair == p {
			return row.measures
		}
	}
	return nil
}

// Answered reports whether the server has a way to answer the client.
func (p Pair) Answered() bool { return answers(p.Client) && answers(p.Server) }

// answers reports whether a socket both sends and receives messages: for XPUB and
// XSUB one of the two ways carries subscriptions.
func answers(t sockets.Type) bool {
	return t.Sends() && t.Receives() && t != sockets.XPub && t != sockets.XSub
}

// RouterID is the routing id of a server that is a ROUTER: a client that is also a
// ROUTER cannot send to it without.
const RouterID = "bench"

// envelope returns what the client has to put in front of the body: for a REP an
// empty frame, which a DEALER does not send by itself, and for a ROUTER its id.
func (p Pair) envelope() frames.Message {
	switch {
	case p.Client == sockets.Dealer && p.Server == sockets.Rep:
		return frames.Message{nil}
	case p.Client == sockets.Router:
		return frames.Strings(RouterID)
	}
	return nil
}
