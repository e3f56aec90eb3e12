package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/zcat/zcat/pkg/sockets"
)

// replayCommand is the command that sends a recording: a socket command with that in the place of its input.
func replayCommand() command {
	return command{
		tool:     true,
		name:     "replay",
		operands: "FILE",
		essence:  "FILE",
		kind:     sockets.Push,
		summary:  "send what was recorded, at the pace of then",
		about: "FILE, or stdin where it is -, has a message a line, as `proxy --capture FILE` and `--meta` write them, " +
			"up to where it ended when it was opened. " +
			"Each is sent as long after the first as it was recorded after it; those without a time follow at once. " +
			"Replies and whatever else comes are printed, and it ends as the command that --as names: push, pub and req " +
			"after the last message, dealer and the like by --count, --idle or a signal.",
		example: "replay traffic.jsonl --connect :5555 --as req --from front",
		use:     useConversation, flagNames: []string{"identity", "drop-unroutable", "conflate", "max-subscriptions", "max-prefix", "wait-subs"},
		files: func(c *config) []namedFile {
			return []namedFile{{flag: "the recording", name: first(c.args), read: true}}
		},
		own: func() any { return &replayConfig{speed: 1} }, flags: allFlags(replayFlags), settle: settleReplay, rules: allRules(replayRules), run: replay,
	}
}

// replayConfig is what a command line asks of a replay.
type replayConfig struct {
	speed  float64 // 0: do not wait
	from   string  // "front", "back" or both
	strip  int     // frames to leave out,
	strips bool    // which somebody asked for
}

// replayOf is the settings of a replay.
func replayOf(c *config) *replayConfig { return c.own.(*replayConfig) }

// replayFlags say what of a recording is sent, and how.
func replayFlags() []flagRow {
	return []flagRow{
		{
			name: "as", kind: takesValue, group: "Replay", meta: "TYPE", example: "push",
			brief: "the socket that sends (push)",
			help:  "the socket that sends, push by default: any that can",
			set: func(c *config, text string) error {
				t, err := sockets.ParseType(text)
				if err == nil && !t.Sends() {
					err = fmt.Errorf("a %s sends nothing", t)
				}
				if err == nil {
					c.command.kind, c.command.traits = t, rowOf(t).traits
				}
				return err
			},
		},
		{
			name: "speed", kind: takesValue, group: "Replay", meta: "X", example: "10",
			brief: "X times as fast, or max",
			help:  "X times as fast as then; max does not wait at all", set: setSpeed,
		},
		{
			name: "from", kind: takesValue, group: "Replay", meta: "SIDE", example: "front",
			brief: "only what came from front or back",
			help:  "only what came from one side of the proxy: front or back",
			set: func(c *config, text string) error {
				if text != sockets.Front.String() && text != sockets.Back.String() {
					return fmt.Errorf("%q is neither front nor back", text)
				}
				replayOf(c).from = text
				return nil
			},
		},
		{
			name: "strip", kind: takesValue, group: "Replay", meta: "N", example: "1",
			help: "leave out the first N frames of each message. By default req leaves out the envelope through the delimiter, " +
				"dealer the routing id in front of what a proxy recorded, all others nothing",
			set: func(c *config, text string) error {
				n, err := parseCount(text, 0)
				if err == nil {
					replayOf(c).strip, replayOf(c).strips = n, true
				}
				return err
			},
		},
	}
}

// setSpeed reads a factor, or max.
func setSpeed(c *config, text string) error {
	if text == "max" {
		replayOf(c).speed = 0
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0) || math.IsInf(x, 0) {
		return fmt.Errorf("%q is no speed: expected a number above 0, or max", text)
	}
	replayOf(c).speed = x
	return nil
}

// settleReplay takes away what sockets of the type do not have.
func settleReplay(c *config) {
	c.options = fitted(c.options, c.command.kind)
	c.fromStdin = first(c.args) == stdoutName
}

// replayRules are the rules of a replay.
func replayRules(c *config) []rule {
	return append([]rule{
		{
			len(c.args) != 1, fmt.Sprintf("replay sends one recording, FILE or - for stdin: there are %d", len(c.args)),
			c.line("--speed 10"),
		},
		{
			len(c.endpoints) == 0, "replay needs an endpoint to bind or connect",
			c.line("--connect tcp://127.0.0.1:5555"),
		},
	}, outputRules(c)...)
}
