package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/sockets"
)

// proxyCommand is the command that joins two sockets.
func proxyCommand() command {
	return command{
		tool:     true,
		name:     "proxy",
		operands: "FRONT BACK",
		essence:  ":5555 :5556",
		summary:  "join two sockets: a queue, a forwarder, a streamer",
		about: "What comes at FRONT goes out at BACK and the other way round, unchanged and in order; both are bound. " +
			"By default it is a queue: ROUTER, where clients ask, and DEALER, where workers answer. " +
			"A side is read only while the other has room. SIGTERM and SIGINT end it; what it has received by then is " +
			"still sent on, within the linger. FRONT and BACK may be left out where flags name endpoints for both.",
		example: "proxy :5555 :5556 --capture traffic.jsonl",
		use:     useSockets, flagNames: []string{"handover", "max-subscriptions", "max-prefix"},
		files: captureFiles,
		own:   func() any { return defaultProxy() }, flags: allFlags(proxyFlags), settle: settleProxy, rules: allRules(proxyRules), check: checkProxy,
		run: func(c *config, std streams) (status, error) { return mediate(c, std), nil },
	}
}

// proxyFlags say what a proxy joins, and who may watch and steer it.
func proxyFlags() []flagRow {
	endpoint := func(side sockets.Side, bind bool) flagRow {
		verb, help := "connect", "connect to EP"
		if bind {
			verb, help = "bind", "listen on EP"
		}
		return flagRow{
			name: side.String() + "-" + verb, kind: takesValue, group: "Proxy", meta: "EP",
			example: "tcp://127.0.0.1:5555", help: fmt.Sprintf("%s, at the %v; repeatable", help, side),
			brief: fmt.Sprintf("%s, at the %v", help, side),
			set: func(c *config, text string) error {
				s := &proxyOf(c).sides[side]
				s.endpoints = append(s.endpoints, attachment{text, bind})
				return nil
			},
		}
	}
	pair := func(name, help string, front, back sockets.Type) flagRow {
		brief, _, _ := strings.Cut(help, ":")
		return flagRow{
			name: name, kind: takesNothing, group: "Proxy", help: help, brief: brief,
			rivals: []string{"forwarder", "streamer", "types"},
			set: func(c *config, text string) error {
				on, err := parseBool(text)
				if on && err == nil {
					proxyOf(c).sides[sockets.Front].kind, proxyOf(c).sides[sockets.Back].kind = front, back
				}
				return err
			},
		}
	}
	return []flagRow{
		pair("forwarder", "XSUB and XPUB: publishers at the front, subscribers at the back", sockets.XSub, sockets.XPub),
		pair("streamer", "PULL and PUSH: work comes at the front and is shared at the back", sockets.Pull, sockets.Push),
		{
			name: "types", kind: takesValue, group: "Proxy", meta: "A:B", example: "router:dealer",
			brief:  "any two socket types that fit, front and back",
			help:   "any two socket types, front and back, where each can send what the other receives",
			rivals: []string{"forwarder", "streamer"}, set: setTypes,
		},
		endpoint(sockets.Front, true), endpoint(sockets.Front, false),
		endpoint(sockets.Back, true), endpoint(sockets.Back, false),
		{
			name: "capture", kind: mayTakeValue, group: "Proxy", meta: "EP|FILE", bare: "-", example: "traffic.jsonl",
			brief: "copy every message to EP, FILE or stdout",
			help: "publish a copy of every message on EP, or append it to FILE as a line of JSON; " +
				"- or nothing is stdout, shown as --out says (view on a terminal); repeatable. What a slow reader misses is counted",
			set: func(c *config, text string) error {
				if text == "" {
					return fmt.Errorf("the value is empty")
				}
				proxyOf(c).captures = append(proxyOf(c).captures, text)
				return nil
			},
		},
		{
			name: "capture-type", kind: takesValue, group: "Proxy", meta: "TYPE", example: "push", company: "--capture=:5557",
			help: "the socket of --capture EP: pub (default), push, dealer or pair",
			set:  setCaptureType,
		},
		{
			name: "capture-connect", kind: takesNothing, group: "Proxy", company: "--capture=:5557",
			help: "connect to the EP of --capture instead of binding it",
			set:  toBool(func(c *config) *bool { return &proxyOf(c).captureConnects }),
		},
		{
			name: "control", kind: takesValue, group: "Proxy", meta: "EP", example: "tcp://127.0.0.1:5558",
			brief: "a REP that takes PAUSE, RESUME, TERMINATE",
			help:  "a REP, bound to EP, that takes PAUSE, RESUME, TERMINATE and STATISTICS",
			set:   toText(func(c *config) *string { return &proxyOf(c).control }),
		},
		{
			name: "stats", kind: takesValue, group: "Proxy", meta: "D", example: "10",
			brief: "report messages and bytes every D",
			help:  "say messages and bytes each way every D, and at the end",
			set:   toTime(1, func(c *config) *time.Duration { return &proxyOf(c).stats }),
		},
		{
			name: "metrics", kind: takesValue, group: "Proxy", meta: "ADDR", example: ":9100",
			brief: "serve the counters to Prometheus",
			help:  "serve the counters to Prometheus at http://ADDR/metrics; :PORT is loopback, *:PORT every interface",
			set:   setMetrics,
		},
		{
			name: "secure", kind: takesValue, group: groupSecurity, meta: "WHAT", example: "front",
			company: "--curve-server --curve-secret=my.key_secret",
			help:    "what the security flags are for: front, back, capture or control; repeatable (default: all)",
			set: func(c *config, text string) error {
				if !slices.Contains(proxyParts(), text) {
					return fmt.Errorf("%q is none of %s", text, strings.Join(proxyParts(), ", "))
				}
				proxyOf(c).secure = append(proxyOf(c).secure, text)
				return nil
			},
		},
	}
}

// setTypes reads A:B.
func setTypes(c *config, text string) error {
	front, back, found := strings.Cut(text, ":")
	if !found {
		return fmt.Errorf("%q is not A:B, such as router:dealer", text)
	}
	for side, name := range [...]string{sockets.Front: front, sockets.Back: back} {
		t, err := sockets.ParseType(name)
		if err != nil {
			return err
		}
		proxyOf(c).sides[side].kind = t
	}
	return nil
}

func setCaptureType(c *config, text string) error {
	t, err := sockets.ParseType(text)
	if err != nil {
		return err
	}
	switch t { //nolint:exhaustive // all others want a peer to speak or to subscribe first
	case sockets.Pub, sockets.Push, sockets.Dealer, sockets.Pair:
		proxyOf(c).captureType = t
		return nil
	}
	return fmt.Errorf("a %s cannot capture: pub, push, dealer and pair can", t)
}
