//go:build linux

package main

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
)

// difference is one that is known and stays.
type difference struct {
	name string
	why  string // ours is right
	// when reports whether it may show in a case, from what the peer sends.
	when func(s *scenario, f *facts) bool
	// explains reports whether it shows, and makes libzmq's outcome what ours
	// should be then.
	explains func(s *scenario, peer int, libzmq, ours *outcome) bool
}

// explain takes the known differences off, and lists the others.
func explain(s *scenario, libzmq, ours *outcome) (names, rest []string) {
	libzmq, ours = libzmq.clone(), ours.clone()
	for _, k := range known() {
		found := false
		for peer := range ours.peers {
			f := factsOf(s, peer)
			if (k.when == nil || k.when(s, &f)) && k.explains(s, peer, libzmq, ours) {
				found = true
			}
		}
		if found {
			names = append(names, k.name)
		}
	}
	return names, compare(libzmq, ours)
}

// stricter is a breach for which we close a connection that libzmq keeps.
func stricter(name, why string, when func(*scenario, *facts) bool) difference {
	return difference{name: name, why: why, when: when, explains: closedEarlier}
}

// closedEarlier reports whether we closed a connection that libzmq kept, having
// done until then what libzmq did.
func closedEarlier(_ *scenario, peer int, libzmq, ours *outcome) bool {
	z, o := &libzmq.peers[peer], &ours.peers[peer]
	wire := o.wire
	if n := len(wire); n > 0 && strings.HasPrefix(wire[n-1], "ERROR ") {
		wire = wire[:n-1]
	}
	if o.end != endClosed && (o.end != endGone || z.end != endGone) {
		return false
	}
	if !isPrefix(wire, z.wire) || !isPrefix(o.pongs, z.pongs) || len(libzmq.peers) == 1 && !isPart(withoutNotices(ours.app), libzmq.app) {
		return false
	}
	if o.end == z.end && len(compare(libzmq, ours)) == 0 {
		return false
	}
	*z, libzmq.app = *o, ours.app
	if len(libzmq.peers) > 1 { // messages may go to others instead
		for i := range libzmq.peers {
			libzmq.peers[i] = ours.peers[i]
		}
	}
	return true
}

// withoutNotices leaves out what an XPUB is told at the end of a peer that had
// subscribed.
func withoutNotices(app []string) []string {
	for len(app) > 0 && isNotice(app[len(app)-1]) {
		app = app[:len(app)-1]
	}
	return app
}

func isNotice(line string) bool {
	return strings.HasPrefix(line, `received: "\x00`) || strings.HasPrefix(line, "received: <")
}

func isPrefix(part, whole []string) bool {
	return len(part) <= len(whole) && firstDifference(part, whole[:len(part)]) < 0
}

// isPart reports whether part is whole without some entries; what became of a
// send may differ, as one peer less is there.
func isPart(part, whole []string) bool {
	for _, line := range whole {
		if len(part) > 0 && (line == part[0] || isSend(line) && isSend(part[0])) {
			part = part[1:]
		}
	}
	return len(part) == 0
}

func isSend(line string) bool { return strings.HasPrefix(line, "send: ") }

// known is the list of known differences.
func known() []difference {
	return []difference{
		{
			name: "a refusal is told",
			why:  "RFC 37 asks for an ERROR before the connection is closed; libzmq only closes",
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				n := len(o.wire) - 1
				if n < 0 || z.end != o.end || o.end != endClosed || n > turnsOf(s) || !strings.HasPrefix(o.wire[n], "ERROR ") {
					return false
				}
				if m := len(z.wire) - 1; m >= 0 && strings.HasPrefix(z.wire[m], "ERROR ") {
					return false
				}
				o.wire = o.wire[:n]
				return true
			},
		},
		{
			name: "READY under way",
			why:  "a handshake fails before libzmq has written its READY, and it closes without",
			explains: func(_ *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				if len(z.wire) > 0 || z.end != endClosed || o.end != endClosed || len(o.wire) != 1 || !strings.HasPrefix(o.wire[0], "READY ") {
					return false
				}
				z.wire = o.wire
				return true
			},
		},
		{
			name: "XSUB subscribes with commands",
			why:  "RFC 37 has SUBSCRIBE for it; libzmq's XSUB sends 3.1 peers the form of 3.0",
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				if s.kind != "XSUB" || z.legacy == o.legacy || o.legacy != 0 {
					return false
				}
				z.legacy = 0
				return true
			},
		},
		{
			name: "PLAIN's ERROR is spelt right",
			why:  "RFC 24; libzmq writes ^RROR in the place of 05 ERROR",
			explains: func(_ *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				if len(z.wire) != 1 || len(o.wire) != 1 || !strings.HasPrefix(z.wire[0], "ERROR (misspelt)") {
					return false
				}
				z.wire[0] = strings.Replace(z.wire[0], " (misspelt)", "", 1)
				return z.wire[0] == o.wire[0]
			},
		},
		{
			name: "a second peer with an id in use, or of a PAIR, is sent away",
			why:  "libzmq leaves it connected and ignores it: it waits for ever",
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				n := len(o.wire) - 1
				if s.kind != "PAIR" && s.kind != "ROUTER" || n < 0 || o.end != endClosed ||
					!strings.Contains(o.wire[n], "has its peer already") && !strings.Contains(o.wire[n], "another peer has the routing id") {
					return false
				}
				return closedEarlier(s, peer, libzmq, ours) || z.end == endClosed
			},
		},
		{
			name: "SUBSCRIBE to a socket that does not publish",
			why:  "it is a command; libzmq gives it to the application as a frame of a message",
			when: func(s *scenario, f *facts) bool {
				return s.kind != "PUB" && s.kind != "XPUB" && f.any(func(w wireFrame) bool {
					name, _, _ := w.command()
					return name == "SUBSCRIBE" || name == "CANCEL"
				})
			},
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				// A REQ hangs up on it, and a REP may find a request in the pieces.
				told := func(line string) bool {
					return strings.Contains(line, `"\tSUBSCRIBE`) || strings.Contains(line, `"\x06CANCEL`) || strings.Contains(line, "bytes, ")
				}
				if s.kind != "REQ" && s.kind != "REP" && !slices.ContainsFunc(libzmq.app, told) {
					return false
				}
				*libzmq = *ours.clone()
				return true
			},
		},
		{
			name: "a malformed reply to a REQ is skipped",
			why:  "RFC 28: it MUST be discarded; libzmq hangs up, for good where it had connected",
			when: func(s *scenario, f *facts) bool { return s.kind == "REQ" && !repliesWell(f.traffic) },
			explains: func(_ *scenario, peer int, libzmq, ours *outcome) bool {
				if end := libzmq.peers[peer].end; end != endClosed && end != endGone || len(compare(libzmq, ours)) == 0 {
					return false
				}
				*libzmq = *ours.clone()
				return true
			},
		},
		{
			name: "the order in which a leaver's subscriptions end",
			why:  "it means nothing; libzmq's is that of the bytes",
			explains: func(s *scenario, _ int, libzmq, ours *outcome) bool {
				if s.kind != "XPUB" || slices.Equal(libzmq.app, ours.app) {
					return false
				}
				for _, app := range [][]string{libzmq.app, ours.app} {
					for i := range app {
						end := i
						for end < len(app) && isNotice(app[end]) {
							end++
						}
						slices.Sort(app[i:end])
					}
				}
				return slices.Equal(libzmq.app, ours.app)
			},
		},
		{
			name: "a cancellation of what was not subscribed to",
			why:  "libzmq 4.3.4 tells publishers of it, and may count it as a subscription to everything",
			when: func(s *scenario, _ *facts) bool { return cancelsTooMuch(s) },
			explains: func(_ *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				told := func(line string) bool {
					return strings.HasPrefix(line, "CANCEL ") || strings.HasPrefix(line, "SUBSCRIBE ")
				}
				if z.end != o.end || slices.Equal(z.wire, o.wire) {
					return false
				}
				if !slices.Equal(slices.DeleteFunc(slices.Clone(z.wire), told), slices.DeleteFunc(slices.Clone(o.wire), told)) {
					return false
				}
				z.wire, z.legacy, libzmq.app = o.wire, o.legacy, ours.app
				return true
			},
		},
		{
			name: "a CANCEL of what another peer holds",
			why:  "libzmq's XPUB tells of an end of the subscription, which goes on",
			explains: func(s *scenario, _ int, libzmq, ours *outcome) bool {
				if s.kind != "XPUB" || len(ours.peers) < 2 || len(ours.app) >= len(libzmq.app) {
					return false
				}
				var rest []string
				for _, line := range libzmq.app {
					if n := len(rest); isNotice(line) && (n >= len(ours.app) || ours.app[n] != line) {
						continue
					}
					rest = append(rest, line)
				}
				if !slices.Equal(rest, ours.app) {
					return false
				}
				libzmq.app = rest
				return true
			},
		},
		{
			name: "peers of a REP with the same Identity",
			why:  "a REP answers connections, and needs no Identity; libzmq's ignores the second",
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				if s.kind != "REP" || peer == 0 || len(compare(libzmq, ours)) == 0 {
					return false
				}
				seen := map[string]bool{"": true}
				for i := range ours.peers {
					f := factsOf(s, i)
					id := ""
					for _, p := range f.metadata() {
						if p[0] == "Identity" {
							id = p[1]
						}
					}
					if seen[id] && id != "" {
						*libzmq = *ours.clone()
						return true
					}
					seen[id] = true
				}
				return false
			},
		},
		{
			name: "whose turn it is when a peer has left",
			why:  "round robin goes on with the next; libzmq moves the last peer into the gap",
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				if s.kind != "REQ" && s.kind != "DEALER" && s.kind != "PUSH" || peer > 0 || len(ours.peers) < 3 {
					return false
				}
				var z, o []string
				left := false
				for i := range ours.peers {
					z, o = append(z, libzmq.peers[i].wire...), append(o, ours.peers[i].wire...)
					left = left || ours.peers[i].end != endOpen
				}
				slices.Sort(z)
				slices.Sort(o)
				if !left || !slices.Equal(z, o) {
					return false
				}
				same := true
				for i := range ours.peers {
					same = same && slices.Equal(libzmq.peers[i].wire, ours.peers[i].wire)
					libzmq.peers[i].wire = ours.peers[i].wire
				}
				if s.kind == "REQ" && !same {
					libzmq.app = ours.app // another one is asked
				}
				return !same
			},
		},
		{
			name: "a property's name in other letters",
			why:  "RFC 37: names are compared without regard to case; libzmq's are not",
			when: func(_ *scenario, f *facts) bool {
				for _, p := range f.metadata() {
					for _, name := range []string{"Socket-Type", "Identity"} {
						if strings.EqualFold(p[0], name) && p[0] != name {
							return true
						}
					}
				}
				return false
			},
			explains: func(_ *scenario, _ int, libzmq, ours *outcome) bool {
				if len(compare(libzmq, ours)) == 0 {
					return false
				}
				*libzmq = *ours.clone()
				return true
			},
		},
		{
			name: "a PING without a TTL",
			why:  "libzmq answers with bytes from its memory",
			when: func(_ *scenario, f *facts) bool {
				return f.any(func(w wireFrame) bool {
					name, data, _ := w.command()
					return name == "PING" && len(data) < 2
				})
			},
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				if slices.Equal(z.pongs, o.pongs) || len(o.pongs) > len(z.pongs) {
					return false
				}
				z.pongs = o.pongs
				return o.end == z.end || closedEarlier(s, peer, libzmq, ours)
			},
		},
		stricter("a greeting that is not ZMTP 3", "we do not speak ZMTP 1.0 and 2.0, and garbage reads as those",
			func(_ *scenario, f *facts) bool {
				b := f.greeting
				return len(b) > 0 && b[0] != 0xff || len(b) > 9 && b[9] != 0x7f || len(b) > 10 && b[10] < 3
			}),
		stricter("a large command in the handshake", "who is not known yet has no right to 4 KiB of memory",
			func(_ *scenario, f *facts) bool {
				_, size, ok := f.header()
				return ok && len(f.handshake) == 0 && size > 4<<10 ||
					slices.ContainsFunc(f.handshake, func(w wireFrame) bool { return len(w.body) > 4<<10 })
			}),
		stricter("a handshake in message frames", "RFC 37: handshake commands are command frames",
			func(_ *scenario, f *facts) bool {
				flags, _, ok := f.header()
				for _, h := range f.handshake {
					if h.flags&^frames.FlagLong != frames.FlagCommand {
						return true
					}
				}
				return ok && len(f.handshake) == 0 && flags&^frames.FlagLong != frames.FlagCommand
			}),
		stricter("reserved bits", "RFC 37: bits 7 to 3 of a frame's flags MUST be zero, and a command's MORE too",
			func(_ *scenario, f *facts) bool {
				bad := func(flags byte) bool { return flags > 7 || flags&5 == 5 }
				flags, _, ok := f.header()
				return ok && bad(flags) || f.any(func(w wireFrame) bool { return bad(w.flags) })
			}),
		stricter("metadata without Socket-Type", "a peer of no known type fits none",
			func(_ *scenario, f *facts) bool {
				for _, p := range f.metadata() {
					if strings.EqualFold(p[0], "Socket-Type") {
						return false
					}
				}
				return len(f.handshake) > 0
			}),
		stricter("metadata that ends behind a name or a length", "RFC 37 has a value there; libzmq looks for one only if more bytes follow",
			func(_ *scenario, f *facts) bool {
				for _, h := range f.handshake {
					_, data, _ := cutCommand(h.body)
					if _, whole := properties(data); !whole {
						return true
					}
				}
				return false
			}),
		{
			name: "a reply that libzmq's REP loses",
			why:  "a request without a delimiter, from a peer that left, spoils the next reply to another",
			explains: func(s *scenario, peer int, libzmq, ours *outcome) bool {
				z, o := &libzmq.peers[peer], &ours.peers[peer]
				if s.kind != "REP" || len(ours.peers) < 2 || !slices.Equal(libzmq.app, ours.app) || len(z.wire) >= len(o.wire) || !isPart(z.wire, o.wire) {
					return false
				}
				for i := range ours.peers {
					if i != peer && ours.peers[i].end != endOpen {
						z.wire = o.wire
						return true
					}
				}
				return false
			},
		},
		stricter("a property without a name", "RFC 37: a name has at least one octet",
			func(_ *scenario, f *facts) bool {
				for _, p := range f.metadata() {
					if p[0] == "" {
						return true
					}
				}
				return false
			}),
		stricter("a wrong Identity", "RFC 37: at most 255 octets, the first not zero: else routing ids can be forged",
			func(_ *scenario, f *facts) bool {
				for _, p := range f.metadata() {
					if strings.EqualFold(p[0], "Identity") && p[1] != "" && (p[1][0] == 0 || len(p[1]) > 255) {
						return true
					}
				}
				return false
			}),
	}
}

// repliesWell reports whether each message begins with an empty frame and has
// another, or with a frame of four bytes before these, as libzmq's REQ wants it.
func repliesWell(traffic []wireFrame) bool {
	at, id := 0, false
	for _, w := range traffic {
		if w.flags&frames.FlagCommand != 0 {
			continue
		}
		more := w.flags&frames.FlagMore != 0
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

// turnsOf is how many commands each side sends in the handshake.
func turnsOf(s *scenario) int {
	if s.has("plain_server") || s.has("plain_username") {
		return 2
	}
	return 1
}

// cancelsTooMuch reports whether the application cancels what it did not
// subscribe to.
func cancelsTooMuch(s *scenario) bool {
	held := map[string]int{}
	for _, st := range s.steps {
		list, cancel := st.frames, false
		switch st.verb {
		case subscribe, unsubscribe:
			list, cancel = frames.Message{append([]byte{1}, st.bytes...)}, st.verb == unsubscribe
		case send:
			if s.kind != "XSUB" {
				return false
			}
		default:
			continue
		}
		for _, f := range list {
			if len(f) == 0 || f[0] > 1 {
				continue
			}
			topic := string(f[1:])
			if f[0] == 1 && !cancel {
				held[topic]++
				continue
			}
			if held[topic]--; held[topic] < 0 {
				return true
			}
		}
	}
	return false
}
