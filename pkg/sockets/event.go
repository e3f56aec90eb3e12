package sockets

import "time"

// EventKind names what happened, by libzmq's monitor names where it has one.
type EventKind string

// What a Monitor is told. Value is explained where it is not 0.
const (
	EventListening         EventKind = "LISTENING"
	EventBindFailed        EventKind = "BIND_FAILED"
	EventAccepted          EventKind = "ACCEPTED"
	EventAcceptFailed      EventKind = "ACCEPT_FAILED"
	EventConnected         EventKind = "CONNECTED"
	EventConnectDelayed    EventKind = "CONNECT_DELAYED"
	EventConnectRetried    EventKind = "CONNECT_RETRIED" // Value: pause in ms
	EventHandshakeDone     EventKind = "HANDSHAKE_SUCCEEDED"
	EventHandshakeFailed   EventKind = "HANDSHAKE_FAILED_NO_DETAIL"
	EventHandshakeProtocol EventKind = "HANDSHAKE_FAILED_PROTOCOL"
	EventHandshakeAuth     EventKind = "HANDSHAKE_FAILED_AUTH" // Value: status code
	EventDisconnected      EventKind = "DISCONNECTED"
	EventClosed            EventKind = "CLOSED"
	EventMonitorStopped    EventKind = "MONITOR_STOPPED"

	// Names of our own, for what libzmq does not tell.
	EventProtocolError EventKind = "PROTOCOL_ERROR" // a peer broke the protocol after its handshake
	EventPeerRefused   EventKind = "PEER_REFUSED"   // we refused: a routing id in use, a second peer of a PAIR
	EventRefused       EventKind = "REFUSED"        // the same from the other side: a peer refused us
	EventCommand       EventKind = "COMMAND"        // a ZMTP command was received; Detail names it
)

// Event is something that happened to one of a socket's endpoints or peers.
type Event struct {
	Time     time.Time
	Kind     EventKind
	Endpoint string // the endpoint as bound (resolved) or connected
	Peer     string // the other side's endpoint, where there is one
	Value    int64
	Detail   string // for people: the peer's socket type, the name of a command
	User     string // whom Options.Authorize took the peer for
	Err      error  // why, for a failure
	Again    bool   // a connected endpoint is tried again in spite of Err, which would end one that is alone
}
