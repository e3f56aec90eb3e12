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
)

func main() {
	barClosed()
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: args begins with the name it was called by. It
// returns the exit status, and ends the process itself only where that has to
// be done by a signal.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	shown := &console{errs: errs}
	say := &speech{w: shown.share(errs), colour: colourAuto.onto(errs)}
	if other, found := forGzip(args, in); found {
		return handOver(other, args, in, out, errs, say)
	}
	return dispatch(args, streams{in: in, out: out, say: say, console: shown})
}

// streams are the three files of the process.
type streams struct {
	in  io.Reader
	out io.Writer
	say *speech // stands for stderr

	console *console
}
