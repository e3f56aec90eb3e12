//go:build linux

package main

import (
	"slices"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
)

func knownOfTraffic() []difference {
	return []difference{
		{
			name:     "a cancellation of what was not subscribed to",
			why:      "libzmq 4.3.4 tells publishers of it, and may take it for a subscription",
			when:     (*view).cancelsTooMuch,
			explains: (*view).cancelsIgnored,
		},
		stricter(
			"reserved bits",
			"RFC 37: bits 7 to 3 of a frame's flags MUST be zero, and so must a command's MORE",
			func(v *view) bool {
				bad := func(flags byte) bool {
					return flags > 7 || flags&frames.FlagCommand != 0 && flags&frames.FlagMore != 0
				}
				flags, _, ok := v.header()
				return ok && bad(flags) || v.any(func(w wireFrame) bool { return bad(w.flags) })
			},
		),
		{
			name:     "a PING without a TTL",
			why:      "libzmq answers it with bytes of its own memory",
			when:     (*view).pingsShort,
			explains: (*view).pongsLess,
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
	}
}

func (v *view) pingsShort() bool {
	return v.any(func(w wireFrame) bool {
		name, data := w.command()
		return name == "PING" && len(data) < 2
	})
}

// pongsLess leaves out libzmq's PONGs to what is no PING.
func (v *view) pongsLess() bool {
	z, o := v.z(), v.o()
	if !slices.Equal(z.pongs, o.pongs) && isPart(o.pongs, z.pongs) {
		z.pongs = o.pongs
		return o.end == z.end || v.closedEarlier()
	}
	return false
}

// commandReceived finds the command in what the application received. A REQ hangs
// up on it instead, and a REP may find a request in the pieces, or none.
func (v *view) commandReceived() bool {
	told := func(line string) bool {
		return strings.Contains(line, `"\tSUBSCRIBE`) || strings.Contains(line, `"\x06CANCEL`) || strings.Contains(line, " bytes, ")
	}
	return (v.kind == "REQ" || v.kind == "REP" || slices.ContainsFunc(v.libzmq.app, told)) && v.forgive()
}

func (v *view) commandsInstead() bool {
	z, o := v.z(), v.o()
	if v.kind != "XSUB" || z.legacy == 0 || o.legacy != 0 {
		return false
	}
	z.legacy = 0
	return true
}

// cancelsTooMuch reports whether the application cancels what it did not
// subscribe to.
func (v *view) cancelsTooMuch() bool {
	held := map[string]int{}
	for _, st := range v.steps {
		for _, form := range v.subscriptions(st) {
			topic := string(form[1:])
			if form[0] == 1 {
				held[topic]++
			} else if held[topic]--; held[topic] < 0 {
				return true
			}
		}
	}
	return false
}

// subscriptions are those of the application in a step: 01 or 00 and the prefix.
func (v *view) subscriptions(st step) (all [][]byte) {
	switch {
	case st.verb == subscribe:
		all = append(all, append([]byte{1}, st.bytes...))
	case st.verb == unsubscribe:
		all = append(all, append([]byte{0}, st.bytes...))
	case st.verb == send && v.kind == "XSUB":
		for _, f := range st.frames {
			if len(f) > 0 && f[0] <= 1 {
				all = append(all, f)
			}
		}
	}
	return all
}

func (v *view) cancelsIgnored() bool {
	z, o := v.z(), v.o()
	told := func(line string) bool {
		return strings.HasPrefix(line, "CANCEL ") || strings.HasPrefix(line, "SUBSCRIBE ")
	}
	rest := func(wire []string) []string { return slices.DeleteFunc(slices.Clone(wire), told) }
	if slices.Equal(z.wire, o.wire) || !isPrefix(rest(o.wire), rest(z.wire)) {
		return false
	}
	z.wire, z.legacy = o.wire, o.legacy
	if z.end == o.end {
		v.libzmq.app = v.ours.app // libzmq may have subscribed to everything
	}
	return true
}
