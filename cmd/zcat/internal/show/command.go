// Package show is the command that shows recorded traffic: packet captures, and the
// records of other commands.
package show

import (
	"fmt"
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/expect"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
)

// Command is the command that shows recorded traffic.
func Command() line.Command {
	return line.Command{
		Tool:     true,
		Name:     "show",
		Operands: "FILE",
		Essence:  "FILE",
		Summary:  "show recorded traffic: packet captures, and records",
		About: "FILE, or stdin where it is -, is a packet capture (pcap or pcapng), or has records, as `--capture FILE` and " +
			"`--meta` write them. From packets it finds the messages of ZMTP 3.x and 2.0 in TCP, also over WebSocket, whatever was repeated, " +
			"overtaken or lost, and prints records that `replay` sends again: peer is who sent it, endpoint where it went, " +
			"from is client or server: client is who connected. What CURVE has sealed is told by its size only; passwords are not shown.\n\n" +
			"tcpdump writes captures, and needs two options to do it live: `tcpdump -i lo --immediate-mode -U -w - tcp port 5555 | " +
			"zcat show -`. Without --immediate-mode and -U packets come late, in blocks; -s 0, its default, keeps them whole. " +
			"A connection that began before the capture is found again where several frames in a row make sense. " +
			"What is lost, sealed or, with --commands, a command is a line with \"event\" in the place of frames, which " +
			"every input ignores.",
		Example:   "show traffic.jsonl --out ladder",
		FlagNames: []string{"verbose", "quiet"},
		Files: func(c *line.Config) []line.NamedFile {
			return []line.NamedFile{{Flag: "the recording", Name: line.First(c.Args), Read: true}}
		},
		Own: func() any { return &showConfig{} }, Flags: flags.All(showFlags), Settle: settleShow, Rules: flags.Rules(showRules),
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) { return show(c, std) },
	}
}

// showConfig has the settings of what is shown, and how.
type showConfig struct {
	out      string // one of line.Shows; "" is the default
	commands bool
	follow   bool
	peers    []string
	from     string // a side, or a name of a hub; "" is any
	match    []expect.Pattern
}

// showOf returns the settings.
func showOf(c *line.Config) *showConfig { return c.Own.(*showConfig) }

// The forms of the output; line.Shows has all.
const outView, outJSON, outHex, outLadder, outSVG = "view", "json", "hex", "ladder", "svg"

// oneOf sets a text that is one of a few.
func oneOf(words []string, at func(*showConfig) *string) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("%q is none of %s", text, line.OneOf(words))
		}
		*at(showOf(c)) = text
		return nil
	}
}

// showFlags are the flags for what is shown, and how.
func showFlags() []line.Flag {
	const group = "Show"
	return []line.Flag{
		{
			Name: "out", Kind: line.TakesValue, Group: group, Meta: "FORM", Example: outLadder,
			Brief: "json, hex, view, ladder (a sequence diagram), svg",
			Help: "view shows each frame as what it is in the envelope (default on a terminal), json prints records (default otherwise), hex frames; " +
				"ladder is a sequence diagram in text, svg the same as a picture, of 2000 messages at most",
			Set: oneOf(line.Shows(), func(s *showConfig) *string { return &s.out }),
		},
		flags.Full(group, nil, "--out=view"),
		{
			Name: "commands", Kind: line.TakesNothing, Group: group,
			Brief: "show greetings, READY, SUBSCRIBE, PING too",
			Help:  "show the commands of ZMTP too: greeting, READY, SUBSCRIBE, PING and all others; of packets",
			Set:   flags.ToBool(func(c *line.Config) *bool { return &showOf(c).commands }),
		},
		{
			Name: "follow", Kind: line.TakesNothing, Group: group,
			Brief: "go on as FILE grows",
			Help:  "at the end of FILE wait for more, until a signal comes; where FILE is truncated or replaced, go on with what it has then",
			Set:   flags.ToBool(func(c *line.Config) *bool { return &showOf(c).follow }),
		},
		{
			Name: "peer", Kind: line.TakesValue, Group: group, Meta: "EP", Example: "127.0.0.1:5555",
			Brief: "only what EP sent or got",
			Help:  "only what an endpoint sent or got: tcp://HOST:PORT, HOST:PORT, HOST or :PORT, or a NAME of a hub's records; repeatable",
			Set: func(c *line.Config, text string) error {
				if text == "" {
					return fmt.Errorf("the value is empty")
				}
				showOf(c).peers = append(showOf(c).peers, text)
				return nil
			},
		},
		{
			Name: "from", Kind: line.TakesValue, Group: group, Meta: "SIDE", Example: "client",
			Brief: "only what one side sent",
			Help: "only what one side sent: client (who connected) or server, of packets; front or back, of the records of a proxy; " +
				"what came at NAME, of a hub's",
			Set: func(c *line.Config, text string) error {
				showOf(c).from = text
				return line.CheckSide(text)
			},
		},
		{
			Name: "max-size", Kind: line.TakesValue, Group: group, Meta: "SIZE", Example: "64M",
			Brief: "the largest message shown (64M), 0 for no limit",
			Help:  "the largest message shown, the sum of its frames (64M), 0 for no limit; a larger one in packets is told as lost, with its bytes",
			Set: func(c *line.Config, text string) (err error) {
				c.Options.MaxSize, err = units.ParseSize(text)
				return err
			},
		},
		{
			Name: "match", Kind: line.TakesValue, Group: group, Meta: "PATTERN", Example: "re:^ok",
			Brief: "only messages with a frame like PATTERN",
			Help: "only messages with a frame that is PATTERN, which is written as for --expect: text, hex:00ff, re:REGEXP, " +
				"json:.path=VALUE; repeated: with a frame for each",
			Set: func(c *line.Config, text string) error {
				p, err := expect.Parse(text)
				if err == nil && p.Rest() {
					err = fmt.Errorf("%q stands for any number of frames: expected a pattern of one", text)
				}
				if err == nil {
					showOf(c).match = append(showOf(c).match, p)
				}
				return err
			},
		},
	}
}

// settleShow finds the form of the output.
func settleShow(c *line.Config) {
	s := showOf(c)
	if s.out == "" {
		s.out = outJSON
		if c.Out.View {
			s.out = outView
		}
	}
	c.FromStdin = line.First(c.Args) == line.StdoutName
}

// showRules are the rules of show.
func showRules(c *line.Config) []line.Rule {
	s := showOf(c)
	return []line.Rule{
		{
			Broken: len(c.Args) != 1, Sentence: "show reads one recording, FILE or - for stdin: " + line.Given(len(c.Args)),
			Flags: "--out ladder",
		},
		{
			Broken: s.follow && s.out == outSVG, Sentence: "--follow never ends, and a picture is drawn at the end",
			Flags: "--follow --out ladder",
		},
		{
			Broken: s.commands && len(s.match) > 0, Sentence: "--match is for messages, and a command is none",
			Flags: "--match re:^ok",
		},
	}
}
