package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// socketFlags belong to some socket types, or set any option.
func socketFlags() []flagRow {
	return []flagRow{
		{
			name: "subscribe", letter: "s", kind: takesValue, group: groupSocket, meta: "PREFIX", example: "news",
			brief: "receive what begins with PREFIX; repeatable",
			help:  "receive what begins with PREFIX; repeatable (default for sub: everything)",
			set: func(c *config, text string) error {
				c.subscribe = append(c.subscribe, []byte(text))
				return nil
			},
		},
		{
			name: "subscribe-hex", letter: "S", kind: takesValue, group: groupSocket, meta: "HEX", example: "00ff",
			help: "the same with the prefix in hex",
			set: func(c *config, text string) error {
				prefix, err := frames.ParseBytes("hex:" + text)
				if err != nil {
					return fmt.Errorf("%q is not hex: expected pairs of digits, such as 00ff", text)
				}
				c.subscribe = append(c.subscribe, prefix)
				return nil
			},
		},
		{
			name: "identity", kind: takesValue, group: groupSocket, meta: "ID", example: "worker-1",
			brief: "the routing id that a ROUTER peer sees",
			help:  "the routing id that a ROUTER peer sees, text or hex:00ff",
			set:   toIdentity(func(c *config) *[]byte { return &c.options.Identity }),
		},
		{
			name: "handover", kind: takesNothing, group: groupSocket,
			help: "a new peer may take a routing id in use; else it is refused",
			set:  toBool(func(c *config) *bool { return &c.options.Handover }),
		},
		{
			name: "drop-unroutable", kind: takesNothing, group: groupSocket,
			help: "drop what no peer has the routing id for in silence, as libzmq does",
			set: func(c *config, text string) error {
				drop, err := parseBool(text)
				c.options.Mandatory, c.options.NoDrop = !drop, true
				return err
			},
		},
		{
			name: "conflate", kind: takesNothing, group: groupSocket,
			help: "keep only the newest message for and from each peer",
			set:  toBool(func(c *config) *bool { return &c.options.Conflate }),
		},
		{
			name: "immediate", kind: takesNothing, group: groupSocket, has: opens,
			help: "queue only for peers whose handshake is done",
			set:  toBool(func(c *config) *bool { return &c.options.Immediate }),
		},
		{
			name: "option", letter: "o", kind: takesValue, group: groupSocket, meta: "NAME=VALUE", has: opens, example: "sndhwm=10",
			help: "set a socket option under libzmq's name; -o list prints them",
			set:  setOption,
		},
	}
}

// limitFlags bound memory, time and peers.
func limitFlags() []flagRow {
	return []flagRow{
		{
			name: "hwm", kind: takesValue, group: groupLimits, meta: "N", has: opens, example: "1000",
			help: "high-water mark: messages queued each way for a peer (1000), 0 for no limit",
			set: toCount(0, func(c *config) *int { return &c.options.SendHWM },
				func(c *config) *int { return &c.options.RecvHWM }),
		},
		{
			name: "hwm-bytes", kind: takesValue, group: groupLimits, meta: "SIZE", has: opens, example: "64M",
			help: "the same in bytes (64M), whichever is reached first",
			set: toSize(func(c *config) *int { return &c.options.SendHWMBytes },
				func(c *config) *int { return &c.options.RecvHWMBytes }),
		},
		{
			name: "max-size", kind: takesValue, group: groupLimits, meta: "SIZE", has: opens, example: "64M",
			help: "the largest message taken, the sum of its frames (64M), 0 for no limit; SIZE is bytes or has K, M, G",
			set:  toSize(func(c *config) *int { return &c.options.MaxSize }),
		},
		{
			name: "max-frames", kind: takesValue, group: groupLimits, meta: "N", has: opens, example: "1000",
			help: "the most frames in a message taken (1048576), 0 for no limit",
			set:  toCount(0, func(c *config) *int { return &c.options.MaxFrames }),
		},
		{
			name: "max-subscriptions", kind: takesValue, group: groupLimits, meta: "N", example: "1000",
			help: "how many subscriptions one peer may hold (250000), 0 for no limit; together they have at most --hwm-bytes",
			set:  toCount(0, func(c *config) *int { return &c.options.MaxSubscriptions }),
		},
		{
			name: "max-prefix", kind: takesValue, group: groupLimits, meta: "SIZE", example: "1K",
			help: "the longest prefix of a subscription (1M), 0 for no limit",
			set:  toSize(func(c *config) *int { return &c.options.MaxPrefix }),
		},
		{
			name: "max-peers", kind: takesValue, group: groupLimits, meta: "N", has: opens, example: "10000",
			help: "how many peers are accepted at a time (10000), 0 for no limit",
			set:  toCount(0, func(c *config) *int { return &c.options.MaxPeers }),
		},
		{
			name: "max-memory", kind: takesValue, group: groupLimits, meta: "SIZE", has: opens, example: "256M",
			help: "what all accepted peers may make zcat hold: so much on the way in, so much on the way out, so much of subscriptions (512M, less in a small control group), 0 for no limit",
			set:  toSize(func(c *config) *int { return &c.options.MaxMemory }),
		},
		{
			name: "handshake-timeout", kind: takesValue, group: groupLimits, meta: "D", has: opens, example: "30",
			help: "how long a peer's handshake may take (30), 0 for no limit",
			set:  toTime(0, func(c *config) *time.Duration { return &c.options.HandshakeTimeout }),
		},
		{
			name: "reconnect", kind: takesValue, group: groupLimits, meta: "MIN..MAX", has: opens, example: "100ms..5s",
			help: "the pause before connecting again, doubled from MIN to MAX (100ms..5s)",
			set:  setReconnect,
		},
		{
			name: "heartbeat", kind: takesValue, group: groupLimits, meta: "D", has: opens, example: "5",
			help: "send a PING every D (0: none)",
			set:  toTime(0, func(c *config) *time.Duration { return &c.options.HeartbeatInterval }),
		},
		{
			name: "heartbeat-timeout", kind: takesValue, group: groupLimits, meta: "D", has: opens, example: "5", company: "--heartbeat=5",
			help: "how long after a PING a silent peer counts as gone (as --heartbeat)",
			set:  toTime(0, func(c *config) *time.Duration { return &c.options.HeartbeatTimeout }),
		},
		{
			name: "heartbeat-ttl", kind: takesValue, group: groupLimits, meta: "D", has: opens, example: "10", company: "--heartbeat=5",
			help: "when the peer is to count us as gone (0: never)",
			set:  toTime(0, func(c *config) *time.Duration { return &c.options.HeartbeatTTL }),
		},
	}
}

// reportFlags say what the user hears.
func reportFlags() []flagRow {
	return []flagRow{
		{
			name: "verbose", letter: "v", kind: takesNothings, group: groupReports, has: speaks,
			brief: "report connections; -vv options, -vvv messages",
			help:  "say connection events; -vv commands and options, -vvv messages", rivals: []string{"quiet"},
			set: setVerbose,
		},
		{
			name: "quiet", letter: "q", kind: takesNothing, group: groupReports, has: speaks,
			help: "say errors only", rivals: []string{"verbose"},
			set: toBool(func(c *config) *bool { return &c.quiet }),
		},
		{
			name: "events", kind: takesValue, group: groupReports, meta: "FILE", has: opens, example: "/tmp/events.jsonl",
			help: "write events to FILE, a JSON object a line, under libzmq's names; a file begins anew, a FIFO, a device or a descriptor is appended to; - is stderr",
			set:  toText(func(c *config) *string { return &c.eventsFile }),
		},
		{
			name: "progress", kind: takesNothing, group: groupReports, has: converses,
			help: "say messages, bytes and rate all the time; without it a transfer does on a terminal that shows no messages",
			set:  toBool(func(c *config) *bool { return &c.progress }),
		},
		{
			name: "color", kind: takesValue, group: groupReports, meta: "WHEN", has: every, example: "never",
			help: "auto (default: on terminals, unless NO_COLOR or TERM=dumb is set), always or never",
			set:  setColour,
		},
		{
			name: "summary", kind: takesNothing, group: groupReports, has: every,
			help: "write a line of JSON to stderr at the end, however it comes: an object \"summary\" with command, status, seconds, sent, received, " +
				"dropped (at the high-water mark), lost (with a connection), unroutable, unsent, refused and peers; a proxy adds front and back",
			set: toBool(func(c *config) *bool { return &c.summary }),
		},
		{
			name: "config", kind: takesValue, group: groupReports, meta: "FILE|NAME", has: every, example: "./flags",
			help: "take flags from FILE, or from NAME in ~/.config/zcat: a line is a long flag without hyphens, a blank, and its value as it stands; " +
				"# begins a comment. What is typed counts more; repeatable. A file that others may write to is refused",
			set: func(*config, string) error { return nil }, // read before all others are set
		},
		{
			name: "help", letter: "h", kind: takesNothing, group: groupReports, has: every,
			help: "print all of this; -h prints a screen of it",
		},
	}
}

func setColour(c *config, text string) error {
	when, found := map[string]colouring{"auto": colourAuto, "always": colourAlways, "never": colourNever}[text]
	if !found {
		return fmt.Errorf("%q is none of auto, always and never", text)
	}
	c.colour = when
	return nil
}

// setVerbose takes one more, or a level: --verbose=2.
func setVerbose(c *config, text string) error {
	if n, err := parseCount(text, 2); err == nil && n <= levelMessages {
		c.verbose = n
		return nil
	}
	on, err := parseBool(text)
	switch {
	case err != nil:
		return fmt.Errorf("%q is neither a level from 0 to %d nor true or false", text, levelMessages)
	case on:
		c.verbose++
	default:
		c.verbose = 0
	}
	return nil
}

// setReconnect reads MIN..MAX, or one pause for both.
func setReconnect(c *config, text string) error {
	low, high, found := strings.Cut(text, "..")
	if !found {
		high = low
	}
	shortest, err := parseDuration(low)
	if err != nil {
		return err
	}
	longest, err := parseDuration(high)
	if err != nil {
		return err
	}
	if shortest == 0 || longest < shortest {
		return fmt.Errorf("%q is no range of pauses: expected MIN..MAX, MIN above 0 and MAX not below it", text)
	}
	c.options.ReconnectMin, c.options.ReconnectMax = shortest, longest
	return nil
}

func toIdentity(at func(*config) *[]byte) func(*config, string) error {
	return func(c *config, text string) error {
		id, err := frames.ParseBytes(text)
		switch {
		case err != nil:
			return fmt.Errorf("%q is not an identity: %w", text, err)
		case len(id) == 0 || len(id) > 255:
			return fmt.Errorf("an identity of %d bytes: expected 1 to 255", len(id))
		case id[0] == 0:
			return fmt.Errorf("%q begins with a zero byte, which is for the ids that a ROUTER makes up", text)
		}
		*at(c) = id
		return nil
	}
}
