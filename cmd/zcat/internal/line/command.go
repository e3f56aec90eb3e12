package line

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/zcat/zcat/cmd/zcat/internal/habits"
	"github.com/zcat/zcat/cmd/zcat/internal/outcome"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/topics"
	"github.com/zcat/zcat/pkg/sockets"
)

// Command is a command of zcat: how it is described, what it takes, and what it
// does. Each is defined beside its implementation, and stands in the list of
// commands.
type Command struct {
	Program  string // the name zcat was called by, for help and hints
	All      *Catalogue
	Name     string // "push"
	Operands string // what stands beside the flags: "[FRAME...]"
	Essence  string // operands, or a flag, that it cannot do without, for hints
	Summary  string // a line for the list of commands
	About    string // sentences for the command's own help
	Example  string // a command line that works

	Tool  bool                     // no socket type
	Nests func(Command, Flag) bool // its sockets are told by lines of their own, which may have such flags; nil: no
	Kind  sockets.Type             // of the socket; none for a tool, but what --as says for a replay
	Use   Use                      // what of sockets it has

	FlagNames []string // the flags it has of those that only some commands have
	Flags     func(Command) []Flag
	Own       func() any // makes the settings that only this command has
	Alone     func(*Config) bool

	Files  func(*Config) []NamedFile // that it names beside those of the reports
	Settle func(*Config)             // completes the settings
	Rules  func(*Config) []Rule      // what they must not be; nil where there are no others than of any command
	Check  func(*Config) error
	Run    func(*Config, say.Streams) (outcome.Status, error)
}

// Use is how much a command has to do with sockets.
type Use uint8

// The levels of use; each includes those before it.
const (
	useNothing      Use = iota
	UseSockets          // opens them: options, limits, security
	UseEndpoints        // and is told their endpoints by --bind and --connect
	UseConversation     // and is a conversation, with messages to read or print
)

// Catalogue holds all commands of a program. Each is made when it is asked for: to make
// all of them takes a twentieth of the time that zcat takes to start.
type Catalogue struct {
	Program string  // the name it was called by
	makers  []Maker // in the order of the help

	mu   sync.Mutex
	made map[string]Command
}

// Maker makes the command of a name.
type Maker struct {
	Name string
	Make func() Command
}

// NewCatalogue makes a catalogue of commands.
func NewCatalogue(program string, makers ...Maker) *Catalogue {
	return &Catalogue{Program: program, makers: makers, made: map[string]Command{}}
}

// Find returns the command that has name.
func (all *Catalogue) Find(name string) (Command, bool) {
	i := slices.IndexFunc(all.makers, func(m Maker) bool { return m.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return all.command(all.makers[i]), true
}

// List returns all commands, in the order of the help.
func (all *Catalogue) List() []Command {
	list := make([]Command, len(all.makers))
	for i, m := range all.makers {
		list[i] = all.command(m)
	}
	return list
}

func (all *Catalogue) command(m Maker) Command {
	all.mu.Lock()
	defer all.mu.Unlock()
	w, found := all.made[m.Name]
	if !found {
		w = m.Make()
		w.Program, w.All = all.Program, all
		all.made[m.Name] = w
	}
	return w
}

// Names lists the names of the commands.
func (all *Catalogue) Names() []string {
	var names []string
	for _, m := range all.makers {
		names = append(names, m.Name)
	}
	return names
}

// Nearest returns the name of the command that was probably meant, "" for none.
func (all *Catalogue) Nearest(name string) string { return habits.Nearest(name, all.Names()) }

// Traits are what a conversation may expect of its socket.
func (w Command) Traits() sockets.Traits { return w.Kind.Traits() }

// WantsAll reports whether it receives everything unless it is told otherwise: where
// subscriptions are not messages, they are made for it.
func (w Command) WantsAll() bool {
	return w.Traits().Subscribes && !w.Traits().SendsSubscriptions
}

// Sends reports whether the command takes input to send.
func (w Command) Sends() bool { return w.Kind.Sends() }

// Prints reports whether the command prints messages.
func (w Command) Prints() bool { return w.Kind.Receives() }

// EndpointOperands returns the number of endpoints that stand beside the flags.
func (w Command) EndpointOperands() int {
	return len(slices.DeleteFunc(strings.Fields(w.Operands), func(o string) bool {
		return o != "EP" && o != "FRONT" && o != "BACK"
	}))
}

// Synopsis returns the command's line in its help.
func (w Command) Synopsis() string {
	return strings.TrimSuffix(fmt.Sprintf("%s %s [flags] %s", w.Program, w.Name, w.Operands), " ")
}

// Line returns a command line for a hint: the command with flags, with the operands
// that it needs, and with an endpoint where they name none.
func (w Command) Line(flags string) string {
	line := w.Program + " " + w.Name
	if flags == "--help" {
		return line + " " + flags
	}
	if essence := w.essence(flags); essence != "" {
		line += " " + essence
	}
	if w.Converses() && !strings.Contains(flags, "--connect") && !strings.Contains(flags, "--bind") {
		line += " --connect tcp://127.0.0.1:5555"
	}
	return strings.TrimSpace(line + " " + flags)
}

// essence is Essence, unless flags have it.
func (w Command) essence(flags string) string {
	if first, _, _ := strings.Cut(w.Essence, " "); strings.HasPrefix(first, "--") && strings.Contains(flags, first) {
		return ""
	}
	return w.Essence
}

// Every is the Has of flags that all commands have.
func Every(Command) bool { return true }

// Opens reports whether the command opens sockets.
func (w Command) Opens() bool { return w.Use >= UseSockets }

// Mediates reports whether it opens sockets whose endpoints do not come from --bind
// and --connect.
func (w Command) Mediates() bool { return w.Use == UseSockets }

// Attaches reports whether its endpoints come from --bind and --connect.
func (w Command) Attaches() bool { return w.Use >= UseEndpoints }

// Converses reports whether it is a conversation on one socket. A replay is one too,
// on any socket that sends, but with another input.
func (w Command) Converses() bool { return w.Use == UseConversation }

// Speaks reports whether it has more to report than its answer.
func (w Command) Speaks() bool { return w.Opens() || slices.Contains(w.FlagNames, "verbose") }

// TakesInput reports whether it sends what stdin or the FRAMEs say.
func (w Command) TakesInput() bool { return !w.Tool && w.Sends() }

// PrintsMessages reports whether it prints what it receives.
func (w Command) PrintsMessages() bool { return w.Converses() && (w.Tool || w.Prints()) }

// HasText reports whether it reads or prints messages as text.
func (w Command) HasText() bool { return w.TakesInput() || w.PrintsMessages() }

// Listens reports whether it receives what it did not ask for.
func (w Command) Listens() bool { return w.PrintsMessages() && !w.Traits().Asks }

// Paces reports whether it decides when a message leaves.
func (w Command) Paces() bool { return w.TakesInput() && !w.Traits().Answers }

// ProgramName returns the name in args[0] without its directory.
func ProgramName(args []string) string {
	if len(args) == 0 || args[0] == "" {
		return "zcat"
	}
	return strings.TrimSuffix(filepath.Base(args[0]), ".exe")
}

// UnknownCommand names the command that was probably meant.
func UnknownCommand(all *Catalogue, args ...string) error {
	program := all.Program
	name := args[0]
	if strings.HasPrefix(name, "-") {
		hint := program + " --help"
		if len(args) > 1 {
			if w, found := all.Find(args[1]); found {
				hint = w.Line(name)
			}
		} else if name == "-V" {
			hint = program + " --version"
		} else if near := habits.Nearest(name, []string{"--help", "--version"}); near != "" {
			hint = program + " " + near
		}
		return &outcome.UsageError{Sentence: fmt.Sprintf("a command comes first, then its flags: %q is none", name), Hint: hint}
	}
	hint := program + " --help"
	if habits.Distance(strings.ToLower(name), "help") <= 1 {
		return &outcome.UsageError{Sentence: fmt.Sprintf("unknown command %q", name), Hint: hint}
	}
	if name == "version" {
		hint = program + " --version"
	} else if slices.Contains(topics.Names(), name) {
		hint = program + " help " + name
	} else if near := all.Nearest(strings.ToLower(name)); near != "" {
		hint = program + " " + near + " --help"
	}
	return &outcome.UsageError{Sentence: fmt.Sprintf("unknown command %q", name), Hint: hint}
}
