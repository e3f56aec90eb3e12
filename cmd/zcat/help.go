package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is the release, for builds that no module version names.
const version = "0.1.0"

// helpWidth is where the text of a help breaks.
const helpWidth = 100

// overview is the help of zcat as a whole.
func overview(program string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s opens any ZeroMQ socket: messages come and go as lines on stdin and stdout.\n\n", program)
	fmt.Fprintf(&b, "Usage: %s COMMAND [flags] [FRAME...]\n\nCommands:\n", program)
	before := noTool
	for _, w := range words(program) {
		if before == noTool && w.tool != noTool {
			b.WriteString("\nTools:\n")
		}
		before = w.tool
		fmt.Fprintf(&b, "  %-8s %s\n", w.name, w.summary)
	}
	fmt.Fprintf(&b, "  %-8s %s\n", "help", "explain a command: "+program+" help push")
	b.WriteString("\nEndpoints: tcp://HOST:PORT, ipc://PATH, ipc://@NAME; short: :PORT (loopback), *:PORT (every interface),\n" +
		"/path or ./path (ipc), @NAME (ipc, Linux). Either side may bind, either may come first.\n")
	fmt.Fprintf(&b, "\nExamples:\n  %s\n  %s\n  %s\n",
		program+" pull --bind tcp://127.0.0.1:5557", program+" push --connect tcp://127.0.0.1:5557 hello world",
		program+" req --connect tcp://127.0.0.1:5555 --timeout 2 '{\"op\":\"ping\"}'")
	b.WriteString("\n" + statusHelp)
	fmt.Fprintf(&b, "\n%s --version prints the version, %s COMMAND --help the flags of a command.\n", program, program)
	return b.String()
}

const statusHelp = `Exit status:
  0         done
  1         failure while running: a bad input line, a bind that failed, a peer that broke the protocol
  2         usage
  3         refused: authentication, handshake, unroutable
  4         messages left unsent when the linger ran out
  124       --timeout ran out
  130, 143  SIGINT, SIGTERM
`

// helpOn is the help that "zcat help" prints for what follows it.
func helpOn(program string, args []string) (string, error) {
	if len(args) == 0 {
		return overview(program), nil
	}
	w, found := findWord(program, args[0])
	if !found {
		return "", unknownCommand(program, args[0])
	}
	return w.help(), nil
}

// help is the help of a command.
func (w word) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n\nUsage: %s\n\n", w.program, w.name, w.summary, w.synopsis())
	wrap(&b, w.about, 0)
	if senders(w) {
		wrap(&b, "FRAME arguments are the frames of one message, text or hex as --in says; stdin is then not read.", 0)
	}
	fmt.Fprintf(&b, "\nExample: %s %s\n", w.program, w.example)
	group := ""
	for _, f := range flagsOf(w) {
		if f.group != group {
			group = f.group
			fmt.Fprintf(&b, "\n%s:\n", group)
		}
		label := "      "
		if f.letter != "" {
			label = "  -" + f.letter + ", "
		}
		label += f.dashed()
		switch {
		case f.kind == mayTakeValue:
			label += " [" + f.meta + "]"
		case f.meta != "":
			label += " " + f.meta
		}
		fmt.Fprintf(&b, "%-30s", label)
		if len(label) >= 30 {
			fmt.Fprintf(&b, "\n%30s", "")
		}
		wrap(&b, f.help, 30)
	}
	if w.tool == keygenTool {
		return b.String() // no flag takes a value
	}
	b.WriteString("\nD is a time: 5 (seconds), 500ms, 2m. SIZE is bytes, or has K, M or G. Flags may stand before or after\n" +
		"what has none; -- ends them. " + envPrefix + "<FLAG> in the environment is a flag's default: " + envPrefix + "TIMEOUT=5.\n")
	return b.String()
}

// wrap writes text in lines of at most helpWidth, the second and later ones
// behind an indent.
func wrap(b *strings.Builder, text string, indent int) {
	at := indent
	for i, piece := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+len(piece) > helpWidth:
			fmt.Fprintf(b, "\n%*s", indent, "")
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(piece)
		at += len(piece)
	}
	b.WriteByte('\n')
}

// versionText is "zcat X.Y.Z" and what it was built of, a line each.
func versionText() string {
	release, zmq4, commit := version, "unknown", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if v := info.Main.Version; isRelease(v) {
		release = v[1:]
	}
	for _, dep := range info.Deps {
		if dep.Path == "github.com/go-zeromq/zmq4" {
			zmq4 = dep.Version
		}
	}
	modified := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				modified = " (modified)"
			}
		}
	}
	return fmt.Sprintf("zcat %s\n%s\nzmq4 %s\ncommit %s%s\n", release, runtime.Version(), zmq4, commit, modified)
}

// isRelease reports whether v is vX.Y.Z, and not a version that Go made up of a
// commit.
func isRelease(v string) bool {
	if !strings.HasPrefix(v, "v") {
		return false
	}
	parts := strings.Split(v[1:], ".")
	for _, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 3
}
