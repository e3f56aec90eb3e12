package replay

import (
	"fmt"
	"math"
	"strconv"

	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
	"github.com/zcat/zcat/pkg/sockets"
)

// Command is the command that sends a recording: a socket command with a recording
// in place of its input.
func Command() line.Command {
	return line.Command{
		Tool:     true,
		Name:     "replay",
		Operands: "FILE",
		Essence:  "FILE",
		Kind:     sockets.Push,
		Summary:  "send what was recorded, with the original timing",
		About: "FILE, or stdin where it is -, has a message a line, as `proxy --capture FILE` and `--meta` write them, " +
			"up to where it ended when it was opened. " +
			"Each is sent as long after the first as when it was recorded; those without a time follow at once. " +
			"Replies and whatever else comes are printed, and it ends as the command that --as names: push, pub and req " +
			"after the last message, dealer and the like by --count, --idle or a signal.",
		Example: "replay traffic.jsonl --connect :5555 --as req --from front",
		Use:     line.UseConversation, FlagNames: []string{"identity", "drop-unroutable", "conflate", "max-subscriptions", "max-prefix", "wait-subs"},
		Files: func(c *line.Config) []line.NamedFile {
			return []line.NamedFile{{Flag: "the recording", Name: line.First(c.Args), Read: true}}
		},
		Own: func() any { return &replayConfig{speed: 1} }, Flags: flags.All(replayFlags), Settle: settleReplay, Rules: flags.Rules(replayRules), Run: replay,
	}
}

// replayConfig has the settings of a replay.
type replayConfig struct {
	speed  float64 // 0: do not wait
	from   string  // a side, or a name of a hub; "" is all
	strip  int     // frames to leave out,
	strips bool    // whether the user asked for that
}

// replayOf returns the settings of a replay.
func replayOf(c *line.Config) *replayConfig { return c.Own.(*replayConfig) }

// replayFlags are the flags for what of a recording is sent, and how.
func replayFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "as", Kind: line.TakesValue, Group: "Replay", Meta: "TYPE", Example: "push",
			Brief: "the socket that sends (push)",
			Help:  "the socket that sends, push by default: any that can",
			Set: func(c *line.Config, text string) error {
				t, err := sockets.ParseType(text)
				if err == nil && !t.Sends() {
					err = fmt.Errorf("a %s sends nothing", t)
				}
				if err == nil {
					c.Command.Kind = t
				}
				return err
			},
		},
		{
			Name: "speed", Kind: line.TakesValue, Group: "Replay", Meta: "X", Example: "10",
			Brief: "X times as fast, or max",
			Help:  "X times as fast as it was recorded; max does not wait at all", Set: setSpeed,
		},
		{
			Name: "from", Kind: line.TakesValue, Group: "Replay", Meta: "SIDE", Example: "front",
			Brief: "only what one side sent",
			Help: "only what one side sent: front or back of a proxy, client or server of what show found in packets; what came at NAME, of a hub's " +
				"(its router's messages have a routing id in front: --strip 1)",
			Set: func(c *line.Config, text string) error {
				replayOf(c).from = text
				return line.CheckSide(text)
			},
		},
		{
			Name: "strip", Kind: line.TakesValue, Group: "Replay", Meta: "N", Example: "1",
			Help: "leave out the first N frames of each message. By default req leaves out the envelope through the delimiter, " +
				"dealer the routing id in front of what a proxy recorded, all others nothing",
			Set: func(c *line.Config, text string) error {
				n, err := units.ParseCount(text, 0)
				if err == nil {
					replayOf(c).strip, replayOf(c).strips = n, true
				}
				return err
			},
		},
	}
}

// setSpeed reads a factor, or max.
func setSpeed(c *line.Config, text string) error {
	if text == "max" {
		replayOf(c).speed = 0
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0) || math.IsInf(x, 0) {
		return fmt.Errorf("%q is not a speed: expected a number above 0, or max", text)
	}
	replayOf(c).speed = x
	return nil
}

// settleReplay removes the options that sockets of the type do not have.
func settleReplay(c *line.Config) {
	c.Options = flags.Fitted(c.Options, c.Command.Kind)
	c.FromStdin = line.First(c.Args) == line.StdoutName
}

// replayRules are the rules of a replay.
func replayRules(c *line.Config) []line.Rule {
	return append([]line.Rule{
		{
			Broken: len(c.Args) != 1, Sentence: "replay sends one recording, FILE or - for stdin: " + line.Given(len(c.Args)),
			Flags: "--speed 10",
		},
		{
			Broken: len(c.Endpoints) == 0, Sentence: "replay needs an endpoint to bind or connect",
			Flags: "--connect tcp://127.0.0.1:5555",
		},
		{
			Broken: c.Typed["allow-origin"] && !c.BindsWeb(), Sentence: flags.NoWeb, Flags: "--bind ws://127.0.0.1:8080 --allow-origin null",
		},
		flags.IdleRule(c, c.Endpoints, "--"),
	}, flags.OutputRules(c)...)
}
