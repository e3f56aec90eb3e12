//go:build linux

package main

import "time"

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
			if f.kind == "ROUTER" {
				shown = f.names.show(m)
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
