package sockets

// pull takes every peer's messages in turn (RFC 30).
type pull struct{ fairIn }

func pullRow() typeRow {
	return typeRow{
		name: "PULL", number: 7, peers: []Type{Push}, pattern: newPull,
		receives: true, direct: true, Traits: Traits{Conflates: true},
	}
}

func newPull(s *Socket) pattern { return pull{fairIn{unable{s}}} }
