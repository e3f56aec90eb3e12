//go:build linux

package main

import (
	"bytes"
	"slices"
	"strings"
)

func knownOfPatterns() []difference {
	return []difference{
		{
			name:     "a second peer with an id in use, or of a PAIR or CHANNEL, is sent away",
			why:      "libzmq leaves it connected and ignores it: it would wait for ever",
			when:     func(v *view) bool { return v.kind == "PAIR" || v.kind == "CHANNEL" || v.kind == "ROUTER" },
			explains: (*view).sentAway,
		},
		{
			name:     "a malformed reply to a REQ is skipped",
			why:      "RFC 28: it MUST be discarded; libzmq hangs up, for good where it had connected",
			when:     func(v *view) bool { return v.kind == "REQ" && !repliesWell(v.traffic) },
			explains: func(v *view) bool { return (v.z().end == endClosed || v.z().end == endGone) && v.forgive() },
		},
		{
			name:     "peers of a REP with the same Identity",
			why:      "a REP answers on connections and needs no Identity; libzmq's ignores the second peer",
			when:     (*view).sameIdentity,
			explains: (*view).forgive,
		},
		{
			name:     "a reply that libzmq's REP loses",
			why:      "a request without a delimiter, from a peer that left, spoils its next reply to another",
			when:     func(v *view) bool { return v.kind == "REP" && v.left(v.peer) },
			explains: (*view).replyLost,
		},
		{
			name: "whose turn it is when a peer has left",
			why:  "round robin goes on with the next; libzmq moves the last peer into the gap",
			when: func(v *view) bool {
				return slices.Contains([]string{"REQ", "DEALER", "PUSH", "CLIENT", "SCATTER"}, v.kind)
			},
			explains: (*view).othersTurn,
		},
		{
			name: "a group with a zero byte",
			why:  "it is a group of its own, to which no RADIO can send; for libzmq the name ends there",
			when: func(v *view) bool {
				return v.kind == "RADIO" && v.any(func(w wireFrame) bool {
					name, group := w.command()
					return (name == "JOIN" || name == "LEAVE") && bytes.IndexByte(group, 0) >= 0
				})
			},
			explains: (*view).forgive,
		},
		{
			name: "a message to a DISH that goes on behind its body",
			why:  "it is refused once it has ended; libzmq need not wait for that",
			when: func(v *view) bool {
				frames := 0
				return v.kind == "DISH" && v.any(func(w wireFrame) bool {
					if frames++; w.flags&flagMore == 0 {
						frames = 0
					}
					return frames > 1
				})
			},
			explains: func(v *view) bool { return v.z().end == endClosed && v.o().end != endClosed && v.forgive() },
		},
		{
			name: "a command to a DISH",
			why:  "RFC 37 has PING for every socket; libzmq's DISH takes it for a frame of a message, and may hang up",
			when: func(v *view) bool {
				return v.kind == "DISH" && v.any(func(w wireFrame) bool { return w.flags&flagCommand != 0 })
			},
			explains: (*view).forgive,
		},
		{
			name:     "a message to an XPUB that ends with a subscription",
			why:      "libzmq may not show that frame, and the message stays without an end until the next",
			when:     (*view).endsInSubscription,
			explains: (*view).sameFrames,
		},
		{
			name:     "a message without an end, and a subscription inside",
			why:      "its frames count once it is whole; libzmq takes them with the SUBSCRIBE or CANCEL that follows",
			when:     (*view).subscribesInHalf,
			explains: (*view).forgive,
		},
		{
			name:     "a subscription in a frame of a message, and one to the same prefix in a command behind it",
			why:      "frames count once their message is whole, commands at once; libzmq takes both as they come",
			when:     func(v *view) bool { return (v.kind == "PUB" || v.kind == "XPUB") && v.subscribesBothWays() },
			explains: (*view).forgive,
		},
		{
			name:     "the order in which a leaver's subscriptions end",
			why:      "it means nothing; libzmq's is that of the bytes",
			when:     func(v *view) bool { return v.kind == "XPUB" && !slices.Equal(v.libzmq.app, v.ours.app) },
			explains: func(v *view) bool { return v.sameEnds(0, 0) },
		},
		{
			name:     "a CANCEL of what another peer holds",
			why:      "libzmq's XPUB tells of the end of a subscription that goes on",
			when:     func(v *view) bool { return v.kind == "XPUB" && len(v.ours.peers) > 1 },
			explains: func(v *view) bool { return v.sameEnds(len(v.libzmq.app), 0) },
		},
		{
			name: "a link that ends with an ERROR",
			why:  "we take it for a refusal, after which a connecting socket forgets the peer; libzmq connects again",
			when: func(v *view) bool {
				return v.kind == "XPUB" && v.connects && v.any(func(w wireFrame) bool {
					name, _ := w.command()
					return name == "ERROR"
				})
			},
			explains: func(v *view) bool { return v.sameEnds(0, len(v.ours.app)) },
		},
	}
}

func (v *view) sentAway() bool {
	o := v.o()
	n := len(o.wire) - 1
	if v.old && o.end == endClosed && len(v.ours.peers) > 1 {
		return v.closedEarlier() // it knows no ERROR
	}
	if n < 0 || o.end != endClosed ||
		!strings.Contains(o.wire[n], "has its peer already") && !strings.Contains(o.wire[n], "another peer has the routing id") && !strings.Contains(o.wire[n], "another peer took over the routing id") {
		return false
	}
	return v.closedEarlier() || v.z().end == endClosed
}

// repliesWell reports whether each message is what libzmq's REQ wants: an empty
// frame and another one, or the same behind a frame of four bytes.
func repliesWell(traffic []wireFrame) bool {
	at, id := 0, false
	for _, w := range traffic {
		if w.flags&flagCommand != 0 {
			continue
		}
		more := w.flags&flagMore != 0
		switch {
		case at == 0 && more && len(w.body) == 4 && !id:
			id = true
			continue
		case at == 0 && (!more || len(w.body) > 0):
			return false
		}
		if at++; !more {
			at, id = 0, false
		}
	}
	return true
}

func (v *view) sameIdentity() bool {
	if v.kind != "REP" {
		return false
	}
	seen := map[string]bool{}
	for peer := range v.ours.peers {
		f := factsOf(v.scenario, peer)
		id := f.identity()
		if id != "" && seen[id] {
			return true
		}
		seen[id] = true
	}
	return false
}

// left reports whether a peer other than this one left.
func (v *view) left(than int) bool {
	for peer := range v.ours.peers {
		if peer != than && v.ours.peers[peer].end != endOpen {
			return true
		}
	}
	return false
}

func (v *view) replyLost() bool {
	z, o := v.z(), v.o()
	if !slices.Equal(v.libzmq.app, v.ours.app) || len(z.wire) >= len(o.wire) || !isPart(z.wire, o.wire) {
		return false
	}
	z.wire = o.wire
	return true
}

// othersTurn finds that everything was sent, but to other peers.
func (v *view) othersTurn() bool {
	if v.peer > 0 || len(v.ours.peers) < 3 || !v.left(-1) {
		return false
	}
	var z, o []string
	same := true
	for peer := range v.ours.peers {
		zp, op := v.libzmq.peers[peer].wire, v.ours.peers[peer].wire
		z, o, same = append(z, zp...), append(o, op...), same && slices.Equal(zp, op)
	}
	if v.kind == "REQ" && !same {
		return v.forgive() // the replies of another peer were awaited
	}
	slices.Sort(z)
	slices.Sort(o)
	if same || !slices.Equal(z, o) {
		return false
	}
	for peer := range v.ours.peers {
		v.libzmq.peers[peer].wire = v.ours.peers[peer].wire
	}
	return true
}

// sameEnds finds that an XPUB was told the same, the ends of subscriptions in
// another order, and some of libzmq's or of ours beyond.
func (v *view) sameEnds(more, ourMore int) bool {
	split := func(app []string) (ends, rest []string) {
		for _, line := range app {
			if isNotice(line) {
				ends = append(ends, line)
			} else {
				rest = append(rest, line)
			}
		}
		slices.Sort(ends)
		return ends, rest
	}
	z, zRest := split(v.libzmq.app)
	o, oRest := split(v.ours.app)
	if !v.differs() || !slices.Equal(zRest, oRest) || len(beyond(z, o)) > more || len(beyond(o, z)) > ourMore {
		return false
	}
	v.libzmq.app = v.ours.app
	return true
}

// endsInSubscription reports whether a subscription stands inside a message.
func (v *view) endsInSubscription() bool {
	inside := false
	return v.kind == "XPUB" && v.any(func(w wireFrame) bool {
		name, _ := w.command()
		form := len(w.body) > 0 && w.body[0] <= 1
		found := inside && (form || name == "SUBSCRIBE" || name == "CANCEL")
		if w.flags&flagCommand == 0 {
			inside = w.flags&flagMore != 0
		}
		return found
	})
}

// sameFrames finds that an XPUB was told the same but for where messages end, and
// for the ends of subscriptions that go on.
func (v *view) sameFrames() bool {
	z, o := frameWords(v.libzmq.app), frameWords(v.ours.app)
	goesOn := func(word string) bool { return len(v.ours.peers) > 1 && strings.HasPrefix(word, `"\x00`) }
	// After a link that ended with an ERROR, the subscription of another peer is
	// the first again.
	refused := func(word string) bool { return v.connects && (goesOn(word) || strings.HasPrefix(word, `"\x01`)) }
	if !v.differs() || len(slices.DeleteFunc(beyond(o, z), refused)) > 0 || len(slices.DeleteFunc(beyond(z, o), goesOn)) > 0 {
		return false
	}
	v.libzmq.app = v.ours.app
	return true
}

// subscribesInHalf reports whether such a command stands inside a message that has
// no end.
func (v *view) subscribesInHalf() bool {
	begun, found := false, false
	if v.kind != "PUB" && v.kind != "XPUB" {
		return false
	}
	for _, w := range v.traffic {
		name, _ := w.command()
		switch {
		case name == "SUBSCRIBE" || name == "CANCEL":
			found = found || begun
		case w.flags&flagCommand != 0:
		case w.flags&flagMore == 0:
			begun, found = false, false
		default:
			begun = true
		}
	}
	return found
}

// subscribesBothWays reports whether a command inside a message is about a prefix that
// a frame of the message in front of it is about too.
func (v *view) subscribesBothWays() bool {
	prefixes := map[string]bool{}
	return v.any(func(w wireFrame) bool {
		if w.flags&flagCommand == 0 {
			switch {
			case w.flags&flagMore == 0:
				clear(prefixes)
			case len(w.body) > 0 && w.body[0] <= 1:
				prefixes[string(w.body[1:])] = true
			}
			return false
		}
		name, prefix := w.command()
		return (name == "SUBSCRIBE" || name == "CANCEL") && prefixes[string(prefix)]
	})
}
