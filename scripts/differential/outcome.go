//go:build linux

package main

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"github.com/zcat/zcat/pkg/frames"
)

// outcome is all that can be seen of a socket from outside, except for what may
// differ by chance: padding, the order of properties, the values of routing ids
// that a ROUTER makes up, and the place of a PONG between messages.
type outcome struct {
	app   []string // what its application received, and what became of its sends
	peers []peerOutcome
}

// peerOutcome is the outcome at one peer.
type peerOutcome struct {
	greeting string
	wire     []string // commands and messages, in order
	pongs    []string // the contexts of PONGs, in order
	legacy   int      // subscriptions in the form of ZMTP 3.0
	end      string
}

// How a connection ended.
const (
	endClosed = "the socket closed it"
	endOpen   = "open"
	endMute   = "open, and no PING is answered" // or the handshake is not
	endHalf   = "the peer ended its half, the socket hung up"
	endStays  = "the peer ended its half, the socket stays"
	endGone   = "the peer hung up" // what the socket may have sent at that time is not compared
)

func (o *outcome) clone() *outcome {
	c := &outcome{app: slices.Clone(o.app), peers: slices.Clone(o.peers)}
	for i, p := range c.peers {
		c.peers[i].wire, c.peers[i].pongs = slices.Clone(p.wire), slices.Clone(p.pongs)
	}
	return c
}

// compare lists what differs, one line each.
func compare(libzmq, ours *outcome) (differences []string) {
	differ := func(where string, z, o []string) {
		if i := firstDifference(z, o); i >= 0 {
			differences = append(differences, fmt.Sprintf("%s %d: libzmq %s, ours %s", where, i, at(z, i), at(o, i)))
		}
	}
	differ("application", libzmq.app, ours.app)
	for i := range libzmq.peers {
		z, o := &libzmq.peers[i], &ours.peers[i]
		if z.end == endGone && o.end == endGone {
			continue // what was under way is lost
		}
		peer := fmt.Sprintf("peer %d", i)
		if z.greeting != greetedInPart && o.greeting != greetedInPart {
			differ(peer+" is greeted", []string{z.greeting}, []string{o.greeting})
		}
		differ(peer+" gets", z.wire, o.wire)
		differ(peer+" gets PONG", z.pongs, o.pongs)
		differ(peer+" gets subscriptions in the old form", []string{strconv.Itoa(z.legacy)}, []string{strconv.Itoa(o.legacy)})
		differ(peer+" ends", []string{z.end}, []string{o.end})
	}
	return differences
}

func firstDifference(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return -1
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// show returns a frame as text, or its size and checksum if that is long.
func show(b []byte) string {
	const longest = 400
	if text := quote(b); len(text) <= longest {
		return text
	}
	return fmt.Sprintf("<%d bytes, %08x>", len(b), crc32.ChecksumIEEE(b))
}

// greetedInPart is a greeting whose rest waits for the peer's, or was dropped
// with the connection: how much of it goes first is for each side to choose.
const greetedInPart = "in part"

// showAll returns the frames of a message as text.
func showAll(m frames.Message) string {
	var words []string
	for _, f := range m {
		words = append(words, show(f))
	}
	return strings.Join(words, " ")
}

// spellGreeting leaves out padding, filler and the unused as-server.
func spellGreeting(b []byte, size int) string {
	switch {
	case len(b) < size:
		return greetedInPart
	case b[0] != 0xff || b[9] != 0x7f:
		return "wrongly: " + show(b)
	}
	if size == oldGreetingSize {
		return fmt.Sprintf("ZMTP 2.0, of %d, type %d", b[10], b[11])
	}
	return fmt.Sprintf("ZMTP %d.%d %s", b[10], b[11], strings.TrimRight(string(b[12:32]), "\x00"))
}

// misspeltError is libzmq's ERROR in PLAIN.
const misspeltError = "ERROR (misspelt)"

func spellCommand(name string, data, body []byte) string {
	switch name {
	case "READY", "INITIATE":
		list, ok := properties(data)
		if !ok {
			return "malformed " + name
		}
		var words []string
		for _, p := range list {
			words = append(words, fmt.Sprintf("%s=%s", p[0], show([]byte(p[1]))))
		}
		slices.Sort(words)
		return name + " " + strings.Join(words, " ")
	case "":
		if reason, ok := strings.CutPrefix(string(body), "^RROR"); ok {
			return misspeltError + " " + show([]byte(reason))
		}
		return "a command without a name " + show(body)
	}
	return name + " " + show(data)
}

// names stand in for the routing ids that a ROUTER made up.
type names struct {
	ids []string
}

// show returns, as text, a message that a ROUTER received, or with numbers in place of
// ids a SERVER or PEER.
func (n *names) show(m frames.Message, numbers bool) string {
	id := string(m[0])
	if (len(id) != 5 || id[0] != 0) && !numbers {
		return showAll(m)
	}
	i := slices.Index(n.ids, id)
	if i < 0 {
		i = len(n.ids)
		n.ids = append(n.ids, id)
	}
	return fmt.Sprintf("@%d %s", i, showAll(m[1:]))
}

// fill puts ids in place of their names.
func (n *names) fill(m frames.Message) frames.Message {
	m = slices.Clone(m)
	for i, f := range m {
		if k, err := strconv.Atoi(strings.TrimPrefix(string(f), "@")); err == nil && len(f) > 0 && f[0] == '@' && k >= 0 && k < len(n.ids) {
			m[i] = []byte(n.ids[k])
		}
	}
	return m
}

// String returns o for people.
func (o *outcome) String() string {
	var b strings.Builder
	for _, line := range o.app {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	for i, p := range o.peers {
		fmt.Fprintf(&b, "  peer %d: %s, %s\n", i, p.greeting, p.end)
		for _, line := range p.wire {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		for _, line := range p.pongs {
			fmt.Fprintf(&b, "    PONG %s\n", line)
		}
	}
	return b.String()
}
