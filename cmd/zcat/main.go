// Command zcat opens any ZeroMQ socket from the shell: messages come and go as
// lines of JSON, hex or text on stdin and stdout.
//
// main joins the packages of internal/, whose imports only go down. line parses a
// command line, with the tables of package flags; retype finds out what was meant
// by one that is refused. Each command has a package of its own: session for the
// socket types, broker for the proxy, hub for several sockets (both on board, which
// says who waits for whom around a filter), and show (on packets, flows, dissect and
// ladder), probe, replay, benchmark, keygen and help; gzip is the other zcat. They stand on
// life (signals, linger, events), stream (stdin and stdout), say (everything that is said
// to the user) and outcome (how a command may end).
package main

import (
	"io"
	"os"

	"github.com/zcat/zcat/cmd/zcat/internal/gzip"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/say"
)

func main() {
	barClosed()
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: args begins with the name it was called by. It returns
// the exit status, and ends the process itself only where a signal has to do that.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	shown := &say.Console{Errs: errs}
	voice := &say.Speech{W: shown.Share(errs), Colour: say.ColourAuto.Onto(errs), Watched: say.IsTerminal(errs)}
	all := commands(line.ProgramName(args))
	if other, found := gzip.Meant(all, args, in); found {
		return gzip.HandOver(other, args, in, out, errs, voice)
	}
	return dispatch(all, args[min(1, len(args)):], say.Streams{In: in, Out: out, Say: voice, Console: shown, InClosed: wasClosed(0), OutClosed: wasClosed(1)})
}
