//go:build linux

package main

import (
	"slices"
	"strings"
)

func knownOfTraffic() []difference {
	return []difference{
		// Before the others, which look at all PONGs.
		{
			name:     "a PING without a TTL",
			why:      "libzmq answers it with bytes of its own memory",
			when:     (*view).pingsShort,
			explains: (*view).pongsLess,
		},
		{
			name:     "a SUB that cancels a prefix which begins with 01",
			why:      "libzmq 4.3.4 takes the prefix for the old form of a subscription, to its rest",
			when:     (*view).cancelsOne,
			explains: (*view).cancelsWell,
		},
		stricter(
			"reserved bits",
			"RFC 37: bits 7 to 3 of a frame's flags MUST be zero, and so must a command's MORE",
			func(v *view) bool {
				bad := func(flags byte) bool {
					return flags > 7 || flags&flagCommand != 0 && (flags&flagMore != 0 || v.old) // which RFC 15 reserves too
				}
				flags, _, ok := v.header()
				return ok && bad(flags) || v.any(func(w wireFrame) bool { return bad(w.flags) })
			},
		),
		stricter(
			"a message above the limit",
			"the limit is of a message; libzmq's is of each frame",
			func(v *view) bool {
				total := uint64(0)
				for _, w := range v.traffic {
					if w.flags&flagCommand != 0 {
						continue
					}
					if total += uint64(len(w.body)); total > maxSize {
						return true
					}
					if w.flags&flagMore == 0 {
						total = 0
					}
				}
				_, size, _ := v.header()
				return total+size > maxSize
			},
		),
		{
			name: "a command above the limit whose name has not come",
			why:  "to a publisher it may be a subscription, which has a limit of its own",
			when: func(v *view) bool {
				flags, size, ok := v.header()
				publishes := v.kind == "PUB" || v.kind == "XPUB" || v.kind == "RADIO"
				// A connecting socket whose link has ended sends nothing in between.
				late := len(v.rest) < maxHeader+len("\x09SUBSCRIBE") || v.connects
				return publishes && ok && flags&flagCommand != 0 && size > maxSize && late
			},
			explains: func(v *view) bool {
				return v.z().end == endClosed && (v.connects || v.o().end != endClosed) && v.forgive()
			},
		},
		{
			name: "SUBSCRIBE to a socket that does not publish",
			why:  "it is a command; libzmq gives it to the application as a frame of a message",
			when: func(v *view) bool {
				return v.kind != "PUB" && v.kind != "XPUB" && v.any(func(w wireFrame) bool {
					name, _ := w.command()
					return name == "SUBSCRIBE" || name == "CANCEL"
				})
			},
			explains: (*view).commandReceived,
		},
		{
			name:     "XSUB subscribes with commands",
			why:      "RFC 37 has SUBSCRIBE for it; libzmq's XSUB sends 3.1 peers the form of 3.0",
			explains: (*view).commandsInstead,
		},
		{
			name: "a message of an XSUB that ends with a cancellation",
			why:  "libzmq may not send that frame, and the message stays without an end until the next",
			when: func(v *view) bool {
				return v.kind == "XSUB" && slices.ContainsFunc(v.steps, func(st step) bool {
					n := len(st.frames)
					return st.verb == send && n > 1 && len(st.frames[n-1]) > 0 && st.frames[n-1][0] == 0
				})
			},
			explains: (*view).forgive,
		},
	}
}

func (v *view) pingsShort() bool {
	return v.any(func(w wireFrame) bool {
		name, data := w.command()
		return name == "PING" && len(data) < 2
	})
}

// pongsLess leaves out the PONGs, also correct ones: which PONG belongs to which
// PING is not known.
func (v *view) pongsLess() bool {
	z, o := v.z(), v.o()
	if slices.Equal(z.pongs, o.pongs) {
		return false
	}
	z.pongs = o.pongs
	return true
}

// commandReceived finds the command in what the application received. A REQ hangs
// up on it instead, and a REP may find a request in the pieces, or none. A SUB may
// not want the message that it ended, nor does a type of single frames one of several, and
// what is left of that is another one.
func (v *view) commandReceived() bool {
	told := func(line string) bool {
		return strings.Contains(line, `"\tSUBSCRIBE`) || strings.Contains(line, `"\x06CANCEL`) || strings.Contains(line, " bytes, ")
	}
	drops := v.kind == "SUB" || v.singles()
	pieces := v.kind == "REQ" || v.kind == "REP" || drops && v.commandInside()
	return (pieces || slices.ContainsFunc(v.libzmq.app, told)) && v.forgive()
}

// commandInside reports whether SUBSCRIBE or CANCEL stands inside a message.
func (v *view) commandInside() bool {
	inside := false
	return v.any(func(w wireFrame) bool {
		if w.flags&flagCommand == 0 {
			inside = w.flags&flagMore != 0
			return false
		}
		name, _ := w.command()
		return inside && (name == "SUBSCRIBE" || name == "CANCEL")
	})
}

func (v *view) commandsInstead() bool {
	z, o := v.z(), v.o()
	if v.kind != "XSUB" || o.legacy >= z.legacy {
		return false
	}
	z.legacy = o.legacy
	return true
}

func (v *view) cancelsOne() bool {
	return v.kind == "SUB" && slices.ContainsFunc(v.steps, func(st step) bool {
		return st.verb == unsubscribe && len(st.bytes) > 0 && st.bytes[0] == 1
	})
}

// cancelsWell leaves out what becomes of libzmq's subscriptions.
func (v *view) cancelsWell() bool {
	z, o := v.z(), v.o()
	rest := func(wire []string) []string {
		return slices.DeleteFunc(slices.Clone(wire), func(line string) bool {
			return strings.HasPrefix(line, "CANCEL ") || strings.HasPrefix(line, "SUBSCRIBE ")
		})
	}
	if !v.differs() || !isPrefix(rest(o.wire), rest(z.wire)) {
		return false
	}
	z.wire, z.legacy = o.wire, o.legacy
	if isPart(v.ours.app, v.libzmq.app) || isPart(v.libzmq.app, v.ours.app) { // of which, depends on INVERT_MATCHING
		v.libzmq.app = v.ours.app
	}
	return true
}
