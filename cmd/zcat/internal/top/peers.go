package top

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/sockets"
)

// one is a peer of a socket.
type one struct {
	socket string
	*sockets.PeerStats
	name    string
	in, out float64 // messages a second; NaN where that is not known
}

// peerKey tells peers from each other, and moved is what went through one so far.
type (
	peerKey struct {
		socket string
		serial uint64
	}
	moved struct{ received, sent uint64 }
)

// mostRated is the number of peers whose rates are known.
const mostRated = 10000

// slow is the time after which a request without a reply stands out.
const slow = time.Second

// held is the time that a request of a peer waits for its reply, in seconds, so that
// those that are answered at once keep their places.
func (o *one) held() time.Duration { return o.Oldest.Truncate(slow) }

// hangs reports whether the peer lets us wait for a reply.
func (o *one) hangs() bool { return o.Owes > 0 && o.Oldest >= slow }

// waits is the number of messages that wait at it.
func (o *one) waits() int { return o.Waiting + o.Queued }

// moves reports whether messages went through it since the last look.
func (o *one) moves() bool { return o.in+o.out > 0 }

// column is a figure of a peer.
type column struct {
	head  string
	width int
	text  func(*one) string
}

// columnsOf are those of peers, with those of requests where there are any. The first
// vital ones are the last to go in a small window, and those from fair on the first.
func columnsOf(requests bool) (all []column, vital, fair int) {
	count := func(n int) string { return short(float64(n)) }
	if requests {
		all = []column{
			{"owes", 7, func(o *one) string { return count(o.Owes) }},
			{"asks", 7, func(o *one) string { return count(o.Owed) }},
			{"oldest", 7, func(o *one) string { return age(o) }},
		}
	}
	all = append(all, column{"waiting", 8, func(o *one) string { return count(o.Waiting) }}, column{"queued", 7, func(o *one) string { return count(o.Queued) }})
	vital = len(all)
	all = append(all, []column{
		{"in/s", 7, func(o *one) string { return rate(o.in) }},
		{"out/s", 7, func(o *one) string { return rate(o.out) }},
	}...)
	fair = len(all)
	return append(all, []column{
		{"in", 7, func(o *one) string { return short(float64(o.Received)) }},
		{"out", 7, func(o *one) string { return short(float64(o.Sent)) }},
	}...), vital, fair
}

// rate writes what may not be known.
func rate(n float64) string {
	if math.IsNaN(n) {
		return "-"
	}
	return short(n)
}

// age writes for how long a peer's oldest request waits, in at most six characters.
func age(o *one) string {
	const tenths, minutes, hours = 10 * time.Second, 100 * time.Second, 100 * time.Minute
	switch d := o.Oldest; {
	case o.Owes+o.Owed == 0:
		return "-"
	case d <= 0:
		return "?"
	case d < tenths:
		return fmt.Sprintf("%.1fs", d.Truncate(time.Second/10).Seconds())
	case d < minutes:
		return fmt.Sprintf("%.0fs", d.Truncate(time.Second).Seconds())
	case d < hours:
		return fmt.Sprintf("%.0fm", d.Truncate(time.Minute).Minutes())
	default:
		return short(d.Truncate(time.Hour).Hours()) + "h"
	}
}

// list are all peers: first those that let us wait for a reply, then those that wait for
// one of ours, then those at which most waits, and those that are idle last.
func (p *page) list(all []Socket, seconds float64) (list []one, requests bool) {
	known := p.moved
	p.moved = map[peerKey]moved{}
	for i := range all {
		s := &all[i]
		requests = requests || s.Kind.Traits().Replies
		for j := range s.Each {
			o := one{s.Name, &s.Each[j], "", math.NaN(), math.NaN()}
			key, now := peerKey{s.Name, o.Serial}, moved{o.Received, o.Sent}
			if before, ok := known[key]; ok && seconds > 0 {
				o.in, o.out = float64(now.received-before.received)/seconds, float64(now.sent-before.sent)/seconds
			}
			if len(p.moved) < mostRated {
				p.moved[key] = now
			}
			list = append(list, o)
		}
	}
	first := func(is bool) int {
		if is {
			return 0
		}
		return 1
	}
	slices.SortFunc(list, func(a, b one) int {
		return cmp.Or(cmp.Compare(first(a.hangs()), first(b.hangs())), cmp.Compare(b.held(), a.held()), cmp.Compare(b.waits(), a.waits()),
			cmp.Compare(first(a.moves()), first(b.moves())), cmp.Compare(a.socket, b.socket), cmp.Compare(a.Peer, b.Peer), bytes.Compare(a.ID, b.ID), cmp.Compare(a.Serial, b.Serial))
	})
	return list, requests
}

// peers are the lines of peers that there is room for.
func (p *page) peers(all []Socket, seconds float64, room int) []string {
	list, requests := p.list(all, seconds)
	const above = 2 // lines
	if len(list) == 0 || room < above+leastPeers {
		return nil
	}
	shown := list
	if room -= above; len(list) > room {
		shown = list[:room-1]
	}
	socket, width := len("socket"), leastName
	for i := range shown {
		shown[i].name = p.nameOf(&shown[i])
		width = max(width, min(view.Width(shown[i].name)+1, mostName))
		socket = max(socket, min(len(shown[i].socket), mostSocket))
	}
	figures, total := fitting(requests, p.columns-socket-2, width)
	width = max(min(width, p.columns-socket-2-total), leastName)
	lines := []string{"", p.heading(figures, socket, width)}
	for i := range shown {
		lines = append(lines, p.peer(&shown[i], figures, socket, width))
	}
	if rest := list[len(shown):]; len(rest) > 0 {
		lines = append(lines, p.paint("2", p.cut(others(rest))))
	}
	return lines
}

// fitting are the columns that there is room for beside a peer's name, which is so wide
// when it is whole, and their width.
func fitting(requests bool, room, name int) (shown []column, total int) {
	all, vital, fair := columnsOf(requests)
	for i, c := range all {
		least := min(goodName, name)
		switch {
		case i < vital:
			least = leastName
		case i < fair:
			least = min(fairName, name)
		}
		if room-total-c.width < least {
			break
		}
		shown, total = append(shown, c), total+c.width
	}
	return shown, total
}

// heading is the line above the peers.
func (p *page) heading(figures []column, socket, width int) string {
	text := fmt.Sprintf("%-*s  %-*s", socket, "socket", width, "peer")
	for _, c := range figures {
		text += fmt.Sprintf("%*s", c.width, c.head)
	}
	return p.paint("2", p.cut(text))
}

// peer is the line of a peer.
func (p *page) peer(o *one, figures []column, socket, width int) string {
	name := p.fitPeer(o, width-1)
	line := fmt.Sprintf("%-*s  ", socket, p.fit(o.socket, socket)) + name + strings.Repeat(" ", width-view.Width(name))
	text := ""
	for _, c := range figures {
		text += fmt.Sprintf("%*s", c.width, c.text(o))
	}
	return line + p.stand(text, o.held() > 0 || o.waits() > 0)
}

// others tells of peers that are not shown.
func others(rest []one) string {
	waits, requests := 0, 0
	for i := range rest {
		waits += rest[i].waits()
		requests += rest[i].Owes + rest[i].Owed
	}
	text := fmt.Sprintf("and %d more, at which ", len(rest))
	switch {
	case waits == 0 && requests == 0:
		return text + "nothing waits"
	case requests == 0:
		return text + short(float64(waits)) + " wait"
	case waits == 0:
		return text + short(float64(requests)) + " wait for a reply"
	}
	return text + fmt.Sprintf("%s wait, and %s for a reply", short(float64(waits)), short(float64(requests)))
}
