package sockets

// Ebb stops taking messages from peers; those that have come by now can still be
// received, of peers without room for replies too, and what is to be sent still
// leaves. A peer that has connected keeps what our system's buffers do not take.
// Where no new peer could be sent anything that waits, no new one is let in either:
// it may find a successor at the endpoint. There is no way back but Close.
//
// A reader that waits for its peer at that moment takes once more what comes next.
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
