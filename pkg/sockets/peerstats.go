package sockets

import "time"

// PeerStats is what a socket knows of one of its peers at a moment.
type PeerStats struct {
	Serial    uint64 // of all that the socket ever had, no other has it
	Endpoint  string // ours, bound or connected
	Peer      string // the other side, as in Event
	ID        []byte // the routing id that a ROUTER knows it by, else nil
	Connected bool   // its handshake is done; one that was connected to is a peer before, too
	Waiting   int    // messages received from it, and not yet by the application
	Queued    int    // messages for it, not yet taken by the kernel

	Received uint64 // messages from it that the application has received
	Sent     uint64 // messages for it that the kernel has taken

	// With Options.Unanswered, requests without a reply: of ours, those queued for it
	// included, and of the peer's. Only one of the two is not 0: who asked first on the
	// connection asks. A reply is told by its envelope.
	Owes, Owed int
	Oldest     time.Duration // how long the oldest of them waits; of thousands it may be an older one
}

// PeerStats returns the peers in no order. It looks at each of them: with thousands it
// takes a millisecond, for which the socket stands still.
func (s *Socket) PeerStats() []PeerStats {
	s.mu.Lock()
	defer s.unlock()
	all := make([]PeerStats, 0, len(s.peers))
	for p := range s.peers {
		one := PeerStats{
			Serial: p.serial, Endpoint: p.endpoint, Peer: p.remote, Connected: p.conn != nil && p.source != nil,
			Waiting: p.in.Count(), Queued: p.out.Waiting(), Received: p.received,
		}
		_, sent := p.out.Progress()
		one.Sent = uint64(sent)
		if p.id != "" {
			one.ID = []byte(p.id)
		}
		if p.unanswered != nil {
			p.unanswered.tell(&one)
		}
		all = append(all, one)
	}
	return all
}
