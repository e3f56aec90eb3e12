package bench

import (
	"fmt"
	"slices"
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

// pairs lists the pairs that something can be measured between: the client can begin, and
// the server takes what it sends. A ROUTER finds another by its routing id, which a server
// of another type has no need of, and a PEER by the number that it gives it.
func pairs() []Pair {
	var shared, published, answered []Pair
	for _, client := range sockets.Types() {
		for _, server := range client.Peers() {
			from, to := client.Traits(), server.Traits()
			switch p := (Pair{client, server}); {
			case !client.Sends() || !server.Receives() || from.SendsSubscriptions || from.Answers || to.Asks:
			case from.Addressed && !to.Addressed, from.Numbered && !to.Numbered:
			case p.Answered():
				answered = append(answered, p)
			case from.Publishes:
				published = append(published, p)
			default:
				shared = append(shared, p)
			}
		}
	}
	return slices.Concat(shared, published, answered)
}

// ParsePair reads CLIENT:SERVER, such as push:pull.
func ParsePair(text string) (Pair, error) {
	var names []string
	for _, p := range pairs() {
		if strings.EqualFold(text, p.String()) {
			return p, nil
		}
		names = append(names, p.String())
	}
	return Pair{}, fmt.Errorf("%q is not a pair to measure: expected one of %s", text, strings.Join(names, ", "))
}

// String is CLIENT:SERVER in lower case.
func (p Pair) String() string {
	return strings.ToLower(p.Client.String() + ":" + p.Server.String())
}

// Measures lists what can be measured between the two: latency where the server answers,
// throughput where the client need not wait for that.
func (p Pair) Measures() []Measure {
	all := []Measure{Throughput, Latency}
	switch {
	case !p.Answered():
		return all[:1]
	case p.Client.Traits().Asks || p.Server.Traits().Answers:
		return all[1:]
	}
	return all
}

// Answered reports whether the server has a way to answer the client.
func (p Pair) Answered() bool { return answers(p.Client) && answers(p.Server) }

// answers reports whether a socket both sends and receives messages: for XPUB and
// XSUB one of the two ways carries subscriptions.
func answers(t sockets.Type) bool {
	return t.Sends() && t.Receives() && !t.Traits().SendsSubscriptions && !t.Traits().ReceivesSubscriptions
}

// RouterID is the routing id of a server that is a ROUTER: a client that is also a
// ROUTER cannot send to it without.
const RouterID = "bench"

// Group is the group of a client that is a RADIO.
const Group = "bench"

// envelope returns what the client has to put in front of the body: for a REP an
// empty frame, which only a REQ puts there by itself, for a ROUTER its id, and for a PEER
// the number that the client gave it.
func (p Pair) envelope(number []byte) frames.Message {
	switch from := p.Client.Traits(); {
	case from.Numbered:
		return frames.Message{number}
	case from.Grouped:
		return frames.Strings(Group)
	case from.Addressed:
		return frames.Strings(RouterID)
	case p.Server.Traits().Answers && !from.Asks:
		return frames.Message{nil}
	}
	return nil
}
