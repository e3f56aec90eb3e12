// Command zcat opens any ZeroMQ socket from the shell: messages come and go as
// lines of JSON, hex or text on stdin and stdout.
//
// A command line passes through args.go (one canonical form of it), config.go
// (settings, frozen once checked) and runner.go (the life of a socket), which
// runs one of the five conversation shapes: send.go, receive.go, duplex.go,
// request.go and reply.go. Of the tools, replay.go puts a recording in the place
// of stdin, and proxy.go joins two sockets instead of talking on one; life.go is
// what all of them have in common. What zcat says to its user leaves through speech.go,
// console.go is the terminal that all share, and status.go knows how it may end.
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

// run is the whole program: args begins with the name it was called by. It
// returns the exit status, and ends the process itself only where that has to
// be done by a signal.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	shown := &say.Console{Errs: errs}
	voice := &say.Speech{W: shown.Share(errs), Colour: say.ColourAuto.Onto(errs)}
	all := commands(line.ProgramName(args))
	if other, found := gzip.Meant(all, args, in); found {
		return gzip.HandOver(other, args, in, out, errs, voice)
	}
	return dispatch(all, args[min(1, len(args)):], say.Streams{In: in, Out: out, Say: voice, Console: shown, InClosed: wasClosed(0), OutClosed: wasClosed(1)})
}
