// Package zap is the question whether a peer may come in, and its answer, in the
// terms of ZeroMQ's authentication protocol (RFC 27). A socket asks a Handler
// once for each connection that it serves.
package zap

import "context"

// Request is what is known of a peer that wants to come in.
type Request struct {
	Domain    string // of the socket that is asked for; names a set of rules
	Address   string // tcp: the peer's IP address; ipc: localhost:UID:GID:PID where the system tells; else empty
	Identity  []byte // of the socket that is asked for, as libzmq fills it in
	Mechanism string // "NULL", "PLAIN" or "CURVE"
	Username  string // PLAIN
	Password  string // PLAIN
	Key       []byte // CURVE: the peer's public key, 32 bytes, which it has proved to be its own
}

// The status codes of a Reply.
const (
	OK        = 200
	Temporary = 300 // not now: the peer is hung up on and may try again
	Denied    = 400 // the peer is told so, and does not try again
	Broken    = 500 // the handler failed; the peer is told so
)

// Reply says whether a peer may come in.
type Reply struct {
	Status int    // OK, Temporary, Denied or Broken; any other counts as Broken
	Text   string // why not, for this side; the peer is told the status only
	UserID string // who the peer is, where it may come in
}

// Handler answers requests, several at a time. It has until ctx is done: when the
// peer has left, its time is over or the socket closes.
type Handler func(ctx context.Context, r *Request) Reply

// Allow is the reply to a peer that may come in.
func Allow(userID string) Reply { return Reply{Status: OK, UserID: userID} }

// Deny is the reply to a peer that may not.
func Deny(why string) Reply { return Reply{Status: Denied, Text: why} }
