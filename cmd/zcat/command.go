package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zcat/zcat/cmd/zcat/internal/topics"
	"github.com/zcat/zcat/pkg/sockets"
)

// word is a command of zcat: how it is spoken of, what it takes, and what it does.
// Each stands in the file of what it does, and in the list of them.
type command struct {
	program  string // the name zcat was called by, for help and hints
	all      *catalogue
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
	flags     func(command) []flagRow
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

// catalogue is all commands of a program.
type catalogue struct {
	program string    // the name it was called by
	list    []command // in the order of the help
}

// newCatalogue makes commands one program's.
func newCatalogue(program string, commands ...command) *catalogue {
	all := &catalogue{program, commands}
	for i := range all.list {
		all.list[i].program, all.list[i].all = program, all
	}
	return all
}

// find returns the command that has name.
func (all *catalogue) find(name string) (command, bool) {
	for _, w := range all.list {
		if w.name == name {
			return w, true
		}
	}
	return command{}, false
}

// names lists the names of the commands.
func (all *catalogue) names() []string {
	var names []string
	for _, w := range all.list {
		names = append(names, w.name)
	}
	return names
}

// nearest is the command that was probably meant, "" for none.
func (all *catalogue) nearest(name string) string { return nearest(name, all.names()) }

// sends reports whether the command takes input to send.
func (w command) sends() bool { return w.kind.Sends() }

// prints reports whether the command prints messages.
func (w command) prints() bool { return w.kind.Receives() }

// endpointOperands is how many endpoints stand beside the flags.
func (w command) endpointOperands() int {
	return len(slices.DeleteFunc(strings.Fields(w.operands), func(o string) bool {
		return o != "EP" && o != "FRONT" && o != "BACK"
	}))
}

// synopsis is the command's line in its help.
func (w command) synopsis() string {
	return strings.TrimSuffix(fmt.Sprintf("%s %s [flags] %s", w.program, w.name, w.operands), " ")
}

// line is a command line for a hint: the command with flags, with the operands
// that it needs, and with an endpoint where they name none.
func (w command) line(flags string) string {
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
func every(command) bool       { return true }
func opens(w command) bool     { return w.use >= useSockets }
func mediates(w command) bool  { return w.use == useSockets }
func attaches(w command) bool  { return w.use >= useEndpoints }
func converses(w command) bool { return w.use == useConversation }
func speaks(w command) bool    { return opens(w) || slices.Contains(w.flagNames, "verbose") }
func senders(w command) bool   { return !w.tool && w.sends() }
func skippers(w command) bool  { return w.sends() }
func printers(w command) bool  { return converses(w) && (w.tool || w.prints()) }
func readsText(w command) bool { return senders(w) || printers(w) }
func listeners(w command) bool { return printers(w) && !w.traits.asks }
func paced(w command) bool     { return senders(w) && !w.traits.answers }

// programName is the name in args[0] without its directory.
func programName(args []string) string {
	if len(args) == 0 || args[0] == "" {
		return "zcat"
	}
	return strings.TrimSuffix(filepath.Base(args[0]), ".exe")
}

// unknownCommand names the command that was probably meant.
func unknownCommand(all *catalogue, args ...string) error {
	program := all.program
	name := args[0]
	if strings.HasPrefix(name, "-") {
		hint := program + " --help"
		if len(args) > 1 {
			if w, found := all.find(args[1]); found {
				hint = w.line(name)
			}
		} else if name == "-V" {
			hint = program + " --version"
		} else if near := nearest(name, []string{"--help", "--version"}); near != "" {
			hint = program + " " + near
		}
		return &usageError{fmt.Sprintf("a command comes first, then its flags: %q is none", name), hint}
	}
	hint := program + " --help"
	if distance(strings.ToLower(name), "help") <= 1 {
		return &usageError{fmt.Sprintf("unknown command %q", name), hint}
	}
	if name == "version" {
		hint = program + " --version"
	} else if slices.Contains(topics.Names(), name) {
		hint = program + " help " + name
	} else if near := all.nearest(strings.ToLower(name)); near != "" {
		hint = program + " " + near + " --help"
	}
	return &usageError{fmt.Sprintf("unknown command %q", name), hint}
}
