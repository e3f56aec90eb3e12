package sockets

import "time"

// EventKind names what happened, by the name in libzmq's monitor where it has one.
type EventKind string

// The events that a Monitor and the readers of Events get. Value is explained where
// it is not 0.
const (
	EventListening         EventKind = "LISTENING"
	EventBindFailed        EventKind = "BIND_FAILED"
	EventAccepted          EventKind = "ACCEPTED"
	EventAcceptFailed      EventKind = "ACCEPT_FAILED" // Value: errno
	EventConnected         EventKind = "CONNECTED"
	EventConnectDelayed    EventKind = "CONNECT_DELAYED"
	EventConnectRetried    EventKind = "CONNECT_RETRIED" // Value: pause in ms
	EventHandshakeDone     EventKind = "HANDSHAKE_SUCCEEDED"
	EventHandshakeFailed   EventKind = "HANDSHAKE_FAILED_NO_DETAIL" // Value: errno; 0 where there is none
	EventHandshakeProtocol EventKind = "HANDSHAKE_FAILED_PROTOCOL"  // Value: ZMQ_PROTOCOL_ERROR_ZMTP_* of libzmq's zmq.h
	EventHandshakeAuth     EventKind = "HANDSHAKE_FAILED_AUTH"      // Value: status code
	EventDisconnected      EventKind = "DISCONNECTED"               // after a failed handshake, too
	EventClosed            EventKind = "CLOSED"
	EventMonitorStopped    EventKind = "MONITOR_STOPPED"

	// Names of our own, for events that libzmq does not report.
	EventProtocolError EventKind = "PROTOCOL_ERROR" // a peer broke the protocol after its handshake
	EventPeerRefused   EventKind = "PEER_REFUSED"   // we refused: a routing id in use, a second peer of a PAIR
	EventSentAway      EventKind = "PEER_SENT_AWAY" // we closed it: its routing id went to another peer, it kept memory from others
	EventRefused       EventKind = "REFUSED"        // the same from the other side: a peer refused us
	EventStalled       EventKind = "PEER_STALLED"   // we closed it: others waited for what it did not take
	EventCommand       EventKind = "COMMAND"        // a ZMTP command was received; Detail names it
	// EventDiscarded reports a message that a socket received and threw away,
	// because of its envelope, or that a proxy could not pass on: Peer sent it, Err
	// is the reason.
	EventDiscarded EventKind = "MESSAGE_DISCARDED"
	// EventLetGo reports topics whose last values were let go, as there was no more memory
	// for all (Options.LastValueBytes). Value is their number.
	EventLetGo EventKind = "LAST_VALUES_LET_GO"
	// EventLost stands for events that were left out because a reader of Events was
	// too slow. Value is their number.
	EventLost EventKind = "EVENTS_LOST"
)

// DetailAsked is the Detail of an EventDisconnected of the peer that has the
// request of a REQ, and left before its reply.
const DetailAsked = "it has the request, and no reply came"

// Event is something that happened to one of a socket's endpoints or peers.
type Event struct {
	Time     time.Time // when it happened
	Kind     EventKind
	Endpoint string // the endpoint as bound (resolved) or connected
	Peer     string // the other side's endpoint, where there is one
	Value    int64  // its meaning depends on Kind; 0 where Kind mentions none
	Detail   string // for people: the peer's socket type, the name of a command
	User     string // the user that Options.Authorize identified
	Err      error  // why, for a failure
	Again    bool   // the endpoint is connected to again in spite of Err, which would end an only endpoint
}
