package sockets

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/queue"
)

// Type is a ZeroMQ socket type.
type Type uint8

// The socket types of RFC 28 (request-reply), RFC 29 (publish-subscribe),
// RFC 30 (pipeline) and RFC 31 (exclusive pair).
const (
	Req Type = iota + 1
	Rep
	Router
	Dealer
	Pub
	Sub
	Push
	Pull
	Pair
	XPub
	XSub
	Stream // ZMQ_STREAM: raw TCP, and no ZMTP

	// The types that are drafts (Traits.Draft), of single frames: RFC 41, 48, 49, 51, 52.
	Client
	Server
	Radio
	Dish
	Gather
	Scatter
	Peering // PEER
	Channel
)

// typeRow describes one socket type. Code outside the type's own file may depend on
// nothing else.
type typeRow struct {
	name    string // on the wire, in the Socket-Type property
	number  byte   // in ZMTP 2.0 (RFC 15)
	peers   []Type // the legal peers (RFC 37, "The Socket-Type Property")
	pattern func(*Socket) pattern

	sends    bool
	receives bool
	Traits

	envelopes bool // messages to it may begin with routing ids and a delimiter
	probes    bool // Options.ProbeRouter has it send an empty message to new peers
	linkOnce  bool // a second Connect to one endpoint changes nothing

	// full makes the Policy of what its sender does where there is no room for a
	// message to a peer: without one, or with a zero one, the message is dropped for
	// that peer.
	full  func(*Socket) queue.Policy
	left  fate // of messages for a peer that goes away
	gates bool // where it may not drop, it takes nothing from a peer without room for a reply

	// unfit returns the reason, an ErrMessage, why sockets of this type cannot send a
	// message in wire form, or nil. Without one they send any message.
	unfit func(message []byte) error

	raw    bool // its peers speak no ZMTP
	keeps  bool // Options.LastValueBytes has it keep the newest messages
	leases bool // its receiver may read a connection itself (lease.go)
	direct bool // its receiver may read a connection itself where messages are long (direct.go)
	strict bool // it throws away messages without a delimiter
}

// fate tells how the messages count that are queued for a peer when it goes away.
type fate uint8

const (
	forgotten fate = iota // they were news, only for peers that are there
	dropped               // they come too late, and are for no other peer
	lost                  // they were meant to arrive
)

// patiently is the full of types whose messages may go to any peer, or have only one.
func patiently(*Socket) queue.Policy { return queue.Policy{Paced: true, Reoffered: true} }

// rows are the entries of the one table of socket types, by their numbers. They are made
// once: a row for each message that is shown took a fifth of the time (BenchmarkShow).
var rows struct { //nolint:gochecknoglobals // it never changes
	once sync.Once
	all  [Channel + 1]typeRow
}

// row returns t's entry of the one table of socket types.
func (t Type) row() typeRow {
	rows.once.Do(func() {
		for t := range rows.all {
			rows.all[t] = Type(t).makeRow()
		}
	})
	if int(t) < len(rows.all) {
		return rows.all[t]
	}
	return t.makeRow()
}

func (t Type) makeRow() typeRow {
	switch t {
	case Req:
		return reqRow()
	case Rep:
		return repRow()
	case Router:
		return routerRow()
	case Dealer:
		return dealerRow()
	case Pub:
		return pubRow()
	case Sub:
		return subRow()
	case Push:
		return pushRow()
	case Pull:
		return pullRow()
	case Pair:
		return pairRow()
	case XPub:
		return xpubRow()
	case XSub:
		return xsubRow()
	case Stream:
		return streamRow()
	case Client:
		return clientRow()
	case Server:
		return serverRow()
	case Radio:
		return radioRow()
	case Dish:
		return dishRow()
	case Gather:
		return gatherRow()
	case Scatter:
		return scatterRow()
	case Peering:
		return peeringRow()
	case Channel:
		return channelRow()
	default:
		return typeRow{name: fmt.Sprintf("Type(%d)", uint8(t))}
	}
}

// Types lists all socket types.
func Types() []Type {
	all := make([]Type, 0, len(rows.all))
	for t := Req; t <= Channel; t++ {
		all = append(all, t)
	}
	return all
}

// rowOf returns the row of the type that a peer names, an empty one for a type that
// we do not know.
func rowOf(name string) typeRow {
	t, err := ParseType(name)
	if err != nil {
		return typeRow{}
	}
	return t.row()
}

// names reports whether the routing ids of peers may be told to the socket.
func (r typeRow) names() bool { return r.Addressed && !r.Numbered }

// mostSent is the number of frames that a message may have on the wire, 0 for any.
func (r typeRow) mostSent() int {
	if r.Addressed && r.MostFrames > 0 {
		return r.MostFrames - 1
	}
	return r.MostFrames
}

// tooLong reports whether m has more frames than a message may have on the wire.
func (r typeRow) tooLong(m frames.Message) bool { return r.mostSent() > 0 && len(m) > r.mostSent() }

// names returns the names of all types, indexed by their number in ZMTP 2.0; a number
// that none has is empty.
func names() []string {
	var list []string
	for _, t := range Types() {
		row := t.row()
		for len(list) <= int(row.number) {
			list = append(list, "")
		}
		list[row.number] = row.name
	}
	return list
}

// having lists the types whose row has something, for people.
func having(it func(typeRow) bool) string {
	var list []string
	for _, t := range Types() {
		if row := t.row(); it(row) {
			list = append(list, row.name)
		}
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// ParseType finds a socket type by its name, in either case.
func ParseType(name string) (Type, error) {
	for _, t := range Types() {
		if strings.EqualFold(name, t.String()) {
			return t, nil
		}
	}
	return 0, fmt.Errorf("unknown socket type %q", name)
}

// String is the type's name on the wire: "REQ", "XPUB".
func (t Type) String() string { return t.row().name }

// Sends reports whether an application can send messages on a socket of type t.
func (t Type) Sends() bool { return t.row().sends }

// Receives reports whether an application can receive messages on a socket of type t.
func (t Type) Receives() bool { return t.row().receives }

// Peers lists the socket types that t may talk to; none for STREAM.
func (t Type) Peers() []Type { return slices.Clone(t.row().peers) }

// Raw reports whether sockets of type t exchange bytes with peers that speak no ZMTP.
func (t Type) Raw() bool { return t.row().raw }

// Accepts reports whether t may talk to peer.
func (t Type) Accepts(peer Type) bool { return slices.Contains(t.row().peers, peer) }
