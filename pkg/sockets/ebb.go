package sockets

// Ebb stops taking messages from peers; those that have come by now can still be
// received, also from peers without room for replies, and what is to be sent still
// leaves. A connected peer keeps what our system's buffers do not take. Where
// nothing that is queued could go to a new peer, no new one is let in either: it
// may find a successor at the endpoint. There is no way back but Close.
//
// A reader that waits for its peer at that moment still takes what comes next,
// once.
func (s *Socket) Ebb() {
	s.mu.Lock()
	s.takeAll()
	if s.closing || s.ebbing.Swap(true) || s.row.left == lost {
		s.unlock()
		return
	}
	listeners := s.listeners
	s.listeners = nil
	s.unlock()
	for _, l := range listeners {
		endpoint := l.Endpoint()
		s.report(Event{Kind: EventClosed, Endpoint: endpoint, Err: l.Close()})
	}
}
