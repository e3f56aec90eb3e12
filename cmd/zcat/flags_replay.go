package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/zcat/zcat/pkg/sockets"
)

// replayFlags say what of a recording is sent, and how.
func replayFlags() []flagRow {
	is := named("replay")
	return []flagRow{
		{
			name: "as", kind: takesValue, group: groupReplay, meta: "TYPE", has: is, example: "push",
			help: "the socket that sends, push by default: any that can",
			set: func(c *config, text string) error {
				t, err := sockets.ParseType(text)
				if err == nil && !t.Sends() {
					err = fmt.Errorf("a %s sends nothing", t)
				}
				if err == nil {
					c.word.kind = t
				}
				return err
			},
		},
		{
			name: "speed", kind: takesValue, group: groupReplay, meta: "X", has: is, example: "10",
			help: "X times as fast as then; max does not wait at all", set: setSpeed,
		},
		{
			name: "from", kind: takesValue, group: groupReplay, meta: "SIDE", has: is, example: "front",
			help: "only what came from one side of the proxy: front or back",
			set: func(c *config, text string) error {
				if text != sockets.Front.String() && text != sockets.Back.String() {
					return fmt.Errorf("%q is neither front nor back", text)
				}
				c.replay.from = text
				return nil
			},
		},
		{
			name: "strip", kind: takesValue, group: groupReplay, meta: "N", has: is, example: "1",
			help: "leave out the first N frames of each message. By default req leaves out the envelope through the delimiter, " +
				"dealer the routing id in front of what a proxy recorded, all others nothing",
			set: func(c *config, text string) error {
				n, err := parseCount(text, 0)
				if err == nil {
					c.replay.strip, c.replay.strips = n, true
				}
				return err
			},
		},
	}
}

// setSpeed reads a factor, or max.
func setSpeed(c *config, text string) error {
	if text == "max" {
		c.replay.speed = 0
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0) || math.IsInf(x, 0) {
		return fmt.Errorf("%q is no speed: expected a number above 0, or max", text)
	}
	c.replay.speed = x
	return nil
}
