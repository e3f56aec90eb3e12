package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/sockets"
)

// proxyFlags say what a proxy joins, and who may watch and steer it.
func proxyFlags() []flagRow {
	is := named("proxy")
	endpoint := func(side sockets.Side, bind bool) flagRow {
		verb, help := "connect", "connect to EP"
		if bind {
			verb, help = "bind", "listen on EP"
		}
		return flagRow{
			name: side.String() + "-" + verb, kind: takesValue, group: groupProxy, meta: "EP", has: is,
			example: "tcp://127.0.0.1:5555", help: fmt.Sprintf("%s, at the %v; repeatable", help, side),
			set: func(c *config, text string) error {
				s := &c.proxy.sides[side]
				s.endpoints = append(s.endpoints, attachment{text, bind})
				return nil
			},
		}
	}
	pair := func(name, help string, front, back sockets.Type) flagRow {
		return flagRow{
			name: name, kind: takesNothing, group: groupProxy, has: is, help: help,
			rivals: []string{"forwarder", "streamer", "types"},
			set: func(c *config, text string) error {
				on, err := parseBool(text)
				if on && err == nil {
					c.proxy.sides[sockets.Front].kind, c.proxy.sides[sockets.Back].kind = front, back
				}
				return err
			},
		}
	}
	return []flagRow{
		pair("forwarder", "XSUB and XPUB: publishers at the front, subscribers at the back", sockets.XSub, sockets.XPub),
		pair("streamer", "PULL and PUSH: work comes at the front and is shared at the back", sockets.Pull, sockets.Push),
		{
			name: "types", kind: takesValue, group: groupProxy, meta: "A:B", has: is, example: "router:dealer",
			help:   "any two socket types, front and back, where each can send what the other receives",
			rivals: []string{"forwarder", "streamer"}, set: setTypes,
		},
		endpoint(sockets.Front, true), endpoint(sockets.Front, false),
		endpoint(sockets.Back, true), endpoint(sockets.Back, false),
		{
			name: "capture", kind: mayTakeValue, group: groupProxy, meta: "EP|FILE", has: is, bare: "-", example: "traffic.jsonl",
			help: "publish a copy of every message on EP, or append it to FILE as a line of JSON; " +
				"- or nothing is stdout, shown as --out says (view on a terminal); repeatable. What a slow reader misses is counted",
			set: func(c *config, text string) error {
				if text == "" {
					return fmt.Errorf("the value is empty")
				}
				c.proxy.captures = append(c.proxy.captures, text)
				return nil
			},
		},
		{
			name: "capture-type", kind: takesValue, group: groupProxy, meta: "TYPE", has: is, example: "push", company: "--capture=:5557",
			help: "the socket of --capture EP: pub (default), push, dealer or pair",
			set:  setCaptureType,
		},
		{
			name: "capture-connect", kind: takesNothing, group: groupProxy, has: is, company: "--capture=:5557",
			help: "connect to the EP of --capture instead of binding it",
			set:  toClaim(func(c *config) *bool { return &c.proxy.captureConnects }),
		},
		{
			name: "control", kind: takesValue, group: groupProxy, meta: "EP", has: is, example: "tcp://127.0.0.1:5558",
			help: "a REP, bound to EP, that takes PAUSE, RESUME, TERMINATE and STATISTICS",
			set:  toText(func(c *config) *string { return &c.proxy.control }),
		},
		{
			name: "stats", kind: takesValue, group: groupProxy, meta: "D", has: is, example: "10",
			help: "say messages and bytes each way every D, and at the end",
			set:  toTime(1, func(c *config) *time.Duration { return &c.proxy.stats }),
		},
		{
			name: "metrics", kind: takesValue, group: groupProxy, meta: "ADDR", has: is, example: ":9100",
			help: "serve the counters to Prometheus at http://ADDR/metrics; :PORT is loopback, *:PORT every interface",
			set:  setMetrics,
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
		c.proxy.sides[side].kind = t
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
		c.proxy.captureType = t
		return nil
	}
	return fmt.Errorf("a %s cannot capture: pub, push, dealer and pair can", t)
}
