package flags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/line"
)

// Rules lists what can be wrong with the settings, in the order in which it is best
// reported.
func Rules(own func(*line.Config) []line.Rule) func(*line.Config) []line.Rule {
	return func(c *line.Config) []line.Rule { return slices.Concat(own(c), securityRules(c), sharedRules(c)) }
}

// What is said of flags that are for nothing.
const (
	NoFile = "--ipc-mode is the mode of the file of a bound ipc socket, and there is none"
	NoWeb  = "--allow-origin lets web pages connect to a bound ws:// endpoint, and there is none"
)

// SocketRules are the rules of the socket commands.
func SocketRules(c *line.Config) []line.Rule {
	w := c.Command
	hasFrames := len(c.Args) > 0
	return append([]line.Rule{
		{
			Broken: len(c.Endpoints) == 0, Sentence: w.Name + " needs an endpoint to bind or connect",
			Flags: "--connect " + c.LikelyEndpoint(),
		},
		{
			Broken: w.Kind.Raw() && slices.ContainsFunc(c.Endpoints, func(a line.Attachment) bool { return strings.HasPrefix(a.Endpoint, "ws:") }), Sentence: w.Name + " is for programs that speak no ZeroMQ, over tcp and ipc: ws is a transport of ZeroMQ",
			Flags: "--bind tcp://127.0.0.1:8080",
		},
		{
			Broken: w.Traits().Joins && len(c.Groups) == 0, Sentence: w.Name + " receives what is sent to the groups that it joins, and joins none",
			Flags: "--join news",
		},
		{
			Broken: hasFrames && !w.Sends(), Sentence: fmt.Sprintf("%s sends nothing, so it takes no FRAME arguments such as %q", w.Name, line.First(c.Args)),
			Flags: "--connect tcp://127.0.0.1:5555",
		},
		{
			Broken: c.Typed["repeat"] && !hasFrames, Sentence: "--repeat sends FRAME arguments again, and there are none",
			Flags: "--repeat 3 hello",
		},
		{
			Broken: c.Rate > 0 && c.Typed["rate"] && c.Typed["interval"], Sentence: "--rate and --interval both say when the next message leaves",
			Flags: "--rate 100",
		},
		{
			Broken: c.Typed["format"] && c.Format.View && !w.Prints(), Sentence: w.Name + " receives nothing that view could show",
			Flags: "--format json",
		},
		{
			Broken: c.Typed["retries"] && c.Retries > 0 && c.Timeout == 0, Sentence: "--retries needs --timeout: without it no reply is ever late",
			Flags: "--timeout 1 --retries 3",
		},
		{
			Broken: c.Options.Relaxed && c.Timeout == 0, Sentence: "req_relaxed goes on to the next request when a reply is late: without --timeout none ever is",
			Flags: "--timeout 1 --option req_relaxed=1 --option req_correlate=1",
		},
		{
			Broken: c.Typed["ipc-mode"] && !c.BindsFile(), Sentence: NoFile,
			Flags: "--bind /tmp/zcat.sock --ipc-mode 660",
		},
		{
			Broken: c.Typed["allow-origin"] && !c.BindsWeb(), Sentence: NoWeb, Flags: "--bind ws://127.0.0.1:8080 --allow-origin null",
		},
		{
			Broken: c.Typed["option"] && len(c.Options.ConnectIDs) > c.Connections(), Sentence: fmt.Sprintf("connect_routing_id names the peer of a --connect: %d given, %d --connect", len(c.Options.ConnectIDs), c.Connections()),
			Flags: "--connect tcp://127.0.0.1:5555 --option connect_routing_id=peer",
		},
		{
			Broken: c.Options.Manual && c.WaitSubs.N > 0, Sentence: "--wait-subs waits for subscriptions, which the input makes with xpub_manual",
			Flags: "--option xpub_manual=1 --wait-peers 1",
		},
		IdleRule(c, c.Endpoints, "--"),
	}, append(handleRules(c), OutputRules(c)...)...)
}

// OutputRules are the rules of all commands that open a socket of their own and
// print what comes.
func OutputRules(c *line.Config) []line.Rule {
	w := c.Command
	textual := w.TakesInput() && c.In.Separated() || w.PrintsMessages() && c.Out.Separated()
	return []line.Rule{
		{
			Broken: c.Typed["endpoint-file"] && !c.Binds(), Sentence: "--endpoint-file writes bound endpoints, and nothing is bound",
			Flags: "--bind --endpoint-file /tmp/endpoint",
		},
		{
			Broken: c.EndpointFile == line.StdoutName && c.ToStdout, Sentence: "--endpoint-file - is stdout, where the messages go that are received",
			Flags: "--bind --endpoint-file /dev/stderr",
		},
		{
			Broken: c.Typed["delimiter"] && c.Typed["null"], Sentence: "--delimiter and --null both say what ends a message",
			Flags: "--text --null",
		},
		{
			Broken:   !textual && (c.Typed["frame-sep"] || c.Typed["delimiter"] || c.Typed["null"]),
			Sentence: "--frame-sep, --delimiter and --null are for the text format, which is not in use",
			Flags:    "--text --delimiter ';'",
		},
		{
			Broken: len(c.Input.Text.Frame) > 0 && string(c.Input.Text.Frame) == c.Input.Text.Ending(), Sentence: "frames and messages cannot end with the same separator",
			Flags: `--text --frame-sep ',' --delimiter ';'`,
		},
		{
			Broken: !c.Meta && (c.Tick > 0 || c.Presence), Sentence: "--tick and --presence print records, among those of --meta",
			Flags: "--meta --presence --tick 1",
		},
		{
			Broken: c.Meta && c.Out.View, Sentence: "--meta prints records, which are json; view shows time and peer anyway",
			Flags: "--out view",
		},
		{
			Broken: c.Meta && c.Out.Asked && !c.Out.Format.Records(), Sentence: "--meta prints records, which are json: no other output format fits",
			Flags: "--meta --out json",
		},
	}
}

// sharedRules are those of every command.
func sharedRules(c *line.Config) []line.Rule {
	return append([]line.Rule{
		{
			Broken: c.Quiet && c.Verbose > 0 && c.Typed["quiet"] && c.Typed["verbose"], Sentence: "--quiet and --verbose exclude each other",
			Flags: "--verbose",
		},
	}, heartbeatRules(c)...)
}
