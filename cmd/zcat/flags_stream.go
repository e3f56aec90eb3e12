package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// endpointFlags say where a socket is.
func endpointFlags() []flagRow {
	return []flagRow{
		{
			name: "bind", letter: "b", kind: mayTakeValue, group: groupEndpoints, meta: "EP", has: attaches,
			example: "tcp://127.0.0.1:5555", bare: defaultBind,
			brief: "listen on EP; alone, on any free port of loopback",
			help:  "listen on EP, tcp://127.0.0.1:* without one; repeatable",
			set:   func(c *config, text string) error { c.attach(text, true); return nil },
		},
		{
			name: "connect", letter: "c", kind: takesValue, group: groupEndpoints, meta: "EP", has: attaches,
			example: "tcp://127.0.0.1:5555",
			brief:   "connect to EP, and again when the link is lost",
			help:    "connect to EP, and again whenever the link is lost; repeatable",
			set:     func(c *config, text string) error { c.attach(text, false); return nil },
		},
		// A proxy binds without being told.
		endpointFile(converses, "--bind"),
		endpointFile(mediates, ""),
	}
}

func endpointFile(has func(command) bool, company string) flagRow {
	return flagRow{
		name: "endpoint-file", kind: takesValue, group: groupEndpoints, meta: "FILE", has: has, company: company,
		example: "/tmp/endpoint",
		help:    "write the bound endpoints to FILE, one a line; a file that was made for it is removed at exit, one that was there is overwritten and stays; - is stdout, where no messages go",
		set:     toText(func(c *config) *string { return &c.endpointFile }),
	}
}

// formatFlags say how messages are written.
func formatFlags() []flagRow {
	all := []string{"format", "in", "out", "json", "hex", "text", "raw"}
	letter := func(f frames.Format, letter, help string) flagRow {
		return flagRow{
			name: f.String(), letter: letter, kind: takesNothing, group: groupFormats, has: readsText,
			help: help, rivals: all,
			set: func(c *config, text string) error {
				on, err := parseBool(text)
				if on && err == nil {
					c.format = choice{format: f, asked: true}
				}
				return err
			},
		}
	}
	return []flagRow{
		{
			name: "format", letter: "f", kind: takesValue, group: groupFormats, meta: "F", has: readsText, example: "json",
			brief: "json (default), hex, text, raw; view for people",
			help: "json, hex, text or raw, both ways; or view, for people, which is for the output and leaves the input's " +
				"(default: json, but text from and view to a terminal)",
			rivals: all, set: toShown(func(c *config) *choice { return &c.format }),
		},
		{
			name: "in", kind: takesValue, group: groupFormats, meta: "F", has: senders, example: "json",
			help: "the format of the input",
			set:  toFormat(func(c *config) *choice { return &c.in }),
		},
		{
			name: "out", kind: takesValue, group: groupFormats, meta: "F", has: printers, example: "json",
			help: "the format of the output; view shows each frame as what it is in the envelope",
			set:  toShown(func(c *config) *choice { return &c.out }),
		},
		{
			name: "out", kind: takesValue, group: groupFormats, meta: "F", has: mediates, example: "json", company: "--capture",
			help: "the format of what --capture prints; view shows each frame as what it is in the envelope",
			set:  toShown(func(c *config) *choice { return &c.out }),
		},
		letter(frames.JSON, "J", `an array a line: ["text",{"hex":"00ff"}], {"base64":..} and {"json":..} in input`),
		letter(frames.Hex, "x", "hex digits, a space between frames, - for an empty one"),
		letter(frames.Text, "T", "a line is a message, a TAB between frames"),
		letter(frames.Raw, "", "frames' bytes, nothing added; all of stdin is one frame"),
		{
			name: "frame-sep", kind: takesValue, group: groupFormats, meta: "SEP", has: readsText, example: ",", company: "--text",
			help: `text: what stands between frames (\t); \n \r \t \0 \\ \xNN are understood, '' makes a line one frame`,
			set:  toBytes(func(t *separators) *[]byte { return &t.frame }),
		},
		{
			name: "delimiter", letter: "d", kind: takesValue, group: groupFormats, meta: "DELIM", has: readsText, example: "%", company: "--text",
			help: `text: what ends a message (\n), written like SEP`, rivals: []string{"null"},
			set: toBytes(func(t *separators) *[]byte { return &t.message }),
		},
		{
			name: "null", letter: "0", kind: takesNothing, group: groupFormats, has: readsText, company: "--text",
			help: "text: a NUL byte ends a message", rivals: []string{"delimiter"},
			set: func(c *config, text string) error {
				on, err := parseBool(text)
				if on && err == nil {
					c.Input.text.message, c.Output.text.message = []byte{0}, []byte{0}
				}
				return err
			},
		},
		{
			name: "meta", kind: takesNothing, group: groupFormats, has: printers,
			brief: "print records, with the time and the peer",
			help:  `print records: {"time":..,"peer":..,"frames":[..]}`,
			set:   toBool(func(c *config) *bool { return &c.meta }),
		},
		{
			name: "skip-invalid", kind: takesNothing, group: groupFormats, has: skippers,
			help: "report a bad line of the input and go on",
			set:  toBool(func(c *config) *bool { return &c.skipInvalid }),
		},
	}
}

// courseFlags say how long a command goes on, and how fast.
func courseFlags() []flagRow {
	return []flagRow{
		{
			name: "count", letter: "n", kind: takesValue, group: groupCourse, meta: "N", has: converses, example: "1",
			brief: "end after N messages, or round trips",
			help:  "end after N messages: sent (push, pub), round trips (req, rep), received (all others)",
			set:   toCount(1, func(c *config) *int { return &c.limit }),
		},
		{
			name: "timeout", letter: "t", kind: takesValue, group: groupCourse, meta: "D", has: attaches, example: "5",
			brief: "longest wait for a peer, a message, a reply",
			help:  "longest wait for one step: a peer, a message, a reply; then status 124. D is 5 (seconds), 500ms, 2m",
			set:   toTime(1, func(c *config) *time.Duration { return &c.timeout }),
		},
		{
			name: "idle", kind: takesValue, group: groupCourse, meta: "D", has: listeners, example: "5",
			brief: "end after D without a received message",
			help:  "end with status 0 after D without a received message",
			set:   toTime(1, func(c *config) *time.Duration { return &c.idle }),
		},
		{
			name: "interval", letter: "i", kind: takesValue, group: groupCourse, meta: "D", has: paced, example: "1",
			help: "wait D between two messages sent", rivals: []string{"rate"},
			set: toTime(0, func(c *config) *time.Duration { return &c.interval }),
		},
		{
			name: "rate", kind: takesValue, group: groupCourse, meta: "N", has: paced, example: "100",
			help: "send at most N messages a second", rivals: []string{"interval"},
			set: toCount(1, func(c *config) *int { return &c.rate }),
		},
		{
			name: "repeat", kind: takesValue, group: groupCourse, meta: "N", has: paced, example: "3", company: "id hello",
			help: "send the FRAMEs N times, 0 for ever",
			set:  toCount(0, func(c *config) *int { return &c.repeat }),
		},
		{
			name: "retries", kind: takesValue, group: groupCourse, meta: "N", example: "3", company: "--timeout=1",
			brief: "with -t: send the request again, up to N times",
			help:  "with --timeout: send a request again, on a fresh connection, up to N times",
			set:   toCount(0, func(c *config) *int { return &c.retries }),
		},
		{
			name: "linger", letter: "l", kind: takesValue, group: groupCourse, meta: "D", has: opens, example: "10",
			brief: "at the end, wait so long for what is queued (10)",
			help:  "at the end, wait up to D for what is queued to leave (10); then status 4",
			set:   toTime(0, func(c *config) *time.Duration { return &c.options.Linger }),
		},
		{
			name: "wait-peers", kind: takesValue, group: groupCourse, meta: "N", has: converses, example: "1",
			help: "send and receive nothing before N peers have finished their handshake",
			set:  toCount(0, func(c *config) *int { return &c.waitPeers }),
		},
		{
			name: "wait-subs", kind: takesValue, group: groupCourse, meta: "N[:PREFIX]", example: "1",
			brief: "send nothing before N peers have subscribed",
			help:  "send nothing before N peers have subscribed (to PREFIX, hex:00ff allowed); by default up to 1s for the first, 0 waits for none",
			set:   setWaitSubs,
		},
	}
}

// viewName is the format that is for people, whom nobody reads back.
const viewName = "view"

func toFormat(at func(*config) *choice) func(*config, string) error {
	return func(c *config, text string) error {
		if text == viewName {
			return errors.New(`"view" is for output only: expected json, hex, text or raw`)
		}
		f, err := frames.ParseFormat(text)
		if err == nil {
			*at(c) = choice{format: f, asked: true}
		}
		return err
	}
}

// toShown is toFormat for what may be view.
func toShown(at func(*config) *choice) func(*config, string) error {
	plain := toFormat(at)
	return func(c *config, text string) error {
		if text == viewName {
			*at(c) = choice{view: true, asked: true}
			return nil
		}
		if err := plain(c, text); err != nil {
			return fmt.Errorf("unknown format %q: expected json, hex, text, raw or view", text)
		}
		return nil
	}
}

// toBytes is a separator, which counts both ways.
func toBytes(at func(*separators) *[]byte) func(*config, string) error {
	return func(c *config, text string) error {
		b, err := unescape(text)
		*at(&c.Input.text), *at(&c.Output.text) = b, b
		return err
	}
}

// setWaitSubs reads N or N:PREFIX.
func setWaitSubs(c *config, text string) error {
	number, prefix, found := strings.Cut(text, ":")
	n, err := parseCount(number, 0)
	if err != nil {
		return err
	}
	subs := waitSubs{n: n, asked: true}
	if found {
		if n == 0 {
			return errors.New("0 peers are waited for, but a prefix is named")
		}
		if subs.prefix, err = frames.ParseBytes(prefix); err != nil {
			return err
		}
		if subs.prefix == nil {
			subs.prefix = []byte{}
		}
	}
	c.waitSubs = subs
	return nil
}
