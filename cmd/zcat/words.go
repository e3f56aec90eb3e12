package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// word is a command of zcat: how it is spoken of, what it takes, and what it does.
// Each stands in the file of what it does, and in the list of them.
type word struct {
	program  string // the name zcat was called by, for help and hints
	name     string // "push"
	operands string // what stands beside the flags: "[FRAME...]"
	essence  string // operands that it cannot do without, for hints
	summary  string // a line for the list of commands
	about    string // sentences for the command's own help
	example  string // a command line that works

	tool   bool         // no socket type
	kind   sockets.Type // of the socket; none for a tool, but what --as says for a replay
	traits traits       // of a conversation on such a socket
	use    use          // what of sockets it has

	flagNames []string // those it has of the flags that only some commands have
	flags     func(word) []flagRow
	own       func() any // the settings that only it has
	alone     func(*config) bool

	files  func(*config) []namedFile // that it names beside those of the reports
	settle func(*config)             // completes the settings
	rules  func(*config) []rule      // what they must not be
	check  func(*config) error
	run    func(*config, streams) (status, error)
}

// use is how much a command has to do with sockets.
type use uint8

const (
	useNothing      use = iota
	useSockets          // opens them: options, limits, security
	useEndpoints        // and is told their endpoints by --bind and --connect
	useConversation     // and is a conversation, with messages to read or print
)

// traits are what a socket type promises a conversation.
type traits struct {
	addressed bool // the first frame of each message is a routing id
	asks      bool // each message awaits a reply
	answers   bool // each message is the reply to one
	publishes bool // messages go to whoever subscribed, and to nobody else
	copies    bool // a message goes to every peer
	wantsAll  bool // it receives everything unless it is told what
}

// words lists the commands: the one table of socket types, then the tools.
func words(program string) []word {
	var list []word
	for _, row := range socketRows() {
		list = append(list, socketCommand(program, &row))
	}
	return append(list,
		proxyCommand(program), probeCommand(program), replayCommand(program), benchCommand(program),
		keygenCommand(program), completionCommand(program), manCommand(program))
}

// commandNames lists the names of the commands.
func commandNames(program string) []string {
	var names []string
	for _, w := range words(program) {
		names = append(names, w.name)
	}
	return names
}

// findWord returns the command that has name.
func findWord(program, name string) (word, bool) {
	for _, w := range words(program) {
		if w.name == name {
			return w, true
		}
	}
	return word{}, false
}

// sends reports whether the command takes input to send.
func (w word) sends() bool { return w.kind.Sends() }

// prints reports whether the command prints messages.
func (w word) prints() bool { return w.kind.Receives() }

// endpointOperands is how many endpoints stand beside the flags.
func (w word) endpointOperands() int {
	return len(slices.DeleteFunc(strings.Fields(w.operands), func(o string) bool {
		return o != "EP" && o != "FRONT" && o != "BACK"
	}))
}

// synopsis is the command's line in its help.
func (w word) synopsis() string {
	return strings.TrimSuffix(fmt.Sprintf("%s %s [flags] %s", w.program, w.name, w.operands), " ")
}

// line is a command line for a hint: the command with flags, with the operands
// that it needs, and with an endpoint where they name none.
func (w word) line(flags string) string {
	line := w.program + " " + w.name
	if flags == "--help" {
		return line + " " + flags
	}
	if w.essence != "" {
		line += " " + w.essence
	}
	if converses(w) && !strings.Contains(flags, "--connect") && !strings.Contains(flags, "--bind") {
		line += " --connect tcp://127.0.0.1:5555"
	}
	return strings.TrimSpace(line + " " + flags)
}

// What the commands have in common. A replay may be any socket that sends, but has
// another input.
func every(word) bool       { return true }
func opens(w word) bool     { return w.use >= useSockets }
func mediates(w word) bool  { return w.use == useSockets }
func attaches(w word) bool  { return w.use >= useEndpoints }
func converses(w word) bool { return w.use == useConversation }
func speaks(w word) bool    { return opens(w) || slices.Contains(w.flagNames, "verbose") }
func senders(w word) bool   { return !w.tool && w.sends() }
func skippers(w word) bool  { return w.sends() }
func printers(w word) bool  { return converses(w) && (w.tool || w.prints()) }
func readsText(w word) bool { return senders(w) || printers(w) }
func listeners(w word) bool { return printers(w) && !w.traits.asks }
func paced(w word) bool     { return senders(w) && !w.traits.answers }
