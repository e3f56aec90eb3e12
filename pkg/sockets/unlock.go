package sockets

// unlock opens the socket's lock, and then does what must not be done with it:
// what writes, waits for a writer, or calls the application (after).
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

// after has something done once the socket's lock, which is held, is open.
func (s *Socket) after(do func()) { s.later = append(s.later, do) }
