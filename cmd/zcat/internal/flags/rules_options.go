package flags

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/pkg/sockets"
)

// field is where options do something, of all that a command opens.
type field struct {
	names    []string
	sentence string // behind the name
	sample   string // flags with which the option does something, in front of it
	at       func(line.Attachment) bool
}

// fields are those of the options that are for some transports only.
func fields() []field {
	return []field{
		{
			[]string{"tcp_accept_filter"},
			"says who may connect to a bound tcp:// or ws:// endpoint, and there is none",
			"bind tcp://127.0.0.1:5555", func(a line.Attachment) bool { return a.Bind && overTCP(a) },
		},
		{
			[]string{"socks_proxy"},
			"is what tcp:// and ws:// endpoints are connected through, and there is none",
			"connect tcp://127.0.0.1:5555", func(a line.Attachment) bool { return !a.Bind && overTCP(a) },
		},
		{
			[]string{"tos", "bindtodevice", "tcp_keepalive", "tcp_keepalive_intvl", "tcp_keepalive_idle", "tcp_keepalive_cnt"},
			"is for connections of tcp:// and ws:// endpoints, and there is none", "connect tcp://127.0.0.1:5555", overTCP,
		},
	}
}

// overTCP reports whether connections of an endpoint are those of tcp; a descriptor's may
// be.
func overTCP(a line.Attachment) bool {
	scheme, _, _ := strings.Cut(sockets.Canonical(a.Endpoint), "://")
	return scheme == "tcp" || scheme == "ws" || scheme == "fd"
}

// Idle returns the name of an option that was typed for a command that opens these
// endpoints and none other, and does nothing for any of them, what is said of that, and
// flags with which it does something, whose first names an endpoint; "" where there is
// none.
func Idle(c *line.Config, endpoints []line.Attachment) (sentence, sample string) {
	defaults := line.DefaultOptions(c.Command)
	for _, text := range c.GivenHere("option") {
		name, value, _ := strings.Cut(text, "=")
		name = optionName(name)
		for _, f := range fields() {
			if !slices.Contains(f.names, name) || slices.ContainsFunc(endpoints, f.at) {
				continue
			}
			row := SocketOptions()[slices.IndexFunc(SocketOptions(), func(r optionRow) bool { return r.Name == name })]
			if row.Get(&c.Options) != row.Get(&defaults) {
				return name + " " + f.sentence, f.sample + " --option " + name + "=" + value
			}
		}
	}
	return "", ""
}

// IdleRule is the rule that no option is idle; flag begins the flag for an endpoint.
func IdleRule(c *line.Config, endpoints []line.Attachment, flag string) line.Rule {
	sentence, sample := Idle(c, endpoints)
	return line.Rule{Broken: sentence != "", Sentence: sentence, Flags: flag + sample}
}

// heartbeatRules are about heartbeats that are set, and none is sent: by flag or by option.
func heartbeatRules(c *line.Config) (rules []line.Rule) {
	o := &c.Options
	for _, r := range []struct {
		flag, option, sentence string
		set                    bool
	}{
		{"heartbeat-timeout", "heartbeat_timeout", "waits for the answer to a PING, and none is sent", o.HeartbeatTimeout > 0},
		{"heartbeat-ttl", "heartbeat_ttl", "travels in a PING, and none is sent", o.HeartbeatTTL > 0},
	} {
		optioned := r.set && slices.ContainsFunc(c.GivenHere("option"), func(text string) bool {
			name, _, _ := strings.Cut(text, "=")
			return optionName(name) == r.option
		})
		rules = append(rules, line.Rule{
			Broken: c.Typed[r.flag] && o.HeartbeatInterval == 0, Sentence: "--" + r.flag + " " + r.sentence,
			Flags: "--heartbeat 5 --" + r.flag + " 10",
		}, line.Rule{
			Broken: optioned && o.HeartbeatInterval == 0, Sentence: r.option + " " + r.sentence,
			Flags: "--option heartbeat_ivl=5000 --option " + r.option + "=10000",
		})
	}
	return rules
}
