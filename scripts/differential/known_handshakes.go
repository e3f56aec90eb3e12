//go:build linux

package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/sockets"
)

func knownOfHandshakes() []difference {
	return []difference{
		{
			name:     "a refusal is told",
			why:      "RFC 37 asks for an ERROR before the connection is closed; libzmq only closes",
			explains: (*view).refusalTold,
		},
		{
			name:     "READY under way",
			why:      "a handshake may fail before libzmq has written its READY, and it closes without",
			explains: (*view).readyUnderWay,
		},
		{
			name:     "PLAIN's ERROR is spelt right",
			why:      "RFC 24; libzmq writes ^RROR in place of 05 ERROR",
			explains: (*view).misspelt,
		},
		stricter(
			"a greeting that is not ZMTP 3",
			"we do not speak ZMTP 1.0, which libzmq takes garbage for, and look at what a peer of 2.0 says of itself",
			(*view).strangeGreeting,
		),
		stricter(
			"another mechanism in half a greeting",
			"what cannot become a greeting that fits need not be waited for",
			func(v *view) bool {
				n := len(v.greeting)
				if v.old {
					return false
				}
				mechanism := greeting(mechanismOf(v.scenario))[12:32]
				return n > 12 && n < greetingSize && !bytes.HasPrefix(mechanism, v.greeting[12:min(n, 32)])
			},
		),
		stricter(
			"a large command in the handshake",
			"who has not shown yet who he is gets no more than 4 KiB of memory",
			func(v *view) bool {
				_, size, ok := v.header()
				large := func(w wireFrame) bool { return len(w.body) > 4<<10 }
				return ok && len(v.handshake) < turnsOf(v.scenario) && size > 4<<10 || slices.ContainsFunc(v.handshake, large)
			},
		),
		stricter(
			"a handshake in message frames",
			"RFC 37: handshake commands are command frames",
			func(v *view) bool {
				if v.old {
					return false
				}
				command := func(flags byte) bool { return flags&^flagLong == flagCommand }
				flags, _, ok := v.header()
				message := func(w wireFrame) bool { return !command(w.flags) }
				return ok && len(v.handshake) < turnsOf(v.scenario) && !command(flags) || slices.ContainsFunc(v.handshake, message)
			},
		),
		stricter(
			"metadata without Socket-Type",
			"a peer of no known type fits none",
			func(v *view) bool {
				typed := func(p [2]string) bool { return strings.EqualFold(p[0], "Socket-Type") }
				return !v.old && len(v.handshake) > 0 && !slices.ContainsFunc(v.metadata(), typed)
			},
		),
		stricter(
			"metadata that ends behind a name or a length",
			"RFC 37 has a value there; libzmq looks for one only if more bytes follow",
			func(v *view) bool {
				return !v.old && slices.ContainsFunc(v.handshake, func(w wireFrame) bool {
					_, data := cutCommand(w.body)
					_, whole := properties(data)
					return !whole
				})
			},
		),
		stricter(
			"a property without a name",
			"RFC 37: a name has at least one octet",
			func(v *view) bool {
				return slices.ContainsFunc(v.metadata(), func(p [2]string) bool { return p[0] == "" })
			},
		),
		stricter(
			"a wrong Identity",
			"RFC 37: at most 255 octets, the first not zero; else routing ids could be forged",
			func(v *view) bool {
				return slices.ContainsFunc(v.metadata(), func(p [2]string) bool {
					return strings.EqualFold(p[0], "Identity") && p[1] != "" && (p[1][0] == 0 || len(p[1]) > 255)
				})
			},
		),
		{
			name: "a property's name in other letters",
			why:  "RFC 37: names are compared without regard to case; libzmq's are not",
			when: func(v *view) bool {
				return slices.ContainsFunc(v.metadata(), func(p [2]string) bool {
					return strings.EqualFold(p[0], "Socket-Type") && p[0] != "Socket-Type" ||
						strings.EqualFold(p[0], "Identity") && p[0] != "Identity"
				})
			},
			explains: (*view).forgive,
		},
	}
}

func (v *view) refusalTold() bool {
	z, o := v.z(), v.o()
	n := len(o.wire) - 1
	if n < 0 || n > turnsOf(v.scenario) || z.end != o.end || o.end != endClosed || !strings.HasPrefix(o.wire[n], "ERROR ") {
		return false
	}
	if m := len(z.wire) - 1; m >= 0 && strings.HasPrefix(z.wire[m], "ERROR ") {
		return false
	}
	o.wire = o.wire[:n]
	return true
}

func (v *view) readyUnderWay() bool {
	z, o := v.z(), v.o()
	if len(z.wire) > 0 || z.end != endClosed || o.end != endClosed || len(o.wire) != 1 || !strings.HasPrefix(o.wire[0], "READY ") {
		return false
	}
	z.wire = o.wire
	return true
}

func (v *view) misspelt() bool {
	z, o := v.z(), v.o()
	if len(z.wire) != 1 || len(o.wire) != 1 || !strings.HasPrefix(z.wire[0], misspeltError) {
		return false
	}
	z.wire[0] = strings.Replace(z.wire[0], misspeltError, "ERROR", 1)
	return z.wire[0] == o.wire[0]
}

// fitsOld reports whether what a peer of ZMTP 2.0 says of itself is right: its type is
// a legal one, and its identity is one in a frame as RFC 15 has it.
func (v *view) fitsOld() bool {
	kind, err := sockets.ParseType(v.kind)
	if err != nil || !slices.ContainsFunc(kind.Peers(), func(t sockets.Type) bool { return oldNumber(t.String()) == v.greeting[11] }) {
		return false
	}
	if len(v.handshake) == 0 {
		return len(v.rest) == 0 || v.rest[0]&^flagLong == 0
	}
	id := v.handshake[0]
	return id.flags&^flagLong == 0 && len(id.body) <= 255 && (len(id.body) == 0 || id.body[0] != 0)
}

// actsBeforeIdentity reports whether the application does something while the peer has
// told its type, and not its identity.
func (v *view) actsBeforeIdentity() bool {
	if len(v.handshake) == 0 {
		return true
	}
	sent, whole := 0, oldGreetingSize+2+len(v.handshake[0].body)
	for _, st := range v.steps {
		switch {
		case st.verb == put && st.peer == v.peer:
			sent += len(st.bytes)
		case !st.verb.ofPeer() && sent >= oldGreetingSize && sent < whole:
			return true
		}
	}
	return false
}

// strangeGreeting reports whether a greeting is neither one of ZMTP 3 nor a right one of
// ZMTP 2.0 in a case of that.
func (v *view) strangeGreeting() bool {
	b := v.greeting
	if v.old && len(b) == oldGreetingSize && b[0] == 0xff && b[9] == 0x7f && b[10] == 1 {
		return !v.fitsOld()
	}
	return len(b) > 0 && b[0] != 0xff || len(b) > 9 && b[9] != 0x7f || len(b) > 10 && b[10] < 3
}

func knownOfOldHandshakes() []difference {
	return []difference{
		{
			name: "messages before the identity of ZMTP 2.0",
			why:  "RFC 15: a greeting ends with it; libzmq sends messages to a peer that has only told its type",
			when: func(v *view) bool {
				return v.old && v.actsBeforeIdentity()
			},
			explains: (*view).forgive,
		},
		{
			name: "a client whose server shows no version",
			why:  "some wait for all of a greeting; where it then shows ZMTP 2.0, a second connection waits for it",
			when: func(v *view) bool { return v.old && v.connects },
			explains: func(v *view) bool {
				return v.o().end == endClosed && (v.o().greeting == greetedInPart || len(v.o().wire) == 0) && v.forgive()
			},
		},
	}
}
