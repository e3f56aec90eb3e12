package transport

import "net"

// InQueue returns how many bytes have arrived on nc that nobody has read. ok is
// false where nobody counts that: on other systems than Linux but within the
// process, on a closed connection.
func InQueue(nc net.Conn) (bytes int, ok bool) {
	if c, ok := nc.(*memConn); ok {
		return c.in.waiting(), true
	}
	return kernelInQueue(nc)
}

// waiting is how many bytes can be read at once.
func (s *stream) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}
