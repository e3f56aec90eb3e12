//go:build linux

package main

import (
	"strings"
	"testing"
)

// Whoever finds a prompt is told how a message of several frames is typed, and it is so.
func TestPromptTellsWhatALineIs(t *testing.T) {
	t.Parallel()
	at := ownEndpoint(t)
	peer, x := newTerminal(t), newTerminal(t)
	peer.start(nil, "sub", "--bind", at, "-J")
	peer.sees("listening")
	x.start(nil, "pub", "--connect", at, "--wait-subs", "1")
	x.sees("a line is a message, topic first, TAB between frames; Ctrl-D ends it\r")
	x.sees("> $")
	x.types("news\tone\r\x04")
	peer.sees(`\["news","one"\]`)
	x.ends(0)
	peer.types("\x03")
	peer.ends(130)

	still := newTerminal(t)
	still.start(nil, "push", "--bind", at+"-quiet", "-q")
	still.sees("> $")
	still.types("\x04")
	still.ends(0)
	if text, _ := still.seen.read(); strings.Contains(text, "a line") {
		t.Errorf("with -q: %q", text)
	}
}
