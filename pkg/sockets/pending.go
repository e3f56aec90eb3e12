package sockets

// halfway is a connection whose handshake is under way.
type halfway struct {
	open  bool // there is one
	heard bool // something came from the peer
}

// Pending is a connected endpoint that has accepted a connection and has not
// finished the handshake yet.
type Pending struct {
	Endpoint string // in its canonical form
	Heard    bool   // something came from there
}

// Pending lists where connections are in their handshake, of those that the socket
// made itself: it tells a peer that is not there from one that says nothing.
func (s *Socket) Pending() []Pending {
	s.mu.Lock()
	defer s.unlock()
	var list []Pending
	for d := range s.dialers {
		if d.open {
			list = append(list, Pending{d.text, d.heard})
		}
	}
	return list
}

// enter notes how far a connection is in its handshake.
func (d *dialer) enter(h halfway) {
	d.socket.mu.Lock()
	defer d.socket.unlock()
	d.halfway = h
}
