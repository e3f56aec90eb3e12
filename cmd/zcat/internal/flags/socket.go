package flags

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/units"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// socketFlags belong to some socket types, or set any option.
func socketFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "subscribe", Letter: "s", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "PREFIX", Example: "news",
			Brief: "receive what begins with PREFIX; repeatable",
			Help:  "receive what begins with PREFIX; repeatable (default for sub: everything)",
			Set: func(c *line.Config, text string) error {
				c.Subscribe = append(c.Subscribe, []byte(text))
				return nil
			},
		},
		{
			Name: "subscribe-hex", Letter: "S", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "HEX", Example: "00ff",
			Help: "the same with the prefix in hex",
			Set: func(c *line.Config, text string) error {
				prefix, err := frames.ParseBytes("hex:" + text)
				if err != nil {
					return fmt.Errorf("%q is not hex: expected pairs of digits, such as 00ff", text)
				}
				c.Subscribe = append(c.Subscribe, prefix)
				return nil
			},
		},
		{
			Name: "join", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "GROUP", Example: "news",
			Brief: "receive what is sent to GROUP; repeatable",
			Help:  "receive what a RADIO sends to exactly GROUP, text or hex:00ff; repeatable",
			Set:   addGroup,
		},
		{
			Name: "identity", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "ID", Example: "worker-1",
			Brief: "the routing id that a ROUTER peer sees",
			Help:  "the routing id that a ROUTER peer sees, text or hex:00ff",
			Set:   toIdentity(func(c *line.Config) *[]byte { return &c.Options.Identity }),
		},
		{
			Name: "hello", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "LINE", Example: `["READY"]`,
			Brief: "send LINE first on every connection",
			Help: "a message, in json or in what --in says, to send first on every connection, again after a reconnect; " +
				"repeatable. For a router without the routing id, which is added",
			Set: func(c *line.Config, text string) error {
				c.Hello = append(c.Hello, text)
				return nil
			},
		},
		{
			Name: "handover", Kind: line.TakesNothing, Group: line.GroupSocket,
			Help: "a new peer may take a routing id in use; else it is refused",
			Set:  ToBool(func(c *line.Config) *bool { return &c.Options.Handover }),
		},
		{
			Name: "drop-unroutable", Kind: line.TakesNothing, Group: line.GroupSocket,
			Help: "drop messages whose routing id no peer has, in silence, as libzmq does",
			Set: func(c *line.Config, text string) error {
				drop, err := units.ParseBool(text)
				c.Options.Mandatory, c.Options.NoDrop = !drop, true
				return err
			},
		},
		ipcMode(line.Command.Attaches, "--bind=/tmp/zcat.sock"),
		ipcMode(joins, "--front-bind=/tmp/zcat.sock"),
		ipcMode(nests, "--capture=ipc:///tmp/zcat.sock"),
		ipcMode(measures, ""),
		allowOrigin(speaks, "--bind=ws://127.0.0.1:8080"),
		allowOrigin(joins, "--front-bind=ws://127.0.0.1:8080"),
		allowOrigin(nests, "--capture=ws://127.0.0.1:8080"),
		allowOrigin(measures, "--serve --bind=ws://127.0.0.1:8080"),
		{
			Name: "conflate", Kind: line.TakesNothing, Group: line.GroupSocket,
			Help: "keep only the newest message for and from each peer",
			Set:  ToBool(func(c *line.Config) *bool { return &c.Options.Conflate }),
		},
		{
			Name: "immediate", Kind: line.TakesNothing, Group: line.GroupSocket, Has: line.Command.Opens,
			Help: "queue only for peers whose handshake is done",
			Set:  ToBool(func(c *line.Config) *bool { return &c.Options.Immediate }),
		},
		{
			Name: "option", Letter: "o", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "NAME=VALUE", Has: line.Command.Opens, Example: "sndhwm=10",
			Help: "set a socket option under libzmq's name; -o list prints them",
			Set:  SetOption,
		},
	}
}

// Where a command has its endpoints: in one socket of ZeroMQ's, in those that it joins, in command
// lines of their own, or in those that it measures.
func speaks(w line.Command) bool { return w.Attaches() && !w.Kind.Raw() }
func joins(w line.Command) bool  { return w.Mediates() && w.Nests == nil }
func nests(w line.Command) bool  { return w.Nests != nil }
func measures(w line.Command) bool {
	return w.Opens() && !w.Attaches() && !w.Mediates()
}

// ipcMode is --ipc-mode of the commands that need company for it.
func ipcMode(has func(line.Command) bool, company string) line.Flag {
	return line.Flag{
		Name: "ipc-mode", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "MODE", Example: "660", Has: has, Company: company,
		Help: "the mode of the files of ipc sockets, in octal: who may connect needs to write them (else what umask leaves)",
		Set: func(c *line.Config, text string) error {
			mode, err := strconv.ParseUint(text, 8, 12)
			if err == nil && mode > 0o777 {
				return fmt.Errorf("%q has more than the nine bits that say who may connect: expected three octal digits such as 660", text)
			}
			if err != nil || mode == 0 {
				return fmt.Errorf("%q is no mode of a file: expected octal digits such as 660", text)
			}
			c.Options.IPCMode = fs.FileMode(mode)
			return nil
		},
	}
}

// allowOrigin is --allow-origin of the commands that need company for it.
func allowOrigin(has func(line.Command) bool, company string) line.Flag {
	return line.Flag{
		Name: "allow-origin", Kind: line.TakesValue, Group: line.GroupSocket, Meta: "ORIGIN", Has: has, Company: company, Example: "https://example.org",
		Help: "let web pages of ORIGIN connect to ws:// endpoints: https://example.org, null (a page that was opened from a file), " +
			"or * for all; repeatable. Without it a browser is refused: any page could reach what is bound to loopback",
		Set: func(c *line.Config, text string) error {
			if sockets.CheckOrigin(text) != nil {
				return fmt.Errorf("%q is no origin: expected scheme://host or scheme://host:port without a path, null, or * for all", text)
			}
			c.Options.AllowOrigins = append(slices.Clip(c.Options.AllowOrigins), text)
			return nil
		},
	}
}

// limitFlags bound memory, time and peers.
func limitFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "hwm", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "N", Has: line.Command.Opens, Example: "1000",
			Help: "high-water mark: messages queued each way for a peer (1000), 0 for no limit",
			Set: ToCount(0, func(c *line.Config) *int { return &c.Options.SendHWM },
				func(c *line.Config) *int { return &c.Options.RecvHWM }),
		},
		{
			Name: "hwm-bytes", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "SIZE", Has: line.Command.Opens, Example: "64M",
			Help: "the same in bytes (64M), whichever is reached first",
			Set: toSize(func(c *line.Config) *int { return &c.Options.SendHWMBytes },
				func(c *line.Config) *int { return &c.Options.RecvHWMBytes }),
		},
		{
			Name: "max-size", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "SIZE", Has: line.Command.Opens, Example: "64M",
			Help: "the largest message taken, the sum of its frames without the routing ids and delimiter in front (64M), 0 for no limit; SIZE is bytes or has K, M, G",
			Set:  toSize(func(c *line.Config) *int { return &c.Options.MaxSize }),
		},
		{
			Name: "max-frames", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "N", Has: line.Command.Opens, Example: "1000",
			Help: "the most frames in a message taken (1048576), 0 for no limit",
			Set:  ToCount(0, func(c *line.Config) *int { return &c.Options.MaxFrames }),
		},
		{
			Name: "max-subscriptions", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "N", Example: "1000",
			Help: "how many subscriptions one peer may hold (250000), 0 for no limit; together they have at most --hwm-bytes",
			Set:  ToCount(0, func(c *line.Config) *int { return &c.Options.MaxSubscriptions }),
		},
		{
			Name: "max-prefix", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "SIZE", Example: "1K",
			Help: "the longest prefix of a subscription (1M), 0 for no limit",
			Set:  toSize(func(c *line.Config) *int { return &c.Options.MaxPrefix }),
		},
		{
			Name: "max-peers", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "N", Has: line.Command.Opens, Example: "10000",
			Help: "how many peers are accepted at a time (10000), 0 for no limit",
			Set:  ToCount(0, func(c *line.Config) *int { return &c.Options.MaxPeers }),
		},
		{
			Name: "max-memory", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "SIZE", Has: line.Command.Opens, Example: "256M",
			Help: "what all accepted peers may make zcat hold: so much on the way in, so much on the way out, so much of subscriptions (512M, less in a small control group), 0 for no limit",
			Set: toSize(func(c *line.Config) *int {
				c.MemoryAsked = true
				return &c.Options.MaxMemory
			}),
		},
		{
			Name: "handshake-timeout", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "D", Has: line.Command.Opens, Example: "30",
			Help: "how long a peer's handshake may take (30), 0 for no limit",
			Set:  ToTime(0, func(c *line.Config) *time.Duration { return &c.Options.HandshakeTimeout }),
		},
		{
			Name: "reconnect", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "MIN..MAX", Has: line.Command.Opens, Example: "100ms..5s",
			Help: "the pause before connecting again, doubled from MIN to MAX, with jitter (100ms..5s; on loopback and ipc 1, 2, 4 ... at most 200 ms for a minute)",
			Set:  setReconnect,
		},
		{
			Name: "heartbeat", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "D", Has: line.Command.Opens, Example: "5",
			Help: "send a PING every D (0: none)",
			Set:  ToTime(0, func(c *line.Config) *time.Duration { return &c.Options.HeartbeatInterval }),
		},
		{
			Name: "heartbeat-timeout", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "D", Has: line.Command.Opens, Example: "5", Company: "--heartbeat=5",
			Help: "how long after a PING a silent peer counts as gone (as --heartbeat)",
			Set:  ToTime(0, func(c *line.Config) *time.Duration { return &c.Options.HeartbeatTimeout }),
		},
		{
			Name: "heartbeat-ttl", Kind: line.TakesValue, Group: line.GroupLimits, Meta: "D", Has: line.Command.Opens, Example: "10", Company: "--heartbeat=5",
			Help: "when the peer is to count us as gone (0: never)",
			Set: func(c *line.Config, text string) error {
				d, err := units.ParseDuration(text)
				if most := ofMillis(longestTTL); err == nil && d > most {
					err = fmt.Errorf("%q is too long: expected up to %v", text, most)
				}
				if err == nil {
					c.Options.HeartbeatTTL = d
				}
				return err
			},
		},
	}
}

// reportFlags control what is reported to the user.
func reportFlags() []line.Flag {
	return []line.Flag{
		{
			Name: "verbose", Letter: "v", Kind: line.TakesNothings, Group: line.GroupReports, Has: line.Command.Speaks,
			Brief: "report connections; -vv options, -vvv messages",
			Help:  "report connection events; -vv commands and options, -vvv messages", Rivals: []string{"quiet"},
			Set: setVerbose,
		},
		{
			Name: "quiet", Letter: "q", Kind: line.TakesNothing, Group: line.GroupReports, Has: line.Command.Speaks,
			Help: "report errors only", Rivals: []string{"verbose"},
			Set: ToBool(func(c *line.Config) *bool { return &c.Quiet }),
		},
		{
			Name: "events", Kind: line.TakesValue, Group: line.GroupReports, Meta: "FILE", Has: line.Command.Opens, Example: "/tmp/events.jsonl",
			Help: "write events to FILE, a JSON object a line, under libzmq's names; a file begins anew, a FIFO, a device or a descriptor is appended to; - is stderr",
			Set:  ToText(func(c *line.Config) *string { return &c.EventsFile }),
		},
		{
			Name: "progress", Kind: line.TakesNothing, Group: line.GroupReports, Has: line.Command.Converses,
			Help: "report messages, bytes on the wire and rate all the time; without it, only a transfer on a terminal that shows no messages does",
			Set:  ToBool(func(c *line.Config) *bool { return &c.Progress }),
		},
		{
			Name: "color", Kind: line.TakesValue, Group: line.GroupReports, Meta: "WHEN", Has: line.Every, Example: "never",
			Help: "auto (default: on terminals, unless NO_COLOR or TERM=dumb is set), always or never",
			Set:  setColour,
		},
		{
			Name: "summary", Kind: line.TakesNothing, Group: line.GroupReports, Has: line.Every,
			Help: "write a line of JSON to stderr at the end, however it comes: an object \"summary\" with command, status, seconds, sent, received, " +
				"dropped (no room below the high-water mark, or for a peer that had left), lost (with a connection), unroutable, unsent, unread (a filter did not read them; a hub does not count them as received), refused and peers; a proxy adds front and back, and what has a filter written and returned (to it, as it could not be sent). " +
				"What was to be sent, or written, is one of sent, returned, dropped, lost, unroutable and unsent. Where all peers get a message (pub, xpub, xsub, radio), it counts as sent, and what is dropped, lost or unsent are copies of it",
			Set: ToBool(func(c *line.Config) *bool { return &c.Summary }),
		},
		{
			Name: "config", Kind: line.TakesValue, Group: line.GroupReports, Meta: "FILE|NAME", Has: line.Every, Example: "./flags",
			Help: "take flags from FILE, or from NAME in ~/.config/zcat: a line is a long flag without hyphens, a blank, and its value as it stands; " +
				"# begins a comment. What is typed counts more; repeatable. A file that others may write to is refused",
			Set: func(*line.Config, string) error { return nil }, // read before all others are set
		},
		{
			Name: "help", Letter: "h", Kind: line.TakesNothing, Group: line.GroupReports, Has: line.Every,
			Help: "print all of this; -h prints a screen of it",
		},
	}
}

func setColour(c *line.Config, text string) error {
	when, found := map[string]say.Colouring{"auto": say.ColourAuto, "always": say.ColourAlways, "never": say.ColourNever}[text]
	if !found {
		return fmt.Errorf("%q is none of auto, always and never", text)
	}
	c.Colour = when
	return nil
}

// setVerbose raises the level by one, or sets it: --verbose=2.
func setVerbose(c *line.Config, text string) error {
	if n, err := units.ParseCount(text, 2); err == nil && n <= say.LevelMessages {
		c.Verbose = n
		return nil
	}
	on, err := units.ParseBool(text)
	switch {
	case err != nil:
		return fmt.Errorf("%q is neither a level from 0 to %d nor true or false", text, say.LevelMessages)
	case on:
		c.Verbose++
	default:
		c.Verbose = 0
	}
	return nil
}

// setReconnect reads MIN..MAX, or one pause for both.
func setReconnect(c *line.Config, text string) error {
	low, high, found := strings.Cut(text, "..")
	if !found {
		high = low
	}
	shortest, err := units.ParseDuration(low)
	if err != nil {
		return err
	}
	longest, err := units.ParseDuration(high)
	if err != nil {
		return err
	}
	if shortest == 0 || longest < shortest {
		return fmt.Errorf("%q is not a range of pauses: expected MIN..MAX, MIN above 0 and MAX not below it", text)
	}
	c.Options.ReconnectMin, c.Options.ReconnectMax, c.Options.ReconnectEarly = shortest, longest, false
	return nil
}

func addGroup(c *line.Config, text string) error {
	group, err := frames.ParseBytes(text)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not a group: %w", text, err)
	case sockets.CheckGroup(group) != nil:
		return fmt.Errorf("%q is not a group: expected up to %d bytes, none of them zero", text, sockets.MaxGroup)
	}
	if !slices.ContainsFunc(c.Groups, func(other []byte) bool { return string(other) == string(group) }) {
		c.Groups = append(c.Groups, group)
	}
	return nil
}

func toIdentity(at func(*line.Config) *[]byte) func(*line.Config, string) error {
	return func(c *line.Config, text string) error {
		id, err := routingID(text)
		if err == nil {
			*at(c) = id
		}
		return err
	}
}
