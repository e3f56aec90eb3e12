package flags

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
	"github.com/zcat/zcat/pkg/frames"
)

// endpointFlags are the flags for where a socket is.
func endpointFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "bind", Letter: "b", Kind: line.MayTakeValue, Group: line.GroupEndpoints, Meta: "EP", Has: line.Command.Attaches,
			Example: "tcp://127.0.0.1:5555", Bare: line.DefaultBind,
			Brief: "listen on EP; alone, on any free port of loopback",
			Help:  "listen on EP, tcp://127.0.0.1:* without one; repeatable",
			Set:   func(c *line.Config, text string) error { c.Attach(text, true); return nil },
		},
		{
			Name: "connect", Letter: "c", Kind: line.TakesValue, Group: line.GroupEndpoints, Meta: "EP", Has: line.Command.Attaches,
			Example: "tcp://127.0.0.1:5555",
			Brief:   "connect to EP, and again when the link is lost",
			Help:    "connect to EP, and again whenever the link is lost; repeatable",
			Set:     func(c *line.Config, text string) error { c.Attach(text, false); return nil },
		},
		// A proxy binds without being told.
		EndpointFile(line.Command.Converses, "--bind"),
		EndpointFile(line.Command.Mediates, ""),
	}
}

// EndpointFile returns the flag of that name for the commands that bind, each with
// the flag that it goes with.
func EndpointFile(has func(line.Command) bool, company string) line.Flag {
	return line.Flag{
		Name: "endpoint-file", Kind: line.TakesValue, Group: line.GroupEndpoints, Meta: "FILE", Has: has, Company: company,
		Example: "/tmp/endpoint",
		Help:    "write the bound endpoints to FILE, one a line; a file that was made for it is removed at exit, one that was there is overwritten and stays; - is stdout, where no messages go",
		Set:     ToText(func(c *line.Config) *string { return &c.EndpointFile }),
	}
}

// Full returns the flag of that name, with the flags that it goes with.
func Full(group string, has func(line.Command) bool, company string) line.Flag {
	return line.Flag{
		Name: "full", Kind: line.TakesNothing, Group: group, Has: has, Company: company,
		Help: "view: show all of each message, however long",
		Set:  ToBool(func(c *line.Config) *bool { return &c.Full }),
	}
}

// formatFlags are the flags for how messages are written.
func formatFlags() []line.Flag {
	all := []string{"format", "in", "out"}
	for _, f := range line.Formats() {
		if f.Help != "" {
			all = append(all, f.Name())
		}
	}
	named := line.FormatNames(false)
	shared := []line.Flag{
		{
			Name: "format", Letter: "f", Kind: line.TakesValue, Group: line.GroupFormats, Meta: "F", Has: line.Command.HasText, Example: "json",
			Brief: named[0] + " (default), " + strings.Join(named[1:], ", ") + "; view for people",
			Help: line.OneOf(named) + ", both ways; or view, for people, which is for the output and leaves the input's " +
				"(default: json, but text from and view to a terminal)",
			Rivals: all, Set: toFormat(true, func(c *line.Config) *line.Choice { return &c.Format }),
		},
		{
			Name: "in", Kind: line.TakesValue, Group: line.GroupFormats, Meta: "F", Has: line.Command.TakesInput, Example: "json",
			Help: "the format of the input",
			Set:  toFormat(false, func(c *line.Config) *line.Choice { return &c.In }),
		},
		{
			Name: "out", Kind: line.TakesValue, Group: line.GroupFormats, Meta: "F", Has: line.Command.PrintsMessages, Example: "json",
			Help: "the format of the output; view shows each frame as what it is in the envelope",
			Set:  toFormat(true, func(c *line.Config) *line.Choice { return &c.Out }),
		},
		{
			Name: "out", Kind: line.TakesValue, Group: line.GroupFormats, Meta: "F", Has: line.Command.Mediates, Example: "json", Company: "--capture",
			Help: "the format of what --capture prints: json, view, which shows each frame as what it is in the envelope, or ladder, a sequence diagram",
			Set:  setCaptured,
		},
	}
	for _, f := range line.Formats() {
		if f.Help != "" {
			shared = append(shared, formatFlag(f, all))
		}
	}
	return append(shared, []line.Flag{
		{
			Name: "frame-sep", Kind: line.TakesValue, Group: line.GroupFormats, Meta: "SEP", Has: line.Command.HasText, Example: ",", Company: "--text",
			Help: `text: what stands between frames (\t); \n \r \t \0 \\ \xNN are understood, '' makes a line one frame`,
			Set:  toBytes(func(t *line.Separators) *[]byte { return &t.Frame }),
		},
		{
			Name: "delimiter", Letter: "d", Kind: line.TakesValue, Group: line.GroupFormats, Meta: "DELIM", Has: line.Command.HasText, Example: "%", Company: "--text",
			Help: `text: what ends a message (\n), written like SEP`, Rivals: []string{"null"},
			Set: toBytes(func(t *line.Separators) *[]byte { return &t.Message }),
		},
		{
			Name: "null", Letter: "0", Kind: line.TakesNothing, Group: line.GroupFormats, Has: line.Command.HasText, Company: "--text",
			Help: "text: a NUL byte ends a message", Rivals: []string{"delimiter"},
			Set: func(c *line.Config, text string) error {
				on, err := units.ParseBool(text)
				if on && err == nil {
					c.Input.Text.Message, c.Output.Text.Message = []byte{0}, []byte{0}
				}
				return err
			},
		},
		Full(line.GroupFormats, line.Command.PrintsMessages, "--out=view"),
		Full(line.GroupFormats, line.Command.Mediates, "--capture --out=view"),
		{
			Name: "meta", Kind: line.TakesNothing, Group: line.GroupFormats, Has: line.Command.PrintsMessages,
			Brief: "print records, with the time and the peer",
			Help: `print records: {"time":..,"peer":.., "endpoint":..,"user":..,"frames":[..]}; endpoint is ours, ` +
				"user is whom PLAIN or --curve-allow took the peer for, left out where nobody is known",
			Set: ToBool(func(c *line.Config) *bool { return &c.Meta }),
		},
		{
			Name: "tick", Kind: line.TakesValue, Group: line.GroupFormats, Meta: "D", Has: line.Command.PrintsMessages, Example: "1", Company: "--meta",
			Help: "with --meta: print {\"time\":..,\"event\":\"tick\"} every D, the first after D, for a --filter that has a clock to keep; at most one waits",
			Set:  ToTime(1, func(c *line.Config) *time.Duration { return &c.Tick }),
		},
		{
			Name: "presence", Kind: line.TakesNothing, Group: line.GroupFormats, Has: line.Command.PrintsMessages, Company: "--meta",
			Help: "with --meta: print {\"event\":\"joined\",\"peer\":..,\"id\":..} before a peer's first message, and \"left\" after its last",
			Set:  ToBool(func(c *line.Config) *bool { return &c.Presence }),
		},
		{
			Name: "skip-invalid", Kind: line.TakesNothing, Group: line.GroupFormats, Has: line.Command.Sends,
			Help: "report a bad line of the input and go on",
			Set:  ToBool(func(c *line.Config) *bool { return &c.SkipInvalid }),
		},
	}...)
}

// formatFlag returns the flag that is short for a format.
func formatFlag(f line.Format, rivals []string) line.Flag {
	return line.Flag{
		Name: f.Name(), Letter: f.Letter, Kind: line.TakesNothing, Group: line.GroupFormats, Has: line.Command.HasText,
		Help: f.Help, Rivals: rivals,
		Set: func(c *line.Config, text string) error {
			on, err := units.ParseBool(text)
			if on && err == nil {
				c.Format = f.Choice
			}
			return err
		},
	}
}

// courseFlags are the flags for how long a command goes on, and how fast.
func courseFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "count", Letter: "n", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "N", Has: line.Command.Converses, Example: "1",
			Brief: "end after N messages, or round trips",
			Help:  "end after N messages: sent (push, pub, scatter, radio), round trips (req, rep), received (all others)",
			Set:   ToCount(1, func(c *line.Config) *int { return &c.Limit }),
		},
		{
			Name: "timeout", Letter: "t", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "D", Has: line.Command.Attaches, Example: "5",
			Brief: "longest wait for a peer, a message, a reply",
			Help:  "longest wait for one step: a peer, a message, a reply; then status 124. D is 5 (seconds), 500ms, 2m",
			Set:   ToTime(1, func(c *line.Config) *time.Duration { return &c.Timeout }),
		},
		{
			Name: "idle", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "D", Has: line.Command.Listens, Example: "5",
			Brief: "end after D without a received message",
			Help:  "end with status 0 after D without a received message; the input has a second for its first line, whatever D is",
			Set:   ToTime(1, func(c *line.Config) *time.Duration { return &c.Idle }),
		},
		{
			Name: "interval", Letter: "i", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "D", Has: line.Command.Paces, Example: "1",
			Help: "wait D between two messages sent", Rivals: []string{"rate"},
			Set: ToTime(0, func(c *line.Config) *time.Duration { return &c.Interval }),
		},
		{
			Name: "rate", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "N", Has: line.Command.Paces, Example: "100",
			Help: "send at most N messages a second", Rivals: []string{"interval"},
			Set: ToCount(1, func(c *line.Config) *int { return &c.Rate }),
		},
		repeat(false, "id hello"),
		repeat(true, "hello"),
		{
			Name: "retries", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "N", Example: "3", Company: "--timeout=1",
			Brief: "with -t: send the request again, up to N times",
			Help:  "with --timeout: send a request again, on a fresh connection, up to N times",
			Set:   ToCount(0, func(c *line.Config) *int { return &c.Retries }),
		},
		{
			Name: "linger", Letter: "l", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "D", Has: line.Command.Opens, Example: "10",
			Brief: "at the end, wait so long for what is queued (10)",
			Help:  "at the end, wait up to D for what is queued to leave (10); then status 4",
			Set:   ToTime(0, func(c *line.Config) *time.Duration { return &c.Options.Linger }),
		},
		{
			Name: "wait-peers", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "N", Has: line.Command.Converses, Example: "1",
			Help: "send and receive nothing before N peers have finished their handshake",
			Set:  ToCount(0, func(c *line.Config) *int { return &c.WaitPeers }),
		},
		{
			Name: "wait-subs", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "N[:PREFIX]", Example: "1",
			Brief: "send nothing before N peers have subscribed",
			Help:  "send nothing before N peers have subscribed (to PREFIX, or joined that group; hex:00ff allowed); by default up to 1s for the first, 0 waits for none",
			Set:   setWaitSubs,
		},
	}
}

// toFormat sets a format of the input, or of the output.
func toFormat(output bool, at func(*line.Config) *line.Choice) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		choice, err := line.ParseFormat(text, output)
		if err == nil {
			*at(c) = choice
		}
		return err
	}
}

// setCaptured sets the format of what a capture prints, to which a ladder adds.
func setCaptured(c *line.Config, text string) error {
	if c.Ladder = text == line.LadderName; c.Ladder {
		c.Out = line.Choice{View: true, Asked: true}
		return nil
	}
	choice, err := line.ParseFormat(text, true)
	if err != nil {
		return fmt.Errorf("unknown format %q: expected json, view or %s", text, line.LadderName)
	}
	c.Out = choice
	return nil
}

// toBytes sets a separator, for input and output alike.
func toBytes(at func(*line.Separators) *[]byte) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		b, err := units.Unescape(text)
		*at(&c.Input.Text), *at(&c.Output.Text) = b, b
		return err
	}
}

// setWaitSubs reads N or N:PREFIX.
func setWaitSubs(c *line.Config, text string) error {
	number, prefix, found := strings.Cut(text, ":")
	n, err := units.ParseCount(number, 0)
	if err != nil {
		return err
	}
	subs := line.WaitSubs{N: n, Asked: true}
	if found {
		if n == 0 {
			return errors.New("0 peers are waited for, but a prefix is named")
		}
		if subs.Prefix, err = frames.ParseBytes(prefix); err != nil {
			return err
		}
		if subs.Prefix == nil {
			subs.Prefix = []byte{}
		}
	}
	c.WaitSubs = subs
	return nil
}

// repeat is the flag of that name, for the commands whose messages are single frames or
// for all others, with FRAMEs that it goes with.
func repeat(single bool, company string) line.Flag {
	return line.Flag{
		Name: "repeat", Kind: line.TakesValue, Group: line.GroupCourse, Meta: "N", Example: "3", Company: company,
		Has:  func(w line.Command) bool { return w.Paces() && (w.Traits().MostFrames == 1) == single },
		Help: "send the FRAMEs N times, 0 for ever",
		Set:  ToCount(0, func(c *line.Config) *int { return &c.Repeat }),
	}
}
