package sockets

// peeringRow is that of a server whose peers are its like (RFC 51).
func peeringRow() typeRow {
	return typeRow{
		name: "PEER", number: 19, peers: []Type{Peering}, pattern: newServer,
		sends: true, receives: true, Traits: numbering(),
		full: fullRouter, left: dropped, gates: true, unfit: unfitRouted,
	}
}

// ConnectPeer is Connect that returns the routing id of the peer, four bytes, to which
// messages can be sent at once (libzmq's zmq_connect_peer). SERVER and PEER only, else it
// fails with ErrDirection, and with ErrState where Options.Immediate makes a peer only
// once it is there.
func (s *Socket) ConnectPeer(endpoint string) (routingID []byte, err error) {
	switch {
	case !s.row.Numbered:
		return nil, ErrDirection
	case s.opts.Immediate:
		return nil, ErrState
	}
	d, err := s.connect(endpoint)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.unlock()
	return []byte(d.peer.id), nil
}
