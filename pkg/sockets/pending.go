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

// Pending lists the connections in their handshake that the socket made itself: it
// tells an endpoint where nobody listens from one that stays silent.
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
