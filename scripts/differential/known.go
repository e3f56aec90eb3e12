//go:build linux

package main

import (
	"slices"
	"strings"
)

// difference is a difference that is known and stays. It should be narrow: what it
// explains is not judged.
type difference struct {
	name string
	why  string // the reason why ours is right
	// when reports whether it may show, from what the case is made of; nil is always.
	when func(*view) bool
	// explains reports whether it shows, and makes libzmq's outcome what ours
	// should then be.
	explains func(*view) bool
}

// view is a case and its outcomes, as far as one peer is concerned.
type view struct {
	*scenario
	facts
	peer         int
	libzmq, ours *outcome
}

func (v *view) z() *peerOutcome { return &v.libzmq.peers[v.peer] }
func (v *view) o() *peerOutcome { return &v.ours.peers[v.peer] }

// differs reports whether there is anything to explain.
func (v *view) differs() bool { return len(compare(v.libzmq, v.ours)) > 0 }

// forgive takes our outcome for libzmq's, where there is a difference. It is for
// cases that cannot be judged any further.
func (v *view) forgive() bool {
	if !v.differs() {
		return false
	}
	*v.libzmq = *v.ours.clone()
	return true
}

// explain takes the known differences off, and lists the others.
func explain(s *scenario, libzmq, ours *outcome) (names, rest []string) {
	libzmq, ours = libzmq.clone(), ours.clone()
	var all []facts
	for peer := range ours.peers {
		all = append(all, factsOf(s, peer))
	}
	for _, k := range known() {
		found := false
		for peer, f := range all {
			v := &view{s, f, peer, libzmq, ours}
			found = (k.when == nil || k.when(v)) && k.explains(v) || found
		}
		if found {
			names = append(names, k.name)
		}
	}
	return names, compare(libzmq, ours)
}

// known is the list of known differences.
func known() []difference {
	return slices.Concat(knownOfOldHandshakes(), knownOfHandshakes(), knownOfTraffic(), knownOfPatterns())
}

// stricter makes the difference of a breach for which we close a connection that
// libzmq keeps.
func stricter(name, why string, when func(*view) bool) difference {
	return difference{name, why, when, (*view).closedEarlier}
}

// closedEarlier reports whether we closed a connection that libzmq kept, having
// done until then what libzmq did.
func (v *view) closedEarlier() bool {
	z, o := v.z(), v.o()
	wire := o.wire
	if n := len(wire); n > 0 && strings.HasPrefix(wire[n-1], "ERROR ") {
		wire = wire[:n-1]
	}
	alone := len(v.ours.peers) == 1
	switch {
	case o.end != endClosed && (o.end != endGone || z.end != endGone), !v.differs():
		return false
	case !isPrefix(wire, z.wire), !isPrefix(o.pongs, z.pongs):
		return false
	case alone && v.kind != "XPUB" && !isPart(v.ours.app, v.libzmq.app):
		return false
	case alone && v.kind == "XPUB" && len(beyond(frameWords(withoutNotices(v.ours.app)), frameWords(v.libzmq.app))) > 0:
		return false
	}
	*v.libzmq = *v.ours.clone() // of several peers, another one gets what this one does not
	return true
}

// withoutNotices leaves out what an XPUB is told at the end of a peer that had
// subscribed, and what became of sends.
func withoutNotices(app []string) []string {
	return slices.DeleteFunc(slices.Clone(app), func(line string) bool { return isNotice(line) || isSend(line) })
}

// frameWords returns all that an application received, frame by frame and sorted,
// without where messages end.
func frameWords(app []string) (all []string) {
	for _, line := range app {
		_, what, _ := strings.Cut(line, ": ")
		all = append(all, strings.Fields(what)...)
	}
	slices.Sort(all)
	return all
}

// beyond returns what one sorted list has and another does not.
func beyond(list, other []string) (rest []string) {
	other = slices.Clone(other)
	for _, word := range list {
		if i, found := slices.BinarySearch(other, word); found {
			other = slices.Delete(other, i, i+1)
		} else {
			rest = append(rest, word)
		}
	}
	return rest
}

// isNotice reports whether a line tells an XPUB of the end of a subscription.
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
