package main

import (
	"slices"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/expect"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// config is what a command line asks for, in parts. Flags and the environment fill
// it, settle and check complete it; from then on nobody changes it. Whoever does
// what was asked for is given the parts that it needs.
type config struct {
	command command
	typed   map[string]bool // the flags that stand on the command line
	args    []string        // the operands: FRAMEs, a proxy's FRONT and BACK, a replay's FILE

	format      choice // of both ways, where neither says otherwise
	listOptions bool

	Socket
	Input
	Output
	Course
	Reports
	own any // the settings that only this command has
}

// Socket is what a command asks of its sockets.
type Socket struct {
	endpoints    []attachment // in command-line order
	endpointFile string
	subscribe    [][]byte
	options      sockets.Options
	access       access.Settings
	waitPeers    int
	waitSubs     waitSubs
}

// Input is what is sent, and when.
type Input struct {
	in          choice
	text        separators
	skipInvalid bool
	message     frames.Message // the FRAMEs, nil where there are none
	repeat      int            // how often those are sent, 0: for ever
	interval    time.Duration  // 0: none
	rate        int            // messages a second; 0: no limit

	reads     bool                  // lines are read: from stdin, or from the filter
	fromStdin bool                  // something is read from stdin
	limits    frames.DecoderOptions // of those
}

// Output is what is printed, and how.
type Output struct {
	out      choice
	text     separators
	meta     bool
	colour   colouring
	expected expect.Messages

	toStdout bool // messages, or what a command makes of them, go to stdout; of a tool, what it prints
}

// separators are what ends frames and messages in text; nil is the default.
type separators struct{ frame, message []byte }

// Course is how a conversation goes on, and who answers in it.
type Course struct {
	limit   int           // --count; 0: no end
	timeout time.Duration // 0: none
	idle    time.Duration // 0: none
	retries int

	echo          bool
	exec          string // the command for each message
	filterCommand string // the command in place of stdin and stdout
	jobs          int    // commands of --exec at a time
}

// Reports is what is said beside the messages.
type Reports struct {
	verbose    int
	quiet      bool
	progress   bool
	eventsFile string
	summary    bool
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
func newConfig(w command) *config {
	c := &config{
		command: w, typed: map[string]bool{},
		Socket: Socket{options: defaultOptions(w)}, Input: Input{repeat: 1}, Course: Course{jobs: 1},
	}
	if w.own != nil {
		c.own = w.own()
	}
	return c
}

// defaultOptions are the library's but for what a shell needs otherwise.
func defaultOptions(w command) sockets.Options {
	o := sockets.DefaultOptions()
	o.Linger = defaultLinger
	// A message dropped in silence is what a shell cannot see.
	o.Mandatory = w.traits.addressed || w.tool && converses(w)
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
	if mediates(c.command) {
		share /= sockets
	}
	c.options.MaxMemory = int(max(1, min(int64(c.options.MaxMemory), share)))
}

// attach adds an endpoint.
func (s *Socket) attach(endpoint string, bind bool) {
	s.endpoints = append(s.endpoints, attachment{endpoint, bind})
}

// settle fills in what depends on several settings or on the terminal.
func (c *config) settle(stdinIsTerminal, stdoutIsTerminal bool) {
	if c.exec != "" {
		// What --format says is of stdin and stdout, which CMD does not see.
		c.format = choice{format: frames.Raw}
	}
	c.reads = c.command.sends() && len(c.args) == 0 && !c.echo && c.exec == ""
	c.toStdout = !converses(c.command) ||
		c.command.prints() && c.filterCommand == "" && (c.exec == "" || !c.command.sends())
	c.fromStdin = c.reads && c.filterCommand == "" && !c.command.tool
	if !c.in.asked && !c.format.view {
		c.in = c.format
	}
	if !c.out.asked {
		c.out = c.format
	}
	if !c.in.asked && stdinIsTerminal && c.reads && c.filterCommand == "" {
		c.in.format = frames.Text
	}
	if !c.out.asked && stdoutIsTerminal && !c.meta && !c.runs() {
		c.out.view = true
	}
	if c.limit == 0 && !c.command.traits.asks {
		c.limit = c.expected.Len()
	}
	if c.command.traits.wantsAll && !c.command.tool && len(c.subscribe) == 0 {
		c.subscribe = [][]byte{{}}
	}
	if c.command.settle != nil {
		c.command.settle(c)
	}
	c.limits = c.decoderOptions()
}

// level is how much is said.
func (r *Reports) level() int {
	if r.quiet {
		return levelErrors
	}
	return min(r.verbose, levelMessages)
}

// binds reports whether the command listens anywhere.
func (s *Socket) binds() bool {
	return slices.ContainsFunc(s.endpoints, func(a attachment) bool { return a.bind })
}

// decoderOptions are the limits of the input.
func (c *config) decoderOptions() frames.DecoderOptions {
	o := frames.DecoderOptions{MaxSize: c.options.MaxSize, Separator: c.Input.text.frame, Delimiter: c.Input.text.message}
	if c.command.traits.addressed {
		o.MinFrames = 2 // a routing id, and what to send there
	}
	return o
}

// runs reports whether commands are started.
func (c *Course) runs() bool { return c.exec != "" || c.filterCommand != "" }

// connects reports whether the command connects anywhere.
func (s *Socket) connects() bool {
	return slices.ContainsFunc(s.endpoints, func(a attachment) bool { return !a.bind })
}

// stdoutName stands for the stream that a flag's help names, in the place of a
// file.
const stdoutName = "-"

// reachAhead is how far the input is looked at, in bytes, where the high-water mark
// sets no limit. What is farther away may be for anybody.
const reachAhead = 64 << 20

// reachAhead is how far the input is looked at, in bytes.
func (s *Socket) reachAhead() int {
	if mark := s.options.SendHWMBytes; mark > 0 {
		return min(mark, reachAhead)
	}
	return reachAhead
}
