//go:build linux

package main

import (
	"time"

	"github.com/zcat/zcat/pkg/frames"
)

// settle waits until the socket and its application have acted on what was sent.
func (f *performance) settle() error {
	for peer := range len(f.outcome.peers) {
		if a := f.authors[peer]; a != nil {
			a.settle()
		}
	}
	quiet := time.Duration(0)
	if f.patience != patienceAt(0) {
		quiet = f.quiet // what no PONG confirms gets time too
	}
	return f.drain(quiet)
}

// drain takes what has come, and answers it where the case wants that.
func (f *performance) drain(quiet time.Duration) error {
	for {
		got, err := f.socket.drain(quiet)
		if err != nil {
			return err
		}
		for _, m := range got {
			shown := showAll(m)
			if numbers := f.numbers(); numbers || f.kind == "ROUTER" {
				shown = f.names.show(m, numbers)
			}
			if f.raw() {
				f.receiveBytes(m)
				continue
			}
			f.outcome.app = append(f.outcome.app, "received: "+shown)
		}
		if !f.echo || f.kind != "REP" || len(got) == 0 {
			return nil
		}
		result, err := f.socket.send(got[len(got)-1])
		if err != nil {
			return err
		}
		if result != sentOK {
			f.outcome.app = append(f.outcome.app, "reply: "+result)
		}
	}
}

// end looks at each connection, ends those that are left, and takes what that
// brings.
func (f *performance) end() error {
	// What was answered at the first has arrived at the second.
	for range 2 {
		if err := f.settle(); err != nil {
			return err
		}
	}
	for _, a := range f.authors {
		a.linger()
	}
	for peer := range f.outcome.peers {
		a, o := f.authors[peer], &f.outcome.peers[peer]
		switch {
		case a == nil:
			continue
		case o.end != "":
		case a.ended():
			o.end = endClosed
		case a.mute:
			o.end = endMute
		default:
			o.end = endOpen
		}
		if !a.over && !a.ended() && !a.endInput() {
			o.end += ", and stays when the peer ends its half"
		}
		a.hear(f.kind, o)
		if f.raw() { // the notice of this end comes before the next
			if err := f.drain(f.quiet); err != nil {
				return err
			}
		}
	}
	if err := f.drain(f.quiet); err != nil {
		return err
	}
	m, err := f.socket.rest()
	if len(m) > 0 {
		f.outcome.app = append(f.outcome.app, "received without an end: "+showAll(m))
	}
	return err
}

// chunk is what a STREAM received of one connection, without anything of another
// between: where it is cut means nothing.
type chunk struct {
	id   string
	line int // in the outcome
	body []byte
}

// receiveBytes takes what a STREAM received: bytes of a connection, or an empty frame at
// its beginning and its end.
func (f *performance) receiveBytes(m frames.Message) {
	o := f.outcome
	if len(m) != 2 || len(m[1]) == 0 {
		f.chunk = chunk{}
		o.app = append(o.app, "received: "+f.names.show(m, false))
		return
	}
	c := &f.chunk
	if string(m[0]) != c.id || c.line != len(o.app)-1 {
		*c = chunk{id: string(m[0]), line: len(o.app)}
		o.app = append(o.app, "")
	}
	c.body = append(c.body, m[1]...)
	o.app[c.line] = "received: " + f.names.show(frames.Message{m[0], c.body}, false)
}
