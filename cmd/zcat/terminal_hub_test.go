//go:build linux

package main

import (
	"strings"
	"testing"
)

// Whoever types the records of a hub has a prompt, is told what one is, and may mistype: what
// comes appears above the line.
func TestPromptOfAHub(t *testing.T) {
	t.Parallel()
	at := ownEndpoint(t)
	x, peer := newTerminal(t), newTerminal(t)
	x.start(nil, "hub", "in=pull -b "+at+"-in", "out=push -b "+at+"-out")
	x.sees(`a line is a record: {"to":"out","frames":\["x"\]}; Ctrl-D ends it\r`)
	x.sees("> $")
	x.types("nonsense\r")
	x.sees("stdin, line 1, column 1: expected .*: skipped\r")
	peer.start(nil, "pull", "-c", at+"-out", "-J", "-n", "1")
	x.types(`{"to":"out","frames":["x"]}` + "\r")
	peer.sees(`\["x"\]`)
	peer.ends(0)
	another := newTerminal(t)
	another.start(nil, "push", "-c", at+"-in", "came")
	x.types("half a li")
	x.sees(`"from":"in","frames":\["came"\]}\r+\n> half a li`)
	another.ends(0)
	x.types("\x03")
	x.ends(130)

	// At the end of the lines, a hub that only sends is at its own.
	last := newTerminal(t)
	last.start(nil, "hub", "r=radio -b "+at+"-radio")
	last.sees(`{"to":"r","frames":\["group","x"\]}; Ctrl-D ends it\r`)
	last.sees("> $")
	last.types("\x04")
	last.ends(0)

	// Who asked for quiet is told nothing.
	still := newTerminal(t)
	still.start(nil, "hub", "r=router -b "+at+"-router", "-q")
	still.sees("> $")
	still.types("\x03")
	still.ends(130)
	if text, _ := still.seen.read(); strings.Contains(text, "a line") {
		t.Errorf("with -q: %q", text)
	}
}
