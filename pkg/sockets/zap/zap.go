// Package zap holds the question whether a peer is let in, and its answer, in the
// terms of ZeroMQ's authentication protocol (RFC 27). A socket asks a Handler once
// for each connection that it serves.
package zap

import "context"

// Request describes a peer that wants to be let in.
type Request struct {
	Domain    string // of our socket, which asks; names a set of rules
	Address   string // tcp: the peer's IP address; ipc: localhost:UID:GID:PID where the system tells; else empty
	Identity  []byte // of our socket too, not of the peer, as libzmq fills it in
	Mechanism string // "NULL", "PLAIN" or "CURVE"
	Username  string // PLAIN
	Password  string // PLAIN
	Key       []byte // CURVE: the peer's public key, 32 bytes, which it has proved to be its own
}

// The status codes of a Reply.
const (
	OK        = 200
	Temporary = 300 // not now: the connection is closed, and the peer may try again
	Denied    = 400 // the peer is told, and does not try again
	Broken    = 500 // the handler failed; the peer is told
)

// Reply tells whether a peer is let in.
type Reply struct {
	Status int    // OK, Temporary, Denied or Broken; any other counts as Broken
	Text   string // the reason of a refusal, for this side; the peer is told the status only
	UserID string // the name of a peer that is let in
}

// Handler answers requests, several at a time. It has to answer before ctx is done:
// when the peer has left, its time is over or the socket closes.
type Handler func(ctx context.Context, r *Request) Reply

// Allow returns the reply that lets a peer in.
func Allow(userID string) Reply { return Reply{Status: OK, UserID: userID} }

// Deny returns the reply that refuses a peer.
func Deny(why string) Reply { return Reply{Status: Denied, Text: why} }
