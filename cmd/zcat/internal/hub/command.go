// Package hub is the hub command: several sockets joined around one command, or around
// stdin and stdout. Who waits for whom is the board's to say; here are the grammar, the
// sockets and their end.
package hub

import (
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/board"
	"github.com/zcat/zcat/cmd/zcat/internal/capture"
	"github.com/zcat/zcat/cmd/zcat/internal/flags"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/metrics"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/top"
)

// Command is the command that joins several sockets.
func Command() line.Command {
	return line.Command{
		Tool:     true,
		Nests:    may,
		Name:     "hub",
		Operands: "NAME='COMMAND FLAGS'...",
		Essence:  "clients='router --bind :5555' --filter cat",
		Summary:  "join several sockets around one command that says what goes where",
		About: "Opens a socket for each NAME, of the kind and with the flags that its line says, and starts CMD once. " +
			"CMD reads a record for each message, {\"time\":..,\"from\":NAME,\"peer\":..,\"frames\":[..]}, and writes {\"to\":NAME,\"frames\":[..]}, " +
			"a line each; without \"to\" the message goes back to where it came from. Without --filter stdin and stdout are in its place; " +
			"- among the NAMEs is stdin and stdout beside it, and {\"event\":\"end\",\"at\":\"-\"} tells CMD of the end of stdin. " +
			"What has \"event\" is no message: a record that could not be sent comes back as {\"event\":\"unsent\",..}, a request without a reply within its -t as {\"event\":\"timeout\",..}. " +
			"CMD may write {\"pause\":NAME}, and {\"resume\":NAME}: that socket is not read meanwhile, and the time-out of a req stands still. " +
			"At SIGTERM what has come is given to CMD, but for what is of a paused socket; its input ends, and what it writes until it ends " +
			"is sent within the linger. The hub ends when CMD does; the end of stdin ends it only where no socket receives. " +
			"A NAME is a letter, then letters, digits and _, and not front, back, capture or control, which are a proxy's; its line is split at blanks, a word that begins with a quote goes on to the next one. " +
			"A publisher waits for subscribers only where its line says --wait-subs: what nobody has subscribed to is dropped. " +
			"The socket, security and limit flags of the hub are the defaults of all its sockets; a mechanism in a line takes the place of the hub's. " +
			"Make records with jq, never with printf: a quote or a line feed in a message would break the line.",
		Example: "hub r='router --bind tcp://127.0.0.1:5555' --filter cat",
		Use:     line.UseSockets, FlagNames: []string{"handover", "drop-unroutable", "conflate", "max-subscriptions", "max-prefix"},
		Own: func() any { return &config{capture: capture.Nothing()} }, Files: func(c *line.Config) []line.NamedFile { return of(c).capture.Files() }, Flags: flags.All(ownFlags), Settle: settle, Rules: flags.Rules(rules), Check: check,
		Run: func(c *line.Config, std say.Streams) (outcome.Status, error) {
			if err := checkTop(c, std); err != nil {
				return outcome.Usage, err
			}
			return run(c, std), nil
		},
	}
}

// checkTop refuses --top where there is nothing to draw on, and where records are typed: the
// terminal would show them in the middle of what is drawn. Where no socket sends they are
// read as well.
func checkTop(c *line.Config, std say.Streams) error {
	h := of(c)
	if !h.told.Top {
		return nil
	}
	whole := h.whole(c, func(_ int, arg string) string { return arg }, "top")
	if err := top.Check(std, whole+" --stats 1"); err != nil {
		return err
	}
	if !c.FromStdin || !say.IsTerminal(std.In) {
		return nil
	}
	records := "/dev/null"
	if !slices.ContainsFunc(h.sockets, func(s named) bool { return s.Command.Kind.Receives() }) {
		records = "records.jsonl" // the end of stdin is its own
	}
	return &outcome.UsageError{
		Sentence: "--top draws on the terminal, where records cannot be typed meanwhile: they are to come from a file or a pipe",
		Hint:     whole + " --top <" + records,
	}
}

const group = "Hub"

// ownFlags say who answers, and what it is told beside the messages.
func ownFlags() []line.Flag {
	return slices.Concat(board.Flags(group, "in the place of stdin and stdout", func(c *line.Config) *board.Asked { return &of(c).Asked }), []line.Flag{
		{
			Name: "count", Letter: "n", Kind: line.TakesValue, Group: group, Meta: "N", Example: "1",
			Brief: "end after N messages that CMD wrote",
			Help:  "end after N messages that CMD wrote; what it writes beyond is not sent",
			Set:   flags.ToCount(1, func(c *line.Config) *int { return &c.Limit }),
		},
	}, capture.Flags(group, func(c *line.Config) *capture.Asked { return &of(c).capture }),
		metrics.Flags(group, func(c *line.Config) *metrics.Asked { return &of(c).told }))
}
