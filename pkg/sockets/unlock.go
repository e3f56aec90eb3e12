package sockets

// unlock opens the socket's lock, and then makes the calls that must not be made
// under it: those that write, wait for a writer, or call the application (after).
func (s *Socket) unlock() {
	if s.later != nil {
		s.unlockAndDo()
		return
	}
	s.mu.Unlock()
}

func (s *Socket) unlockAndDo() {
	later := s.later
	s.later = nil
	s.mu.Unlock()
	for _, do := range later {
		do()
	}
}

// after makes unlock call do once the socket's lock, which is held, is open.
func (s *Socket) after(do func()) { s.later = append(s.later, do) }
