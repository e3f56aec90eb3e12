package sockets

// PeerStats is what a socket knows of one of its peers at a moment.
type PeerStats struct {
	Endpoint  string // ours, bound or connected
	Peer      string // the other side, as in Event
	ID        []byte // the routing id that a ROUTER knows it by, else nil
	Connected bool   // its handshake is done; one that was connected to is a peer before, too
	Waiting   int    // messages received from it, and not yet by the application
	Queued    int    // messages for it, not yet taken by the kernel
}

// PeerStats returns the peers in no order. It looks at each of them: with thousands it
// takes a millisecond, for which the socket stands still.
func (s *Socket) PeerStats() []PeerStats {
	s.mu.Lock()
	defer s.unlock()
	all := make([]PeerStats, 0, len(s.peers))
	for p := range s.peers {
		one := PeerStats{
			Endpoint: p.endpoint, Peer: p.remote, Connected: p.conn != nil && p.source != nil,
			Waiting: p.in.Count(), Queued: p.out.Waiting(),
		}
		if p.id != "" {
			one.ID = []byte(p.id)
		}
		all = append(all, one)
	}
	return all
}
