// Package line is the grammar of the command line: what a command is, one canonical
// form of what was typed, the environment and the files of --config, and the
// configuration that they make, in parts, checked and frozen. Each refusal carries a
// line that would work; package retype finds a better one where it can.
package line

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/access"
	"github.com/zcat/zcat/cmd/zcat/internal/expect"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// Config is what a command line asks for, in parts. Flags and the environment fill
// it, Settle and Check complete it; from then on nobody changes it. The code that
// does what was asked for gets the parts that it needs.
type Config struct {
	Command Command
	Within  bool            // it is that of a socket of a command of several
	Typed   map[string]bool // the flags that stand on the command line
	Args    []string        // the operands: FRAMEs, a proxy's FRONT and BACK, a replay's FILE
	given   []setting       // the flags of the command line and of files, in their order

	inherited int // how many of given come from the line around this one, and stand first

	Format      Choice // of both ways, where neither says otherwise
	ListOptions bool
	MemoryAsked bool // somebody says how much memory peers may take

	Socket
	Input
	Output
	Course
	Reports
	Own any // the settings that only this command has
}

// Socket has the settings of the sockets of a command.
type Socket struct {
	Endpoints    []Attachment // in command-line order
	EndpointFile string
	Subscribe    [][]byte
	Groups       [][]byte // the groups of a DISH, each once
	Hello        []string // messages as they were written; Options has them read
	Options      sockets.Options
	Access       access.Settings
	WaitPeers    int
	WaitSubs     WaitSubs
}

// Input describes what is sent, and when.
type Input struct {
	In          Choice
	Text        Separators
	SkipInvalid bool
	Message     frames.Message // the FRAMEs, nil where there are none
	Repeat      int            // how often they are sent, 0: for ever
	Interval    time.Duration  // 0: none
	Rate        int            // messages a second; 0: no limit

	Reads     bool                  // lines are read: from stdin, or from the filter
	FromStdin bool                  // something is read from stdin
	Limits    frames.DecoderOptions // of those
}

// Output describes what is printed, and how.
type Output struct {
	Out      Choice
	Text     Separators
	Full     bool // view cuts nothing
	Ladder   bool // a sequence diagram in place of the view
	Meta     bool
	Tick     time.Duration // how often a record tells the time; 0: never
	Presence bool          // records tell of peers that join and leave
	Colour   say.Colouring
	Expected expect.Messages

	ToStdout bool // messages, or what a command makes of them, go to stdout; of a tool, what it prints
}

// Separators are what ends frames and messages in text; nil is the default.
type Separators struct{ Frame, Message []byte }

// Course describes how a conversation goes on, and who answers in it.
type Course struct {
	Limit   int           // --count; 0: no end
	Timeout time.Duration // 0: none
	Idle    time.Duration // 0: none
	Retries int

	Echo          bool
	Exec          string // the command for each message
	FilterCommand string // the command in place of stdin and stdout
	Jobs          int    // commands of --exec at a time
}

// Reports describes what is reported beside the messages.
type Reports struct {
	Verbose    int
	Quiet      bool
	Progress   bool
	EventsFile string
	Summary    bool
}

// WaitSubs is the value of --wait-subs; a nil prefix is any subscription.
type WaitSubs struct {
	N      int
	Prefix []byte
	Asked  bool
}

// DefaultBind is the endpoint of --bind without a value.
const DefaultBind = "tcp://127.0.0.1:*"

// defaultLinger is not for ever, as libzmq's: a command whose peer never comes would
// hang.
const defaultLinger = 10 * time.Second

// NewConfig returns the configuration of a command without flags.
func NewConfig(w Command) *Config {
	c := &Config{
		Command: w, Typed: map[string]bool{},
		Socket: Socket{Options: DefaultOptions(w)}, Input: Input{Repeat: 1}, Course: Course{Jobs: 1},
	}
	if w.Own != nil {
		c.Own = w.Own()
	}
	return c
}

// DefaultOptions returns the library's defaults, except for what a shell needs
// otherwise.
func DefaultOptions(w Command) sockets.Options {
	o := sockets.DefaultOptions()
	o.Linger = defaultLinger
	// A shell cannot see a message that is dropped in silence.
	o.Mandatory = w.Traits().Addressed || w.Tool && (w.Converses() || w.Mediates())
	return o
}

// KeepWithin lowers what peers may make zcat hold by default to a part of the
// memory that the system lets it have; 0 is no such limit. What they hold is of
// three kinds, a proxy has two sockets, and the rest of zcat needs some too.
func (c *Config) KeepWithin(memory int64) {
	const parts, sockets = 4, 2
	if memory == 0 || c.MemoryAsked {
		return
	}
	share := memory / parts
	if c.Command.Mediates() {
		share /= sockets
	}
	c.Options.MaxMemory = int(max(1, min(int64(c.Options.MaxMemory), share)))
}

// Attach adds an endpoint.
func (s *Socket) Attach(endpoint string, bind bool) {
	s.Endpoints = append(s.Endpoints, Attachment{endpoint, bind})
}

// Settle fills in what depends on several settings or on the terminal.
func (c *Config) Settle(stdinIsTerminal, stdoutIsTerminal bool) {
	if c.Runs() {
		c.forgetTaste()
	}
	if c.Exec != "" {
		// --format is about stdin and stdout, which CMD does not see.
		c.Format = Choice{Format: frames.Raw}
	}
	c.Reads = c.Command.Sends() && len(c.Args) == 0 && !c.Echo && c.Exec == ""
	c.ToStdout = !c.Command.Converses() ||
		c.Command.Prints() && c.FilterCommand == "" && (c.Exec == "" || !c.Command.Sends())
	c.FromStdin = c.Reads && c.FilterCommand == "" && !c.Command.Tool
	if !c.In.Asked && !c.Format.View {
		c.In = c.Format
	}
	if !c.Out.Asked {
		c.Out = c.Format
	}
	if !c.In.Asked && stdinIsTerminal && c.Reads && c.FilterCommand == "" {
		c.In.Format = frames.Text
	}
	if !c.Out.Asked && stdoutIsTerminal && !c.Meta && !c.Runs() {
		c.Out.View = true
	}
	if c.Limit == 0 && !c.Command.Traits().Asks {
		c.Limit = c.Expected.Len()
	}
	if c.Command.WantsAll() && !c.Command.Tool && len(c.Subscribe) == 0 {
		c.Subscribe = [][]byte{{}}
	}
	if c.Command.Settle != nil {
		c.Command.Settle(c)
	}
	c.Limits = c.decoderOptions()
}

// forgetTaste drops the formats that the environment asks for: they are about what the
// user reads and writes, and a command that is run stands beside the flags for its own.
func (c *Config) forgetTaste() {
	if !c.Typed["in"] {
		c.In = Choice{}
	}
	if !c.Typed["out"] {
		c.Out = Choice{}
	}
	for _, f := range FlagsOf(c.Command) {
		if f.Group == GroupFormats && c.Typed[f.Name] && (f.Name == "format" || slices.Contains(FormatNames(true), f.Name)) {
			return
		}
	}
	c.Format = Choice{}
}

// Level returns how much is reported.
func (r *Reports) Level() int {
	if r.Quiet {
		return say.LevelErrors
	}
	return min(r.Verbose, say.LevelMessages)
}

// Binds reports whether the command listens anywhere.
func (s *Socket) Binds() bool {
	return slices.ContainsFunc(s.Endpoints, func(a Attachment) bool { return a.Bind })
}

// BindsFile reports whether it listens at an ipc socket that has a file.
func (s *Socket) BindsFile() bool { return slices.ContainsFunc(s.Endpoints, Attachment.IsFile) }

// IsFile reports whether an endpoint is bound that makes the file of an ipc socket.
func (a Attachment) IsFile() bool {
	path, isIPC := strings.CutPrefix(sockets.Canonical(a.Endpoint), "ipc://")
	return a.Bind && isIPC && !strings.HasPrefix(path, "@")
}

// BindsWeb reports whether it listens where web pages can connect.
func (s *Socket) BindsWeb() bool { return slices.ContainsFunc(s.Endpoints, Attachment.IsWeb) }

// IsWeb reports whether an endpoint is bound to which web pages can connect.
func (a Attachment) IsWeb() bool {
	return a.Bind && strings.HasPrefix(sockets.Canonical(a.Endpoint), "ws://")
}

// Connections returns the number of endpoints that it connects to.
func (s *Socket) Connections() int {
	return len(s.Endpoints) - len(slices.DeleteFunc(slices.Clone(s.Endpoints), func(a Attachment) bool { return !a.Bind }))
}

// decoderOptions returns the limits of the input.
func (c *Config) decoderOptions() frames.DecoderOptions {
	o := frames.DecoderOptions{MaxSize: c.Options.MaxSize, Separator: c.Input.Text.Frame, Delimiter: c.Input.Text.Message, Peers: c.Options.Manual}
	has := c.Command.Traits()
	o.MinFrames, o.MaxFrames, o.Frames = has.LeastFrames, has.MostFrames, FramesOf(has)
	if has.Grouped {
		o.MaxGroup = sockets.MaxGroup
	}
	return o
}

// FramesOf names the frames of a message where a socket sends so many and no more, for
// errors; else it is empty.
func FramesOf(has sockets.Traits) string {
	switch {
	case has.MostFrames == 0:
		return ""
	case has.Grouped:
		return "a group and a body"
	case has.Addressed:
		return "a routing id and a body"
	}
	return "one frame"
}

// CheckFirst returns what holds the first frame of a message against what the socket
// takes, for errors; nil where that may be anything.
func CheckFirst(has sockets.Traits) func(first []byte) error {
	if !has.Grouped {
		return nil
	}
	return func(first []byte) error {
		if sockets.CheckGroup(first) != nil {
			return fmt.Errorf("expected a group of up to %d bytes, none of them zero, as the first frame", sockets.MaxGroup)
		}
		return nil
	}
}

// WithoutID are the limits of a message that the routing id is added to.
func WithoutID(o frames.DecoderOptions) frames.DecoderOptions {
	if o.MaxFrames > 0 && o.MinFrames > 1 {
		o.MaxFrames, o.Frames = o.MaxFrames-1, "one frame"
	}
	o.MinFrames = 0
	return o
}

// Runs reports whether commands are started.
func (c *Course) Runs() bool { return c.Exec != "" || c.FilterCommand != "" }

// Connects reports whether the command connects anywhere.
func (s *Socket) Connects() bool {
	return slices.ContainsFunc(s.Endpoints, func(a Attachment) bool { return !a.Bind })
}

// StdoutName stands for the stream that a flag's help names, in place of a
// file.
const StdoutName = "-"

// reachAhead is how far ahead the input is examined, in bytes, where the high-water
// mark sets no limit. What is farther away may be for any peer.
const reachAhead = 64 << 20

// ReachAhead returns how far ahead the input is examined, in bytes.
func (s *Socket) ReachAhead() int {
	if mark := s.Options.SendHWMBytes; mark > 0 {
		return min(mark, reachAhead)
	}
	return reachAhead
}
