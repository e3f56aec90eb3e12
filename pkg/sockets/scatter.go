package sockets

// scatterRow is that of a push of single frames (RFC 49).
func scatterRow() typeRow {
	return typeRow{
		name: "SCATTER", number: 17, peers: []Type{Gather}, pattern: newPush,
		sends: true, Traits: Traits{MostFrames: 1, Draft: true},
		full: patiently, left: lost, unfit: unfitSingle,
	}
}
