package flags

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
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
		millis("linger", "wait for queued messages at the end, ms, -1 for ever", -1, func(o *sockets.Options) *time.Duration { return &o.Linger }),
		{Name: "maxmsgsize", help: "bytes of the largest message taken, -1 for no limit", Get: getMaxSize, set: setMaxSize},
		{Name: "reconnect_ivl", help: "shortest pause before connecting again, ms, -1 for never again", Get: getReconnectMin, set: setReconnectMin},
		{Name: "reconnect_ivl_max", help: "longest pause, ms, 0 for the shortest, and jitter on top", Get: getReconnectMax, set: setReconnectMax},
		{Name: "reconnect_stop", help: "connect no more where nobody listens (1), after a failed handshake (2), or both (3)", Get: getStop, set: setStop},
		millis("connect_timeout", "one attempt to connect, name look-up apart, ms, 0 for the system's", 0, func(o *sockets.Options) *time.Duration { return &o.ConnectTimeout }),
		millis("handshake_ivl", "a peer's handshake, ms, 0 for no limit", 0, func(o *sockets.Options) *time.Duration { return &o.HandshakeTimeout }),
		millis("heartbeat_ivl", "pause between two PINGs, ms, 0 for none", 0, func(o *sockets.Options) *time.Duration { return &o.HeartbeatInterval }),
		millis("heartbeat_timeout", "silence after a PING that means gone, ms, 0 for heartbeat_ivl", 0, func(o *sockets.Options) *time.Duration { return &o.HeartbeatTimeout }),
		millis("heartbeat_ttl", "what the peer is told of our silence, ms", 0, func(o *sockets.Options) *time.Duration { return &o.HeartbeatTTL }),
		{Name: "sndtimeo", help: "close a peer that takes nothing while others wait behind it, after ms, -1 for never", Get: getStall, set: setStall, of: addressed},
		boolean("immediate", "queue only for peers whose handshake is done", func(o *sockets.Options) *bool { return &o.Immediate }, nil),
		boolean("conflate", "keep only the newest message of each peer", func(o *sockets.Options) *bool { return &o.Conflate }, conflates),
		buffer("sndbuf", "bytes of the kernel's send buffer, 0 or -1 for the system's", func(o *sockets.Options) *int { return &o.SendBuffer }),
		buffer("rcvbuf", "bytes of the kernel's receive buffer, 0 or -1 for the system's", func(o *sockets.Options) *int { return &o.RecvBuffer }),
		{Name: "tcp_keepalive", help: "keep-alive probes: 1 on, 0 off, -1 the system's", Get: getKeepAlive, set: setKeepAlive},
		{Name: "tcp_keepalive_intvl", help: "seconds between two probes, -1 for the system's", Get: getKeepAliveInterval, set: setKeepAliveInterval},
		{Name: "tcp_keepalive_idle", help: "seconds of silence before the first probe, -1 for the system's", Get: getKeepIdle, set: setKeepIdle},
		{Name: "tcp_keepalive_cnt", help: "unanswered probes that end a connection, -1 for the system's", Get: getKeepCount, set: setKeepCount},
		{Name: "tos", help: "type of service of packets, 0 to 255, 0 for the system's", Get: func(o *sockets.Options) string { return strconv.Itoa(o.TOS) }, set: setTOS},
		number("backlog", "connections that wait to be accepted, 0 for the system's", func(o *sockets.Options) *int { return &o.AcceptQueue }),
		{Name: "bindtodevice", help: "the network interface that tcp is kept to, on Linux", Get: func(o *sockets.Options) string { return o.Device }, set: setDevice},
		{Name: "socks_proxy", help: "HOST:PORT of a SOCKS5 proxy that tcp connects through", Get: func(o *sockets.Options) string { return o.Proxy }, set: setProxy},
		{Name: "tcp_accept_filter", help: "networks whose connections are accepted, 10.0.0.0/8, one each; none for all", Get: getAccept, set: addAccept},
		{Name: "router_notify", help: "[id, \"\"] for each peer that is there (1), that has left (2), or both (3)", Get: getNotify, set: setNotify, of: routes},
		blob("disconnect_msg", "received of a peer when it has left", func(o *sockets.Options) *[]byte { return &o.Parting }, greets),
		blob("routing_id", "what a ROUTER peer sees", func(o *sockets.Options) *[]byte { return &o.Identity }, announces),
		blob("identity", "the same under its older name", func(o *sockets.Options) *[]byte { return &o.Identity }, announces),
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
		boolean("stream_notify", "[id, \"\"] for each connection that is made or has ended", func(o *sockets.Options) *bool { return &o.StreamNotify }, sockets.Type.Raw),
		blob("xpub_welcome_msg", "sent to each new peer", func(o *sockets.Options) *[]byte { return &o.Welcome }, sees),
		boolean("invert_matching", "send to those whose subscriptions do not match", func(o *sockets.Options) *bool { return &o.InvertMatching }, matches),
	}
}

// SetOption sets --option: NAME=VALUE, or the word list.
func SetOption(c *line.Config, text string) error {
	if text == "list" {
		c.ListOptions = true
		return nil
	}
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("%q is not NAME=VALUE", text)
	}
	name = strings.TrimPrefix(strings.ToLower(name), "zmq_")
	var names []string
	rows := OptionsOf(c.Command)
	if c.Within && c.Command.Sends() && !c.Command.Traits().Asks && !c.Command.Traits().Answers {
		rows = append(rows, waitForRoom())
	}
	for _, row := range rows {
		if row.Name == name {
			if err := row.set(&c.Options, value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
		names = append(names, row.Name)
	}
	if c.Within && !c.Command.Traits().Asks && strings.HasSuffix(name, "timeo") {
		return fmt.Errorf("%s has no meaning for %s in a hub", name, c.Command.Name)
	}
	if why, known := meanings(c.Command)[name]; known {
		return fmt.Errorf("%s %s", name, why)
	}
	if near := habits.Nearest(name, names); near != "" {
		return fmt.Errorf("%s has no option %q: did you mean %s?", c.Command.Name, name, near)
	}
	return fmt.Errorf("%s has no option %q: -o list prints those it has", c.Command.Name, name)
}

// waitForRoom is sndtimeo as each socket of a hub has it whose queue may be full.
func waitForRoom() optionRow {
	return optionRow{Name: "sndtimeo", help: "give a message back that finds no room within ms, -1 for never", Get: getStall, set: setStall}
}

// OptionsOf lists the options of a command. A tool's sockets may be of any type.
func OptionsOf(w line.Command) []optionRow {
	var list []optionRow
	for _, row := range SocketOptions() {
		if w.Tool || row.fits(w.Kind) {
			list = append(list, row)
		}
	}
	return list
}

// fits reports whether sockets of type t have the option.
func (row optionRow) fits(t sockets.Type) bool {
	return row.of == nil || row.of(t)
}

// Fitted is o without the options that sockets of type t do not have.
func Fitted(o sockets.Options, t sockets.Type) sockets.Options {
	defaults := sockets.DefaultOptions()
	for _, row := range SocketOptions() {
		if !row.fits(t) {
			// set accepts what Get prints for a default.
			_ = row.set(&o, row.Get(&defaults))
		}
	}
	return o
}

// meanings tells of the options that a command's sockets do not take what they are.
func meanings(w line.Command) map[string]string {
	list := elsewhere()
	for _, row := range SocketOptions() {
		if w.Tool || row.fits(w.Kind) {
			delete(list, row.Name)
			continue
		}
		var kinds []string
		for _, t := range sockets.Types() {
			if row.fits(t) {
				kinds = append(kinds, strings.ToLower(t.String()))
			}
		}
		if _, known := list[row.Name]; !known {
			list[row.Name] = "has no meaning for " + w.Name + ": it is for " + strings.Join(kinds, ", ")
		}
	}
	if w.All == nil || w.Tool {
		return list
	}
	for name, why := range list {
		if flag := flagIn(why); flag != "" && !hasFlag(w, flag) {
			var others []string
			for _, other := range w.All.List {
				if !other.Tool && hasFlag(other, flag) {
					others = append(others, other.Name)
				}
			}
			list[name] = "has no meaning for " + w.Name + ": it is --" + flag + " of " + strings.Join(others, ", ")
		}
	}
	return list
}

// hasFlag reports whether a command has a flag of that name.
func hasFlag(w line.Command, name string) bool {
	return slices.ContainsFunc(line.FlagsOf(w), func(f line.Flag) bool { return f.Name == name })
}

// flagIn returns the name of the flag that an option is, as its meaning tells; "" where it
// is none.
func flagIn(meaning string) string {
	flag, found := strings.CutPrefix(meaning, "is --")
	if !found {
		return ""
	}
	return strings.TrimRight(strings.SplitN(flag, " ", 2)[0], ",")
}

// InsteadOf returns what does here what an option does which a command's sockets do not
// take: the name of a flag and its value, "" and "" where there is nothing. libzmq's times
// are milliseconds, and -1 is no limit; its secrets are in files here.
func InsteadOf(w line.Command, option, value string) (flag, meant string) {
	option = strings.TrimPrefix(strings.ToLower(option), "zmq_")
	flag = flagIn(meanings(w)[option])
	switch {
	case (option == "fail_unroutable" || option == "router_behavior") && value == "0" && hasFlag(w, "drop-unroutable"):
		return "drop-unroutable", ""
	case flag == "plain-password-file" || flag == "curve-secret":
		// What was typed is a secret, and no file.
		at := slices.IndexFunc(line.FlagsOf(w), func(f line.Flag) bool { return f.Name == flag })
		return flag, line.FlagsOf(w)[at].Example
	case option == "use_fd" && flag != "":
		return flag, "fd://" + value
	case strings.HasSuffix(option, "timeo") || option == "tcp_maxrt":
		if value == "" || strings.Trim(value, "0123456789") != "" {
			return "", ""
		}
		value += "ms"
	}
	return flag, value
}

// OptionMeant returns the socket option that was meant by one that is not taken: the same
// with its default, where the value is none, or the one that is spelt nearly so; "" where
// there is none.
func OptionMeant(w line.Command, name, value string) string {
	name = strings.TrimPrefix(strings.ToLower(name), "zmq_")
	rows := OptionsOf(w)
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name
	}
	at := slices.Index(names, name)
	if _, known := meanings(w)[name]; at < 0 && !known {
		at = slices.Index(names, habits.Nearest(name, names))
	}
	if at < 0 {
		return ""
	}
	defaults := line.DefaultOptions(w)
	if row := rows[at]; row.set(&sockets.Options{}, value) != nil {
		value = row.Get(&defaults)
	}
	if value == "" {
		return ""
	}
	return names[at] + "=" + value
}

// OptionList returns what -o list prints: a line for each option with NAME=DEFAULT
// and its meaning, then one for each that is not taken, and why.
func OptionList(w line.Command) string {
	var b strings.Builder
	defaults := line.DefaultOptions(w)
	for _, row := range OptionsOf(w) {
		fmt.Fprintf(&b, "%-24s %s\n", row.Name+"="+row.Get(&defaults), row.help)
	}
	others := meanings(w)
	for _, name := range slices.Sorted(maps.Keys(others)) {
		fmt.Fprintf(&b, "%-24s %s\n", name, others[name])
	}
	return b.String()
}

// Describe reports at -vv which options differ from their defaults.
func Describe(w line.Command, options sockets.Options, voice *say.Speech) {
	if !voice.Says(say.LevelCommands) {
		return
	}
	defaults := line.DefaultOptions(w)
	for _, row := range OptionsOf(w) {
		if value := row.Get(&options); value != row.Get(&defaults) {
			voice.Detail("option %s=%s", row.Name, value)
		}
	}
}
