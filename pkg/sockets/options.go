package sockets

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/transport"
	"github.com/zcat/zcat/pkg/sockets/zap"
)

// Options are the settings of a socket. New starts from the defaults, which
// DefaultOptions returns, and lets each Option change them.
type Options struct {
	// SendHWM and RecvHWM are the high-water marks: the largest numbers of messages
	// queued for one peer, and from one peer. 0 sets no limit. Default 1000.
	SendHWM, RecvHWM int
	// SendHWMBytes and RecvHWMBytes are the same in bytes; whichever mark is
	// reached first counts. An empty queue takes one message of any size.
	// 0 sets no limit. Default 64 MiB.
	SendHWMBytes, RecvHWMBytes int
	// MaxSize is the largest message taken from a peer: the sum of its frames in
	// bytes, in REQ, REP, DEALER and ROUTER without the envelope of up to 4 KiB that
	// brokers on its way add to (RFC 28). A peer that sends a larger one is dropped. 0
	// sets no limit. Default 64 MiB.
	MaxSize int
	// MaxFrames is the largest number of frames in a message taken from a peer.
	// 0 sets no limit. Default 1048576.
	MaxFrames int
	// MaxPeers is the largest number of accepted peers that a socket has at a time;
	// those in their handshake are counted apart. 0 sets no limit. Default 10000.
	MaxPeers int
	// MaxMemory bounds the memory that all peers that a socket accepted make it
	// hold together, in bytes: that much for messages on their way in, as much for
	// those on their way out, as much for subscriptions. A peer's part of each
	// grows only as long as it is no more than what is still free; then the peer
	// waits, or messages for it are dropped, as at a high-water mark. One message
	// may exceed the rest. Peers that keep memory and hardly send or take anything
	// are sent away when it is short. 0 sets no limit; nor is there one where
	// high-water marks in bytes are 0. Default 512 MiB.
	MaxMemory int
	// MaxSubscriptions is the largest number of subscriptions of one peer, and
	// MaxPrefix the largest length of each in bytes (MaxGroup for a RADIO); together they may have
	// RecvHWMBytes. A peer over a limit is dropped. 0 sets no limit. Default
	// 250000, 1 MiB.
	MaxSubscriptions, MaxPrefix int
	// Linger is the time that Close waits for queued messages to leave; negative is
	// for ever. Default: for ever, as libzmq.
	Linger time.Duration
	// HandshakeTimeout is the time a peer has from the connection to the end of
	// its handshake. 0 sets no limit. Default 30 s.
	HandshakeTimeout time.Duration
	// ConnectTimeout limits one attempt to connect to an address, without the
	// look-up of a name; 0 leaves it to the system, whose own attempts grow rarer
	// and so notice late that a network is back. Default 10 s.
	ConnectTimeout time.Duration
	// ReconnectMin and ReconnectMax bound the pause before the next attempt to
	// connect. It doubles from one to the other, with jitter. Where both are the
	// same, the jitter comes on top, up to as much again. Default 100 ms, 5 s.
	ReconnectMin, ReconnectMax time.Duration
	// ReconnectEarly has an endpoint on this machine (loopback, ipc) where nobody
	// listens tried again after 1, 2 and 4 ms, then after a sixteenth of the time so
	// far, at least 4 and at most 200 ms, in the first minute; ReconnectMin and
	// ReconnectMax count afterwards, and for other failures. Sockets of a process that
	// wait for the same endpoint take turns to try, and follow who gets in; thousands
	// of endpoints wait up to ReconnectMax each. Default true.
	ReconnectEarly bool
	// ReconnectStop says what ends the attempts to connect to an endpoint. Once that was
	// the last one of a socket, calls that wait fail with a *RefusedError that is
	// ErrNotAgain; what came before can still be received. The default is nothing.
	ReconnectStop Stop
	// HeartbeatInterval is the pause between two PINGs; 0 sends none.
	HeartbeatInterval time.Duration
	// HeartbeatTimeout is the time after a PING at which a silent peer counts as
	// gone; 0 stands for HeartbeatInterval.
	HeartbeatTimeout time.Duration
	// HeartbeatTTL tells the peer when to count us as gone, in steps of 100 ms,
	// at most 6553.599 s.
	HeartbeatTTL time.Duration
	// Conflate keeps only the newest message for and from each peer.
	Conflate bool
	// StreamNotify has a STREAM receive [id, ""] for each connection that is made or has
	// ended. Default true.
	StreamNotify bool
	// ConnectIDs are the routing ids of the peers of the first, second, ... Connect, by
	// which they may be sent to before they are there; others are named by themselves or
	// by us. 1 to 255 bytes each, the first not zero. ROUTER and STREAM.
	ConnectIDs [][]byte
	// Immediate queues messages only for peers whose handshake is done. The default
	// queues them for every connected endpoint.
	Immediate bool
	// Identity is announced to peers; a ROUTER uses it as this socket's routing
	// id. 1 to 255 bytes, the first not zero. REQ, DEALER and ROUTER only.
	Identity []byte
	// Mandatory makes a ROUTER fail with *UnroutableError for a message whose
	// routing id no peer has, and wait for a peer whose queue is full: the
	// application may fill it twice, and no messages are received from a peer with
	// a full one. The default drops the messages in both cases. A STREAM, SERVER and PEER
	// are always so.
	Mandatory bool
	// Handover lets a new peer of a ROUTER take a routing id in use. The default
	// refuses the newcomer.
	Handover bool
	// ProbeRouter sends an empty message to each new peer. REQ, DEALER, ROUTER.
	ProbeRouter bool
	// Hello are messages, each of at least one frame, that a new connection begins with,
	// one made again too: before whatever else is sent on it, as ZMQ_HELLO_MSG, which is
	// one frame. A ROUTER's stand without a routing id. They count neither as sent nor
	// towards a high-water mark. DEALER, ROUTER, PAIR, CLIENT, SERVER, PEER.
	Hello []frames.Message
	// Correlate puts a request id in front of a REQ's delimiter and skips replies
	// that carry another one.
	Correlate bool
	// Relaxed lets a REQ send again before its reply has come.
	Relaxed bool
	// Presence has RecvBatch tell of peers: of each alone, in a batch without a message,
	// a frames.Joined before its first message and a frames.Left behind its last. A
	// socket that cannot receive, or not now, waits for them then, instead of failing
	// with ErrDirection or ErrState, and a REP is told of an asker that has left by an
	// *UnroutableError. Recv and RecvRequests are not for such a socket.
	Presence bool
	// Unanswered has PeerStats tell of the requests without a reply, at a socket of a type
	// with Traits.Replies that does not Conflate. It costs a look at each message.
	Unanswered bool
	// Verbose shows an XPUB every subscription, not only the first of a prefix;
	// Verboser every cancellation too.
	Verbose, Verboser bool
	// Manual has an XPUB show every subscription, and every cancellation, and do nothing
	// about it: what it sends that has the form of one, a frame 01 or 00 and a prefix, is
	// the answer, as are Subscribe and Unsubscribe. It decides what the peer gets whose
	// subscription was received last, or, in a message with a source
	// (frames.Batch.AppendFrom), the peer that this names. For a peer that has left it
	// means nothing. Peers of ipc get a number in the Peer of their Source, ipc://@news#1,
	// so that each has a name of its own.
	Manual bool
	// OnlyFirstSubscribe makes XPUB, PUB and XSUB look for a subscription in the
	// first frame of a message, and in the others only if the first is one. By
	// default each frame of the form 01 or 00 and a prefix is one.
	OnlyFirstSubscribe bool
	// NoDrop makes PUB, XPUB and RADIO wait for a subscriber whose queue is full, and a
	// ROUTER for any peer. The default drops the message for that peer. A publisher's batch
	// that finds all queues empty may be up to 64 KiB, of however many messages.
	NoDrop bool
	// StallTimeout is the longest time that a ROUTER, with Mandatory or NoDrop,
	// waits for a peer that takes neither a message nor 32 KiB while others wait
	// behind it. After that the peer is closed, and its queued messages count as
	// Lost. 0 sets no limit. Default 5 s.
	StallTimeout time.Duration
	// Backlog reports whether the application has messages that it has not passed
	// to a ROUTER yet, for other peers than the one with this routing id: then
	// others wait. The goroutine that sends calls it, from within its wait for that
	// peer. It must return at once and must not call the socket. It is not asked about
	// the only peer, unless HoldsUp is set. May be nil.
	Backlog func(routingID []byte) bool
	// HoldsUp says that while a ROUTER waits for a peer, more may wait than its other
	// peers, such as other sockets of the application: Backlog, which knows, is asked
	// about the only peer as well.
	HoldsUp bool
	// InvertMatching makes PUB and XPUB send a message to the peers without a
	// matching subscription, and SUB deliver what matches none of its own.
	InvertMatching bool
	// LastValueBytes has an XPUB keep the newest message for each topic, its first frame,
	// in up to that many bytes of memory; 0 keeps none. Where they are not enough, the
	// topics that did not change for longest are let go (EventLetGo). A message of the
	// topic alone deletes it. Whoever subscribes to a prefix gets what is kept of the
	// topics that match it, once, unless an earlier subscription of the same peer covers
	// them; and then, for each of these, what is sent from then on. It gets them as it
	// takes them, however many there are: a topic that changes before its turn is sent
	// with its newest message alone, and of what the peer sends no further subscription
	// or cancellation is taken in meanwhile. Immediate is implied: a peer that connects
	// again subscribes anew. So that a forwarder (NewProxy) keeps what nobody has
	// subscribed to yet, the XSUB at its other side has to subscribe to everything.
	LastValueBytes int
	// Welcome is a message that XPUB sends to each new peer.
	Welcome []byte
	// SendBuffer and RecvBuffer are the kernel's buffers for a tcp connection in
	// bytes; 0 leaves them to the system.
	SendBuffer, RecvBuffer int
	// KeepAlive is the interval of TCP keep-alive probes; 0 leaves it to the
	// system, negative turns them off.
	KeepAlive time.Duration
	// KeepAliveIdle is the silence before the first keep-alive probe, and KeepAliveCount
	// the number of unanswered ones that end a connection; 0 leaves them to KeepAlive
	// and the system.
	KeepAliveIdle  time.Duration
	KeepAliveCount int
	// TOS is the type of service, or traffic class, in the packets of tcp connections:
	// 0 to 255; 0 leaves it to the system.
	TOS int
	// Device is the network interface that tcp is kept to, on Linux; empty: any.
	Device string
	// Proxy is HOST:PORT of a SOCKS5 proxy, which asks for no password, through which tcp
	// endpoints are connected to; empty: none. It looks up their names.
	Proxy string
	// AcceptQueue is the number of connections that may wait for the listener; 0 leaves
	// it to the system.
	AcceptQueue int
	// AcceptFrom are the networks from which tcp connections are accepted; none stands
	// for all. Others are closed at once.
	AcceptFrom []netip.Prefix
	// AllowOrigins are the origins of the web pages that may connect to ws endpoints, as
	// browsers send them, "https://example.org" or "null"; "*" stands for all. Any page
	// in a browser on this machine can reach what is bound to loopback, so by default none
	// may. Programs that are no browsers send no origin, and are let in.
	AllowOrigins []string
	// IPCMode is the mode of the files of ipc sockets, such as 0o660; 0 leaves it to the
	// umask. Who may connect needs to write the file.
	IPCMode fs.FileMode
	// NotifyJoined and NotifyLeft have a ROUTER receive [id, ""] for each peer that is
	// there, and has left.
	NotifyJoined, NotifyLeft bool
	// Parting is received as a message of a peer behind its last one when it has left.
	// ROUTER, DEALER, PAIR, CLIENT, SERVER, PEER.
	Parting []byte
	// Security is the mechanism of all connections; nil is NULL, which neither
	// encrypts nor authenticates.
	Security Security
	// Authorize decides for each peer whether it is let in: for the clients of
	// PLAIN and CURVE servers, and in NULL for the peers of bound endpoints. It
	// runs before the peer's handshake ends and delays no other. Nil lets in every
	// peer that the mechanism lets in.
	Authorize zap.Handler
	// Domain is passed on to Authorize.
	Domain string
	// Monitor is called with every Event, by several goroutines at a time. It must
	// return at once; it may call the socket, but not wait for it nor close it.
	Monitor func(Event)
}

// Stop is a set of reasons not to connect again.
type Stop uint8

// The reasons; the first two have the numbers of ZMQ_RECONNECT_STOP.
const (
	StopRefused   Stop = 1 << iota // nobody listens there
	StopHandshake                  // a handshake failed
	StopAlways                     // the first attempt, or connection, is the last
)

// Option changes one or more settings.
type Option = func(*Options)

// DefaultOptions returns the settings of a socket that is made without an Option.
func DefaultOptions() Options {
	return Options{
		SendHWM: 1000, RecvHWM: 1000,
		SendHWMBytes: 64 << 20, RecvHWMBytes: 64 << 20,
		MaxSize:          64 << 20,
		MaxFrames:        1 << 20,
		MaxPeers:         10000,
		MaxMemory:        512 << 20,
		MaxSubscriptions: 250000,
		MaxPrefix:        1 << 20,
		Linger:           -1,
		HandshakeTimeout: 30 * time.Second,
		ConnectTimeout:   10 * time.Second,
		ReconnectMin:     100 * time.Millisecond,
		ReconnectMax:     5 * time.Second,
		ReconnectEarly:   true,
		StallTimeout:     5 * time.Second,
		StreamNotify:     true,
	}
}

// settings are how the transports listen and connect.
func (o *Options) settings() transport.Settings {
	web := transport.WebSocket{Mechanism: "NULL", Origins: o.AllowOrigins}
	if o.Security != nil {
		web.Mechanism = o.Security.mechanismName()
	}
	return transport.Settings{Device: o.Device, Proxy: o.Proxy, Backlog: o.AcceptQueue, Mode: o.IPCMode, WebSocket: &web}
}

// admits reports whether a connection from an address is accepted. What has no IP
// address is no tcp.
func (o *Options) admits(address string) bool {
	if len(o.AcceptFrom) == 0 {
		return true
	}
	ip, err := netip.ParseAddr(address)
	return err != nil || slices.ContainsFunc(o.AcceptFrom, func(p netip.Prefix) bool { return p.Contains(ip.WithZone("")) })
}

// CheckOrigin returns the fault of an origin for Options.AllowOrigins, or nil.
func CheckOrigin(origin string) error {
	if origin == "*" || origin == "null" {
		return nil
	}
	scheme, host, found := strings.Cut(origin, "://")
	if !found || scheme == "" || host == "" || strings.ContainsFunc(scheme+host, func(r rune) bool {
		return r <= ' ' || r >= 0x7F || strings.ContainsRune("/?#@,*\"'\\<>", r)
	}) {
		return errOrigin
	}
	return nil
}

var errOrigin = errors.New("an origin is scheme://host or scheme://host:port, null, or * for all")

// badID reports whether a routing id is too short, too long, or like those made up.
func badID(id []byte) bool { return len(id) == 0 || len(id) > 255 || id[0] == 0 }

// ttlUnit is the unit of a PING's TTL (RFC 37, "Heartbeating").
const ttlUnit = 100 * time.Millisecond

// mayAnswer reports whether a socket of type t can leave subscriptions to its
// application, if that is asked for: last values go to those who subscribe.
func (t Type) mayAnswer(o *Options) bool {
	return !o.Manual || t.row().keeps && o.LastValueBytes == 0
}

// check returns the first fault of o for a socket of type t, or nil.
func (o *Options) check(t Type) error {
	for _, c := range [...]struct {
		bad  bool
		text string
	}{
		{o.SendHWM < 0 || o.RecvHWM < 0, "a high-water mark is 0 (no limit) or more"},
		{o.SendHWMBytes < 0 || o.RecvHWMBytes < 0, "a high-water mark in bytes is 0 (no limit) or more"},
		{o.MaxSize < 0, "the largest message is 0 (no limit) or more bytes"},
		{o.MaxFrames < 0, "the largest number of frames is 0 (no limit) or more"},
		{o.MaxPeers < 0, "the largest number of peers is 0 (no limit) or more"},
		{o.MaxMemory < 0, "the most memory for peers is 0 (no limit) or more bytes"},
		{o.MaxSubscriptions < 0, "the largest number of subscriptions is 0 (no limit) or more"},
		{o.MaxPrefix < 0, "the longest subscription is 0 (no limit) or more bytes"},
		{o.HandshakeTimeout < 0, "the handshake timeout is 0 (none) or more"},
		{o.ConnectTimeout < 0, "the connect timeout is 0 (the system's) or more"},
		{o.ReconnectMin <= 0, "the shortest reconnect pause is more than 0"},
		{o.ReconnectMax < o.ReconnectMin, "the longest reconnect pause is at least the shortest"},
		{o.HeartbeatInterval < 0 || o.HeartbeatTimeout < 0, "a heartbeat time is 0 (off) or more"},
		{o.HeartbeatTTL < 0 || o.HeartbeatTTL >= (0xFFFF+1)*ttlUnit, "the heartbeat TTL is 0s to 6553.599s"},
		{len(o.Identity) > 255, "an identity has 1 to 255 bytes"},
		{len(o.Identity) > 0 && o.Identity[0] == 0, "an identity does not begin with a zero byte"},
		{slices.ContainsFunc(o.ConnectIDs, badID), "a routing id has 1 to 255 bytes, the first not zero"},
		{slices.ContainsFunc(o.Hello, func(m frames.Message) bool { return len(m) == 0 }), "a message that a connection begins with has at least one frame"},
		{o.LastValueBytes < 0, "the memory for last values is 0 (none are kept) or more bytes"},
		{o.LastValueBytes > 0 && o.Conflate, "Conflate keeps one message of all topics for a peer, which would miss the last values of the others"},
		{o.LastValueBytes > 0 && o.InvertMatching, "InvertMatching sends what a peer did not subscribe to, and last values are of what it did"},
		{o.StallTimeout < 0, "the stall timeout is 0 (no limit) or more"},
		{o.KeepAliveIdle < 0 || o.KeepAliveCount < 0, "the settings of keep-alive are 0 (the system's) or more"},
		{o.TOS < 0 || o.TOS > 255, "a type of service is 0 to 255"},
		{o.AcceptQueue < 0, "the queue of a listener is 0 (the system's) or more"},
		{o.IPCMode&^fs.ModePerm != 0, "the mode of an ipc socket is one of permissions: 0 to 0o777"},
		{slices.ContainsFunc(o.AllowOrigins, func(origin string) bool { return CheckOrigin(origin) != nil }), errOrigin.Error()},
		{o.SendBuffer < 0 || o.RecvBuffer < 0, "a kernel buffer has 0 (the system's size) or more bytes"},
	} {
		if c.bad {
			return errors.New(c.text)
		}
	}
	if err := o.fits(t); err != nil {
		return err
	}
	if o.Security != nil {
		return o.Security.check(o)
	}
	return nil
}

// fits returns the first setting of o that a socket of type t has no use for, or nil.
func (o *Options) fits(t Type) error {
	row := t.row()
	for _, c := range [...]struct {
		bad  bool
		text string             // with a place for t, and one for the types that have it
		have func(typeRow) bool // nil where they are not named
	}{
		{len(o.Identity) > 0 && !row.Announces, "a %s socket announces no identity; %s do", func(r typeRow) bool { return r.Announces }},
		{len(o.ConnectIDs) > 0 && !row.names(), "a %s socket gives its peers no routing ids that are asked for; %s do", typeRow.names},
		{row.raw && (o.Security != nil || o.Authorize != nil), "a %s socket has no security: its peers speak no ZMTP", nil},
		{len(o.Hello) > 0 && !row.Greets, "a %s socket begins no connection with a message; %s do", func(r typeRow) bool { return r.Greets }},
		{slices.ContainsFunc(o.Hello, row.tooLong), "a %s socket sends messages of one frame", nil},
		{o.LastValueBytes > 0 && !row.keeps, "a %s socket keeps no last values; an XPUB does", nil},
		{!t.mayAnswer(o), "a %s socket shows no subscriptions that could be answered; an XPUB that keeps no last values does", nil},
		{(o.NotifyJoined || o.NotifyLeft) && (!row.names() || row.raw), "a %s socket is told of no peers; a ROUTER is", nil},
		{len(o.Parting) > 0 && !row.Greets, "a %s socket gets no message when a peer has left; %s do", func(r typeRow) bool { return r.Greets }},
	} {
		switch {
		case !c.bad:
		case c.have == nil:
			return fmt.Errorf(c.text, t)
		default:
			return fmt.Errorf(c.text, t, having(c.have))
		}
	}
	return nil
}
