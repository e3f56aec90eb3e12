package main

import (
	"fmt"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

// word is a command of zcat: a socket type or a tool, and how it is spoken of.
type word struct {
	program  string // the name zcat was called by, for help and hints
	name     string // "push"
	tool     tool
	kind     sockets.Type // of the socket; none for a proxy, and what --as says for a replay
	operands string       // what stands beside the flags: "[FRAME...]"
	essence  string       // operands that it cannot do without, for hints
	summary  string       // a line for the list of commands
	about    string       // sentences for the command's own help
	example  string       // a command line that works
}

// tool tells the commands apart that are no socket.
type tool uint8

const (
	noTool tool = iota // a socket command
	proxyTool
	replayTool
	keygenTool
	benchTool
	probeTool
	completionTool
	manTool
)

// tools lists them in the order of the help.
func tools() []tool {
	return []tool{proxyTool, probeTool, replayTool, benchTool, keygenTool, completionTool, manTool}
}

// words lists the commands: the one table of socket types, then the tools.
func words(program string) []word {
	var list []word
	for _, t := range sockets.Types() {
		list = append(list, wordFor(program, t))
	}
	for _, t := range tools() {
		list = append(list, toolWord(program, t))
	}
	return list
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

func wordFor(program string, t sockets.Type) word {
	w := word{program: program, name: strings.ToLower(t.String()), kind: t}
	if t.Sends() {
		w.operands = "[FRAME...]"
	}
	switch t {
	case sockets.Req:
		w.summary = "send requests, print the reply to each"
		w.about = "Each message of stdin, or the FRAMEs, is a request; its reply is awaited before the next. Ends after the last reply."
		w.example = "req -c tcp://127.0.0.1:5555 hello"
	case sockets.Rep:
		w.summary = "print requests, answer each with a message of stdin"
		w.about = "Each request is printed and then answered: by the next message of stdin, by itself (--echo), or by the FRAMEs. " +
			"Ends at the end of the replies: the request in hand is answered (with one empty frame where no reply is left) and no other is taken."
		w.example = "rep -b tcp://127.0.0.1:5555 --echo"
	case sockets.Router:
		w.summary = "talk to many peers, each by its routing id"
		w.about = "The first frame of every message, sent or received, is the routing id of the peer. " +
			"A message that no peer has the id for is reported, and the status at the end is 3. The end of stdin does not end it. " +
			`To answer by hand: --in json, then type [{"hex":"006b8b4567"},"","reply"], the id as it was shown.`
		w.example = "router -b tcp://127.0.0.1:5555"
	case sockets.Dealer:
		w.summary = "send to peers in turn while receiving"
		w.about = "Messages of stdin, or the FRAMEs, are sent while received ones are printed. Nothing is added: " +
			"a REP peer needs an empty frame first. The end of stdin does not end it: --count, --idle or a signal does."
		w.example = "dealer -c tcp://127.0.0.1:5555 -n 1 '' hello"
	case sockets.Pub:
		w.summary = "send to all who subscribed to the message's prefix"
		w.about = "Messages of stdin, or the FRAMEs, go to every peer with a subscription that the first frame begins with. " +
			"Up to a second is waited for the first subscription; --wait-subs says for how many instead. " +
			"Ends at the end of the input."
		w.example = "pub -b tcp://127.0.0.1:5556 --wait-subs 1 news 'hello all'"
	case sockets.Sub:
		w.summary = "print what was subscribed to"
		w.about = "Without --subscribe everything is printed. Ends by --count, --idle, a signal, or when stdout is closed."
		w.example = "sub -c tcp://127.0.0.1:5556 -s news -n 1"
	case sockets.Push:
		w.summary = "send, each message to one of the peers"
		w.about = "Messages of stdin, or the FRAMEs, go to the peers in turn. Ends at the end of the input, once each has " +
			"been given to a peer: where none has room, or none is there yet at an endpoint that is bound, it waits, for ever " +
			"without --timeout. A message that is queued for an endpoint it connects to has the linger."
		w.example = "push -c tcp://127.0.0.1:5557 hello"
	case sockets.Pull:
		w.summary = "print what is pushed"
		w.about = "Ends by --count, --idle, a signal, or when stdout is closed."
		w.example = "pull -b tcp://127.0.0.1:5557 -n 1"
	case sockets.Pair:
		w.summary = "talk to one peer, both ways"
		w.about = "Messages of stdin, or the FRAMEs, are sent while received ones are printed. A second peer is refused. " +
			"The end of stdin does not end it: --count, --idle or a signal does."
		w.example = "pair -c ipc:///tmp/talk -n 1 hello"
	case sockets.XPub:
		w.summary = "pub that prints the subscriptions"
		w.about = "Subscriptions are printed as one frame: the byte 01, or 00 for its end, then the prefix. " +
			"The end of stdin does not end it: --count, --idle or a signal does."
		w.example = "xpub -b tcp://127.0.0.1:5556"
	case sockets.XSub:
		w.summary = "sub that sends its subscriptions from stdin"
		w.about = "A message of one frame that begins with the byte 01 subscribes to the rest of it, 00 ends that; " +
			"other messages go upstream. The end of stdin does not end it: --count, --idle or a signal does."
		w.example = `xsub -c tcp://127.0.0.1:5556 -x 01`
	}
	return w
}

// sends reports whether the command takes input to send.
func (w word) sends() bool { return w.kind.Sends() }

// prints reports whether the command prints messages.
func (w word) prints() bool { return w.kind.Receives() }

// is reports whether the command is one of the types.
func (w word) is(types ...sockets.Type) bool {
	for _, t := range types {
		if w.kind == t {
			return true
		}
	}
	return false
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
