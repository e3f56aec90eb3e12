package sockets

import (
	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/sockets/internal/slab"
)

// pattern is the part of a socket that depends on its type: how messages find their
// peers. The socket's lock is held in every method but send, which holds only the
// turn to send (Socket.sending): it may write to the kernel, which must not happen
// under that lock.
type pattern interface {
	// attach makes p a peer: at Connect, or when an accepted peer's handshake is
	// done. An error refuses p.
	attach(p *peer) error
	// online is called each time that a handshake with p is done.
	online(p *peer) error
	// detach forgets p.
	detach(p *peer)
	// arrive takes in messages that p sent. An error drops p's connection.
	arrive(p *peer, s *slab.Slab) error
	// send takes messages off the front of b as far as there is room for them.
	send(b *framing.Batch) error
	// ready reports whether there is room for a message; if not, the sender is
	// woken when there is.
	ready() bool
	// recv moves waiting messages to b, which is empty.
	recv(b *framing.Batch, t takes) error
}

// unable is a pattern that can do nothing: socket types override the methods for
// what they can do.
type unable struct{ socket *Socket }

func (unable) attach(*peer) error { return nil }
func (unable) online(*peer) error { return nil }
func (unable) detach(*peer)       {}
func (unable) ready() bool        { return true }

func (unable) arrive(_ *peer, s *slab.Slab) error { //nolint:unparam // other patterns refuse
	s.Recycle()
	return nil
}
func (unable) send(*framing.Batch) error        { return ErrDirection }
func (unable) recv(*framing.Batch, takes) error { return ErrDirection }

// fairIn is the receiving half of the types that take every peer's messages in
// turn.
type fairIn struct{ unable }

func (fairIn) arrive(p *peer, s *slab.Slab) error { //nolint:unparam // other patterns refuse
	p.deliver(s)
	return nil
}

func (f fairIn) recv(b *framing.Batch, t takes) error {
	f.socket.fair.fill(b, t)
	return nil
}
