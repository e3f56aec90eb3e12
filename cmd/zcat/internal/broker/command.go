package broker

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/top"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
	"github.com/zcat/zcat/pkg/sockets"
)

// Command is the command that joins two sockets.
func Command() line.Command {
	return line.Command{
		Tool:     true,
		Name:     "proxy",
		Operands: "FRONT BACK",
		Essence:  ":5555 :5556",
		Summary:  "join two sockets: a queue, a forwarder, a streamer",
		About: "What arrives at FRONT leaves at BACK and the other way round, unchanged and in order; both are bound. " +
			"By default it is a queue: ROUTER, where clients ask, and DEALER, where workers answer. " +
			"A side is read only while the other has room. SIGTERM and SIGINT end it; what it has received by then is " +
			"still sent on, within the linger. FRONT and BACK may be left out where flags name endpoints for both.",
		Example: "proxy :5555 :5556 --capture traffic.jsonl",
		Use:     line.UseSockets, FlagNames: []string{"join", "handover", "max-subscriptions", "max-prefix"},
		Files: func(c *line.Config) []line.NamedFile { return ProxyOf(c).Capture.Files() },
		Own:   func() any { return defaultProxy() }, Flags: flags.All(proxyFlags), Settle: settleProxy, Rules: flags.Rules(proxyRules), Check: checkProxy,
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) {
			if ProxyOf(c).told.Top {
				if err := top.Check(std, c.Without("top")+" --stats 1"); err != nil {
					return outcome.Usage, err
				}
			}
			return mediate(c, std), nil
		},
	}
}

// proxyFlags say what a proxy joins, and who may watch and steer it.
func proxyFlags() []line.Flag {
	endpoint := func(side sockets.Side, bind bool) line.Flag {
		verb, help := "connect", "connect to EP"
		if bind {
			verb, help = "bind", "listen on EP"
		}
		return line.Flag{
			Name: side.String() + "-" + verb, Kind: line.TakesValue, Group: "Proxy", Meta: "EP",
			Example: "tcp://127.0.0.1:5555", Help: fmt.Sprintf("%s, at the %v; repeatable", help, side),
			Brief: fmt.Sprintf("%s, at the %v", help, side),
			Set: func(c *line.Config, text string) error {
				s := &ProxyOf(c).Sides[side]
				s.Endpoints = append(s.Endpoints, line.Attachment{Endpoint: text, Bind: bind})
				return nil
			},
		}
	}
	pair := func(name, help string, front, back sockets.Type) line.Flag {
		brief, _, _ := strings.Cut(help, ":")
		return line.Flag{
			Name: name, Kind: line.TakesNothing, Group: "Proxy", Help: help, Brief: brief,
			Rivals: []string{"forwarder", "streamer", "types"},
			Set: func(c *line.Config, text string) error {
				on, err := units.ParseBool(text)
				if on && err == nil {
					ProxyOf(c).Sides[sockets.Front].Kind, ProxyOf(c).Sides[sockets.Back].Kind = front, back
				}
				return err
			},
		}
	}
	all := []line.Flag{
		pair("forwarder", "XSUB and XPUB: publishers at the front, subscribers at the back", sockets.XSub, sockets.XPub),
		pair("streamer", "PULL and PUSH: work comes at the front and is shared at the back", sockets.Pull, sockets.Push),
		{
			Name: "types", Kind: line.TakesValue, Group: "Proxy", Meta: "A:B", Example: "router:dealer",
			Brief:  "any two socket types that fit, front and back",
			Help:   "any two socket types, front and back, where each can send what the other receives",
			Rivals: []string{"forwarder", "streamer"}, Set: setTypes,
		},
		endpoint(sockets.Front, true), endpoint(sockets.Front, false),
		endpoint(sockets.Back, true), endpoint(sockets.Back, false),
	}
	all = append(all, lastValueFlag())
	all = append(all, board.Flags("Proxy", "between the sides: it reads records of what comes at either, and what it writes is sent on, "+
		"to the other side, or to where \"to\" says, front or back. cat passes all, jq's select some. "+
		"What is for a routing id that no peer has, such as the reply to a client that left, comes back with \"event\":\"unsent\", which no zcat takes for a message; "+
		"without --presence that is reported, with status 3. With -o router_mandatory=0 it is dropped and counted, as without a filter", func(c *line.Config) *board.Asked { return &ProxyOf(c).Asked })...)
	all = append(all, capture.Flags("Proxy", func(c *line.Config) *capture.Asked { return &ProxyOf(c).Capture })...)
	all = append(all, line.Flag{
		Name: "control", Kind: line.TakesValue, Group: "Proxy", Meta: "EP", Example: "tcp://127.0.0.1:5558",
		Brief: "a REP that takes PAUSE, RESUME, TERMINATE",
		Help:  "a REP, bound to EP, that takes PAUSE, RESUME, TERMINATE and STATISTICS",
		Set:   flags.ToText(func(c *line.Config) *string { return &ProxyOf(c).control }),
	})
	all = append(all, metrics.Flags("Proxy", func(c *line.Config) *metrics.Asked { return &ProxyOf(c).told })...)
	return append(all, line.Flag{
		Name: "secure", Kind: line.TakesValue, Group: line.GroupSecurity, Meta: "WHAT", Example: "front",
		Company: "--curve-server --curve-secret=my.key_secret",
		Help:    "what the security flags are for: front, back, capture or control; repeatable (default: all)",
		Set: func(c *line.Config, text string) error {
			if !slices.Contains(flags.ProxyParts(), text) {
				return fmt.Errorf("%q is none of %s", text, strings.Join(flags.ProxyParts(), ", "))
			}
			ProxyOf(c).secure = append(ProxyOf(c).secure, text)
			return nil
		},
	})
}

// setTypes reads A:B.
func setTypes(c *line.Config, text string) error {
	front, back, found := strings.Cut(text, ":")
	if !found {
		return fmt.Errorf("%q is not A:B, such as router:dealer", text)
	}
	for side, name := range [...]string{sockets.Front: front, sockets.Back: back} {
		t, err := sockets.ParseType(name)
		if err != nil {
			return err
		}
		ProxyOf(c).Sides[side].Kind = t
	}
	return nil
}
