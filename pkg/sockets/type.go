package sockets

import (
	"fmt"
	"slices"
	"strings"
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
)

// typeRow is what is known of one socket type.
type typeRow struct {
	name      string // on the wire, in the Socket-Type property
	sends     bool
	receives  bool
	announces bool   // its READY carries an Identity property
	linkOnce  bool   // a second Connect to one endpoint changes nothing
	peers     []Type // the legal peers (RFC 37, "The Socket-Type Property")
	pattern   func(*Socket) pattern
}

// row returns t's entry of the one table of socket types.
func (t Type) row() typeRow {
	switch t {
	case Req:
		return typeRow{"REQ", true, true, true, true, []Type{Rep, Router}, newReq}
	case Rep:
		return typeRow{"REP", true, true, false, false, []Type{Req, Dealer}, newRep}
	case Router:
		return typeRow{"ROUTER", true, true, true, false, []Type{Req, Dealer, Router}, newRouter}
	case Dealer:
		return typeRow{"DEALER", true, true, true, true, []Type{Rep, Dealer, Router}, newDealer}
	case Pub:
		return typeRow{"PUB", true, false, false, true, []Type{Sub, XSub}, newPub}
	case Sub:
		return typeRow{"SUB", false, true, false, true, []Type{Pub, XPub}, newSub}
	case Push:
		return typeRow{"PUSH", true, false, false, false, []Type{Pull}, newPush}
	case Pull:
		return typeRow{"PULL", false, true, false, false, []Type{Push}, newPull}
	case Pair:
		return typeRow{"PAIR", true, true, false, false, []Type{Pair}, newPair}
	case XPub:
		return typeRow{"XPUB", true, true, false, false, []Type{Sub, XSub}, newXPub}
	case XSub:
		return typeRow{"XSUB", true, true, false, false, []Type{Pub, XPub}, newXSub}
	default:
		return typeRow{name: fmt.Sprintf("Type(%d)", uint8(t))}
	}
}

// Types lists all socket types.
func Types() []Type {
	return []Type{Req, Rep, Router, Dealer, Pub, Sub, Push, Pull, Pair, XPub, XSub}
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

// Peers lists the socket types that t may talk to.
func (t Type) Peers() []Type { return t.row().peers }

// Accepts reports whether t may talk to peer.
func (t Type) Accepts(peer Type) bool { return slices.Contains(t.row().peers, peer) }
