package flags

import (
	"math"
	"time"

	"github.com/zcat/zcat/pkg/sockets"
)

// optionRow is a socket option under libzmq's name. Values are libzmq's: times
// are whole milliseconds, booleans 0 or 1, strings text or hex:00ff.
type optionRow struct {
	Name string
	help string
	Get  func(*sockets.Options) string
	set  func(*sockets.Options, string) error
	// of reports whether sockets of a type have the option; nil: all have it.
	of func(sockets.Type) bool
}

// SocketOptions lists the options that --option knows.
func SocketOptions() []optionRow {
	asks := func(t sockets.Type) bool { return t.Traits().Asks }
	announces := func(t sockets.Type) bool { return t.Traits().Announces }
	greets := func(t sockets.Type) bool { return t.Traits().Greets }
	conflates := func(t sockets.Type) bool { return t.Traits().Conflates }
	addressed := func(t sockets.Type) bool { return t.Traits().Addressed }
	named := func(t sockets.Type) bool { return t.Traits().Addressed && !t.Traits().Numbered }
	routes := func(t sockets.Type) bool { return named(t) && !t.Raw() }
	publishes := func(t sockets.Type) bool { return t.Traits().Publishes }
	sees := func(t sockets.Type) bool { return t.Traits().ReceivesSubscriptions }
	carries := func(t sockets.Type) bool {
		return t.Traits().Publishes && !t.Traits().Grouped || t.Traits().SendsSubscriptions
	}
	matches := func(t sockets.Type) bool {
		return t.Traits().Publishes && !t.Traits().Grouped || t.Traits().Subscribes && !t.Traits().SendsSubscriptions
	}
	return []optionRow{
		number("sndhwm", "messages queued for one peer, 0 for no limit", func(o *sockets.Options) *int { return &o.SendHWM }),
		number("rcvhwm", "messages queued from one peer, 0 for no limit", func(o *sockets.Options) *int { return &o.RecvHWM }),
		millis("linger", "wait for queued messages at the end, ms, -1 for ever", anyMillis().orMinus("ever"), func(o *sockets.Options) *time.Duration { return &o.Linger }),
		{Name: "maxmsgsize", help: "bytes of the largest message taken, -1 for no limit", Get: getMaxSize, set: setMaxSize},
		{Name: "reconnect_ivl", help: "shortest pause before connecting again, ms, -1 for never again", Get: getReconnectMin, set: setReconnectMin},
		{Name: "reconnect_ivl_max", help: "longest pause, ms, 0 for the shortest, and jitter on top", Get: getReconnectMax, set: setReconnectMax},
		{Name: "reconnect_stop", help: "connect no more where nobody listens (1), after a failed handshake (2), or both (3)", Get: getStop, set: setStop},
		millis("connect_timeout", "one attempt to connect, name look-up apart, ms, 0 for the system's", anyMillis(), func(o *sockets.Options) *time.Duration { return &o.ConnectTimeout }),
		millis("handshake_ivl", "a peer's handshake, ms, 0 for no limit", anyMillis(), func(o *sockets.Options) *time.Duration { return &o.HandshakeTimeout }),
		millis("heartbeat_ivl", "pause between two PINGs, ms, 0 for none", anyMillis(), func(o *sockets.Options) *time.Duration { return &o.HeartbeatInterval }),
		millis("heartbeat_timeout", "silence after a PING that means gone, ms, 0 for heartbeat_ivl", anyMillis(), func(o *sockets.Options) *time.Duration { return &o.HeartbeatTimeout }),
		millis("heartbeat_ttl", "what the peer is told of our silence, ms", span{most: longestTTL, unit: "milliseconds"}, func(o *sockets.Options) *time.Duration { return &o.HeartbeatTTL }),
		{Name: "sndtimeo", help: "close a peer that takes nothing while others wait behind it, after ms, -1 for never", Get: getStall, set: setStall, of: addressed},
		boolean("immediate", "queue only for peers whose handshake is done", func(o *sockets.Options) *bool { return &o.Immediate }, nil),
		boolean("conflate", "keep only the newest message of each peer", func(o *sockets.Options) *bool { return &o.Conflate }, conflates),
		buffer("sndbuf", "bytes of the kernel's send buffer, 0 or -1 for the system's", func(o *sockets.Options) *int { return &o.SendBuffer }),
		buffer("rcvbuf", "bytes of the kernel's receive buffer, 0 or -1 for the system's", func(o *sockets.Options) *int { return &o.RecvBuffer }),
		{Name: "tcp_keepalive", help: "keep-alive probes: 1 on, 0 off, -1 the system's", Get: getKeepAlive, set: setKeepAlive},
		{Name: "tcp_keepalive_intvl", help: "seconds between two probes, -1 for the system's", Get: getKeepAliveInterval, set: setKeepAliveInterval},
		{Name: "tcp_keepalive_idle", help: "seconds of silence before the first probe, -1 for the system's", Get: getKeepIdle, set: setKeepIdle},
		spanned("tcp_keepalive_cnt", "unanswered probes that end a connection, -1 for the system's", keepProbes(), func(o *sockets.Options) *int { return &o.KeepAliveCount }),
		spanned("tos", "type of service of packets, 0 to 255, 0 for the system's", span{most: math.MaxUint8}, func(o *sockets.Options) *int { return &o.TOS }),
		number("backlog", "connections that wait to be accepted, 0 for the system's", func(o *sockets.Options) *int { return &o.AcceptQueue }),
		{Name: "bindtodevice", help: "the network interface that tcp is kept to, on Linux", Get: func(o *sockets.Options) string { return o.Device }, set: setDevice},
		{Name: "socks_proxy", help: "HOST:PORT of a SOCKS5 proxy that tcp connects through", Get: func(o *sockets.Options) string { return o.Proxy }, set: setProxy},
		{Name: "tcp_accept_filter", help: "networks whose connections are accepted, 10.0.0.0/8, one each; none for all", Get: getAccept, set: addAccept},
		{Name: "router_notify", help: "[id, \"\"] for each peer that is there (1), that has left (2), or both (3)", Get: getNotify, set: setNotify, of: routes},
		blob("disconnect_msg", "received of a peer when it has left", func(o *sockets.Options) *[]byte { return &o.Parting }, greets),
		identity("routing_id", "what a ROUTER peer sees"),
		identity("identity", "the same under its older name"),
		boolean("probe_router", "send an empty message to each new peer", func(o *sockets.Options) *bool { return &o.ProbeRouter }, announces),
		boolean("router_mandatory", "report messages whose routing id no peer has", func(o *sockets.Options) *bool { return &o.Mandatory }, routes),
		boolean("router_handover", "a new peer may take a routing id in use", func(o *sockets.Options) *bool { return &o.Handover }, routes),
		boolean("req_correlate", "number the requests, skip replies to others", func(o *sockets.Options) *bool { return &o.Correlate }, asks),
		boolean("req_relaxed", "after --timeout the request is abandoned and the next one sent; req_correlate tells their replies apart", func(o *sockets.Options) *bool { return &o.Relaxed }, asks),
		boolean("xpub_verbose", "show every subscription, not the first of a prefix only", func(o *sockets.Options) *bool { return &o.Verbose }, sees),
		boolean("xpub_verboser", "show every end of a subscription too", func(o *sockets.Options) *bool { return &o.Verboser }, sees),
		boolean("xpub_manual", "show every subscription, and leave it to answers what its peer gets", func(o *sockets.Options) *bool { return &o.Manual }, sees),
		boolean("only_first_subscribe", "look for subscriptions in the first frame of a message, further ones only behind one", func(o *sockets.Options) *bool { return &o.OnlyFirstSubscribe }, carries),
		boolean("xpub_nodrop", "wait for a subscriber whose queue is full", func(o *sockets.Options) *bool { return &o.NoDrop }, publishes),
		{Name: "connect_routing_id", help: "what the peer that is connected to is called, one for each --connect", Get: getConnectIDs, set: addConnectID, of: named},
		{Name: "connect_rid", help: "the same under its older name", Get: getConnectIDs, set: addConnectID, of: named},
		boolean("stream_notify", "[id, \"\"] for each connection that is made or has ended", func(o *sockets.Options) *bool { return &o.StreamNotify }, sockets.Type.Raw),
		blob("xpub_welcome_msg", "sent to each new peer", func(o *sockets.Options) *[]byte { return &o.Welcome }, sees),
		boolean("invert_matching", "send to those whose subscriptions do not match", func(o *sockets.Options) *bool { return &o.InvertMatching }, matches),
	}
}
