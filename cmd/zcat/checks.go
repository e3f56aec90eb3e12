package main

import (
	"fmt"
	"slices"

	"github.com/zcat/zcat/pkg/frames"
)

// allRules lists what can be wrong with the settings, in the order in which it is
// best said.
func allRules(own func(*config) []rule) func(*config) []rule {
	return func(c *config) []rule { return slices.Concat(own(c), securityRules(c), sharedRules(c)) }
}

// socketRules are the rules of the socket commands.
func socketRules(c *config) []rule {
	w := c.command
	hasFrames := len(c.args) > 0
	return append([]rule{
		{
			len(c.endpoints) == 0, w.name + " needs an endpoint to bind or connect",
			c.line("--connect " + c.likelyEndpoint()),
		},
		{
			hasFrames && !w.sends(), fmt.Sprintf("%s sends nothing, so it takes no FRAME arguments such as %q", w.name, first(c.args)),
			c.line("--connect tcp://127.0.0.1:5555"),
		},
		{
			c.typed["repeat"] && !hasFrames, "--repeat sends FRAME arguments again, and there are none",
			c.line("--repeat 3 hello"),
		},
		{
			c.rate > 0 && c.typed["rate"] && c.typed["interval"], "--rate and --interval both say when the next message leaves",
			c.line("--rate 100"),
		},
		{
			c.typed["format"] && c.format.view && !w.prints(), w.name + " receives nothing that view could show",
			c.line("--format json"),
		},
		{
			c.typed["retries"] && c.retries > 0 && c.timeout == 0, "--retries needs --timeout: without it no reply is ever late",
			c.line("--timeout 1 --retries 3"),
		},
	}, append(handleRules(c), outputRules(c)...)...)
}

// outputRules are those of all commands that open a socket of their own and
// print what comes.
func outputRules(c *config) []rule {
	w := c.command
	textual := senders(w) && c.in.format == frames.Text || printers(w) && c.out.format == frames.Text && !c.out.view
	return []rule{
		{
			c.typed["endpoint-file"] && !c.binds(), "--endpoint-file writes bound endpoints, and nothing is bound",
			c.line("--bind --endpoint-file /tmp/endpoint"),
		},
		{
			c.endpointFile == stdoutName && c.toStdout, "--endpoint-file - is stdout, where the messages go that are received",
			c.line("--bind --endpoint-file /dev/stderr"),
		},
		{
			c.typed["delimiter"] && c.typed["null"], "--delimiter and --null both say what ends a message",
			c.line("--text --null"),
		},
		{
			!textual && (c.typed["frame-sep"] || c.typed["delimiter"] || c.typed["null"]),
			"--frame-sep, --delimiter and --null are for the text format, which is not in use",
			c.line("--text --delimiter ';'"),
		},
		{
			len(c.Input.text.frame) > 0 && string(c.Input.text.frame) == c.Input.text.ending(), "frames and messages cannot end with the same separator",
			c.line(`--text --frame-sep ',' --delimiter ';'`),
		},
		{
			c.meta && c.out.view, "--meta prints records, which are json; view shows time and peer anyway",
			c.line("--out view"),
		},
		{
			c.meta && c.out.asked && c.out.format != frames.JSON, "--meta prints records, which are json: no other output format fits",
			c.line("--meta --out json"),
		},
	}
}

// sharedRules are those of every command.
func sharedRules(c *config) []rule {
	o := &c.options
	return []rule{
		{
			c.quiet && c.verbose > 0 && c.typed["quiet"] && c.typed["verbose"], "--quiet and --verbose exclude each other",
			c.line("--verbose"),
		},
		{
			c.typed["heartbeat-timeout"] && o.HeartbeatInterval == 0, "--heartbeat-timeout waits for the answer to a PING, and none is sent",
			c.line("--heartbeat 5 --heartbeat-timeout 10"),
		},
		{
			c.typed["heartbeat-ttl"] && o.HeartbeatInterval == 0, "--heartbeat-ttl travels in a PING, and none is sent",
			c.line("--heartbeat 5 --heartbeat-ttl 10"),
		},
	}
}
