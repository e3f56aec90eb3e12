package sockets

// pull takes every peer's messages in turn (RFC 30).
type pull struct{ fairIn }

func newPull(s *Socket) pattern { return pull{fairIn{unable{s}}} }
