package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// rule is something a command line must not be: one sentence that says so, and
// a hint that would have worked.
type rule struct {
	broken   bool
	sentence string
	hint     string
}

// check returns the first rule that the command line breaks, as a *usageError,
// and makes the message of the FRAMEs.
func (c *config) check() error {
	for _, r := range c.rules() {
		if r.broken {
			return &usageError{r.sentence, r.hint}
		}
	}
	for _, a := range c.endpoints {
		if err := c.checkEndpoint(a); err != nil {
			return err
		}
	}
	switch c.word.tool { //nolint:exhaustive // all others have no endpoints but those
	case proxyTool:
		return c.checkProxy()
	case probeTool:
		return c.checkProbe()
	}
	if c.word.tool != noTool || len(c.args) == 0 {
		return nil
	}
	for _, arg := range c.args {
		if _, err := frames.ParseArgs(c.in.format, []string{arg}, frames.DecoderOptions{}); err != nil {
			return &usageError{fmt.Sprintf("the FRAME %q is not %v: %v", arg, c.in.format, reason(err)), c.frameHint(err)}
		}
	}
	message, err := frames.ParseArgs(c.in.format, c.args, c.decoderOptions())
	if err != nil {
		return &usageError{fmt.Sprintf("the FRAME arguments are no message: %v", err), c.frameHint(err)}
	}
	c.message = message
	return nil
}

// rules lists what can be wrong with the settings, in the order in which it is
// best said.
func (c *config) rules() []rule {
	var own []rule
	switch c.word.tool {
	case noTool:
		own = c.socketRules()
	case proxyTool:
		own = c.proxyRules()
		own = append(own, c.secureRules()...)
	case keygenTool:
		return c.keygenRules()
	case replayTool:
		own = append(c.replayRules(), c.outputRules()...)
	case probeTool:
		own = c.probeRules()
	case completionTool:
		own = c.completionRules()
	case manTool:
		own = c.manRules()
	case benchTool:
		own = c.benchRules()
	}
	own = append(own, c.securityRules()...)
	return append(own, c.sharedRules()...)
}

// socketRules are the rules of the socket commands.
func (c *config) socketRules() []rule {
	w := c.word
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
	}, append(c.handleRules(), c.outputRules()...)...)
}

// outputRules are those of all commands that open a socket of their own and
// print what comes.
func (c *config) outputRules() []rule {
	w := c.word
	textual := senders(w) && c.in.format == frames.Text || printers(w) && c.out.format == frames.Text && !c.out.view
	return []rule{
		{
			c.typed["endpoint-file"] && !c.binds(), "--endpoint-file writes bound endpoints, and nothing is bound",
			c.line("--bind --endpoint-file /tmp/endpoint"),
		},
		{
			c.endpointFile == stdoutName && c.usesStdout(), "--endpoint-file - is stdout, where the messages go that are received",
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
			len(c.separator) > 0 && string(c.separator) == c.ending(), "frames and messages cannot end with the same separator",
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
func (c *config) sharedRules() []rule {
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

// line is a command line for a hint: the command with flags, and with the
// endpoint it was given where they name none.
func (c *config) line(flags string) string {
	if c.word.tool != noTool || len(c.endpoints) == 0 || strings.Contains(flags, "--connect") || strings.Contains(flags, "--bind") {
		return c.word.line(flags)
	}
	return fmt.Sprintf("%s %s %s %s", c.word.program, c.word.name, c.endpoints[0].flag(), flags)
}

// ending is what ends a message in text.
func (c *config) ending() string {
	if len(c.delimiter) == 0 {
		return "\n"
	}
	return string(c.delimiter)
}

// checkEndpoint finds a malformed endpoint before anything is opened.
func (c *config) checkEndpoint(a attachment) error {
	flag, check, sample := "--connect", sockets.CheckConnect, "tcp://127.0.0.1:5555"
	if a.bind {
		flag, check, sample = "--bind", sockets.CheckBind, "tcp://127.0.0.1:*"
	}
	hint := func(endpoint string) string { return c.line(flag + " " + endpoint) }
	if name, ok := strings.CutPrefix(a.endpoint, "inproc://"); ok && !c.bench.alone(c) {
		return &usageError{
			fmt.Sprintf("%q is within one process, where nobody else can reach it: ipc:// is within one machine", a.endpoint),
			hint("ipc:///tmp/" + strings.ReplaceAll(name, "/", "-")),
		}
	}
	if err := check(a.endpoint); err != nil {
		text, better := endpointReason(err, check, sample)
		if name := strings.TrimPrefix(flag, "--"); !c.typed[name] {
			variable := envPrefix + strings.ToUpper(name)
			return &usageError{variable + " in the environment: " + text, variable + "=" + better}
		}
		return &usageError{flag + ": " + text, hint(better)}
	}
	return nil
}

// endpointReason is why an endpoint cannot be used, and one that can.
func endpointReason(err error, check func(string) error, sample string) (text, better string) {
	var bad *sockets.EndpointError
	if !errors.As(err, &bad) || len(bad.Hints) == 0 {
		return err.Error(), sample
	}
	if hint := bad.Hints[0]; check(hint) == nil && !strings.HasPrefix(hint, "inproc://") {
		sample = hint
	}
	return fmt.Sprintf("endpoint %q: %v", bad.Endpoint, bad.Err), sample
}

// reason is why an argument is no frame, without the number that it has alone.
func reason(err error) error {
	var bad *frames.LineError
	if errors.As(err, &bad) {
		return bad
	}
	return err
}

// frameHint is a command line whose FRAMEs are a message.
func (c *config) frameHint(err error) string {
	var bad *frames.LineError
	switch {
	case errors.As(err, &bad) && bad.TooLarge:
		return c.line("--max-size 1G FRAME")
	case c.word.kind == sockets.Router && c.in.format == frames.Hex:
		return c.line("--in hex 0001 ff")
	case c.word.kind == sockets.Router:
		return c.line("peer-id hello")
	case c.in.format == frames.Hex:
		return c.line("--in hex 00ff -")
	}
	return c.line("hello")
}

// likelyEndpoint is an endpoint that stands where none is taken, else an example.
func (c *config) likelyEndpoint() string {
	for _, arg := range c.args {
		if (isEndpoint(arg) || strings.Contains(arg, ":")) && sockets.CheckConnect(arg) == nil && !strings.HasPrefix(arg, "inproc://") {
			return arg
		}
	}
	return "tcp://127.0.0.1:5555"
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
