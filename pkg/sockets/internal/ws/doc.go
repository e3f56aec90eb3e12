// Package ws speaks WebSocket (RFC 6455) as ZeroMQ does (RFC 45, "ZWS 2.0"): the HTTP
// request that a connection begins with and its answer, and the translation of
// WebSocket's frames from and to those of ZMTP (RFC 37). It opens nothing and knows no
// endpoints.
//
// A ZMTP frame is one binary message: an octet of flags, 01 for MORE and 02 for a command,
// and the body. There is no greeting: the subprotocol names the mechanism, as in
// ZWS2.0/CURVE, whose commands follow. The subprotocol ZWS2.0 alone has no mechanism and no
// metadata: each side begins with a message, its routing id. Subscriptions are messages,
// as in ZMTP 3.0, and heartbeats are the PING and PONG of WebSocket.
//
// It stands on no WebSocket library, since those use net/http: zcat is 168 KB larger with it,
// and starts as fast; with coder/websocket 1.8.15 it would be 983 KB larger, with gobwas/ws 1.5.0
// 1,024 KB, and either takes 0.2 ms longer to start (300 starts in turns, medians of 3 ms).
//
// Everything that a peer sends is bounded: the head of a request by maxHead, a message
// that comes in one piece by whoever reads it, one in fragments by Decoder.Limit.
package ws

// Protocol is the subprotocol without a mechanism; those with one have it behind a slash.
const Protocol = "ZWS2.0"

// version is that of WebSocket (RFC 6455).
const version = "13"

// The mechanisms by their names in the subprotocol, which are those of ZMTP.
const (
	mechanismNull  = "NULL"
	mechanismPlain = "PLAIN"
	mechanismCurve = "CURVE"
)

// Agreed is what the two sides have agreed on.
type Agreed struct {
	// Mechanism is the peer's: NULL, PLAIN or CURVE. Where it is not this side's,
	// nothing was agreed on and nothing more will come.
	Mechanism string
	// Plain says that neither a handshake nor metadata follow, only routing ids.
	Plain bool
	// Polite says that the peer is known to tell what it is before it refuses this side:
	// neither has to wait for the other.
	Polite bool
}

// Error is the reason why a connection does not become a WebSocket.
type Error struct {
	Text string
	// Temporary says that a later attempt may succeed.
	Temporary bool
	// Declined says that a server of HTTP answered, and what it answered is no WebSocket
	// for ZeroMQ: it has no such path, lets nobody in, is no ZeroMQ socket.
	Declined bool
	// Origin is that of the web page which was not allowed to connect, if that is the
	// reason.
	Origin string
}

func (e *Error) Error() string { return e.Text }
