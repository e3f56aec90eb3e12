package main

import (
	"slices"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/expect"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// config is what a command line asks for. Flags and the environment fill it,
// settle and check complete it; from then on nobody changes it.
type config struct {
	word  word
	typed map[string]bool // the flags that stand on the command line
	args  []string        // the operands: FRAMEs, a proxy's FRONT and BACK, a replay's FILE

	endpoints    []attachment // in command-line order
	endpointFile string

	format, in, out      choice
	separator, delimiter []byte // nil: the default
	meta                 bool
	skipInvalid          bool

	limit         int           // --count; 0: no end
	timeout       time.Duration // 0: none
	idle          time.Duration // 0: none
	interval      time.Duration // 0: none
	rate          int           // messages a second; 0: no limit
	repeat        int           // 0: for ever
	retries       int
	waitPeers     int
	waitSubs      waitSubs
	echo          bool
	exec          string // the command for each message
	filterCommand string // the command in place of stdin and stdout
	jobs          int    // commands of --exec at a time

	expected    expect.Messages
	subscribe   [][]byte
	options     sockets.Options
	listOptions bool

	verbose    int
	quiet      bool
	colour     colouring
	progress   bool
	eventsFile string
	summary    bool

	message frames.Message // the FRAMEs, nil where there are none

	access access.Settings

	proxy  proxyConfig
	replay replayConfig
	probe  probeConfig
	manDir string // of man --dir
	bench  benchConfig
}

// attachment is one --bind or --connect.
type attachment struct {
	endpoint string
	bind     bool
}

// flag is the attachment as it is typed.
func (a attachment) flag() string {
	if a.bind {
		return "--bind " + quoted(a.endpoint)
	}
	return "--connect " + quoted(a.endpoint)
}

// choice is a format, and whether somebody asked for it.
type choice struct {
	format frames.Format
	asked  bool
	view   bool // in the place of a format, which then keeps its default
}

// waitSubs is what --wait-subs asks for; a nil prefix is any subscription.
type waitSubs struct {
	n      int
	prefix []byte
	asked  bool
}

// defaultBind is what --bind stands for without a value.
const defaultBind = "tcp://127.0.0.1:*"

// defaultLinger keeps a command from hanging for ever on a peer that never
// comes, which is libzmq's default.
const defaultLinger = 10 * time.Second

// newConfig is the configuration of a command without flags.
func newConfig(w word) *config {
	return &config{
		word: w, typed: map[string]bool{}, repeat: 1, jobs: 1, options: defaultOptions(w),
		proxy: defaultProxy(), replay: defaultReplay(), bench: defaultBench(),
	}
}

// defaultOptions are the library's but for what a shell needs otherwise.
func defaultOptions(w word) sockets.Options {
	o := sockets.DefaultOptions()
	o.Linger = defaultLinger
	// A message dropped in silence is what a shell cannot see.
	o.Mandatory = w.kind == sockets.Router || w.tool == replayTool
	return o
}

// keepWithin lowers what peers may make zcat hold by default to a part of the
// memory that the system lets it have; 0 is no such limit. What they hold is of
// three kinds, a proxy has two sockets, and the rest of zcat needs some too.
func (c *config) keepWithin(memory int64) {
	const parts, sockets = 4, 2
	if memory == 0 {
		return
	}
	share := memory / parts
	if c.word.tool == proxyTool {
		share /= sockets
	}
	c.options.MaxMemory = int(max(1, min(int64(c.options.MaxMemory), share)))
}

// attach adds an endpoint.
func (c *config) attach(endpoint string, bind bool) {
	c.endpoints = append(c.endpoints, attachment{endpoint, bind})
}

// settle fills in what depends on several settings or on the terminal.
func (c *config) settle(stdinIsTerminal, stdoutIsTerminal bool) {
	if c.exec != "" {
		// What --format says is of stdin and stdout, which CMD does not see.
		c.format = choice{format: frames.Raw}
	}
	if !c.in.asked && !c.format.view {
		c.in = c.format
	}
	if !c.out.asked {
		c.out = c.format
	}
	if !c.in.asked && stdinIsTerminal && c.reads() && c.filterCommand == "" {
		c.in.format = frames.Text
	}
	if !c.out.asked && stdoutIsTerminal && !c.meta && !c.runs() {
		c.out.view = true
	}
	if c.limit == 0 && c.word.kind != sockets.Req {
		c.limit = c.expected.Len()
	}
	if c.word.kind == sockets.Sub && len(c.subscribe) == 0 {
		c.subscribe = [][]byte{{}}
	}
	switch c.word.tool {
	case noTool:
	case proxyTool:
		c.settleProxy()
	case keygenTool:
	case replayTool:
		c.options = fitted(c.options, c.word.kind)
	case benchTool:
		c.settleBench()
	case probeTool, completionTool, manTool:
	}
}

// level is how much is said.
func (c *config) level() int {
	if c.quiet {
		return levelErrors
	}
	return min(c.verbose, levelMessages)
}

// binds reports whether the command listens anywhere.
func (c *config) binds() bool {
	return slices.ContainsFunc(c.endpoints, func(a attachment) bool { return a.bind })
}

// decoderOptions are the limits of the input.
func (c *config) decoderOptions() frames.DecoderOptions {
	o := frames.DecoderOptions{MaxSize: c.options.MaxSize, Separator: c.separator, Delimiter: c.delimiter}
	if c.word.kind == sockets.Router {
		o.MinFrames = 2 // a routing id, and what to send there
	}
	return o
}

// reads reports whether lines are read: from stdin, or from the filter.
func (c *config) reads() bool {
	return c.word.sends() && c.message == nil && !c.echo && c.exec == ""
}

// runs reports whether commands are started.
func (c *config) runs() bool { return c.exec != "" || c.filterCommand != "" }
