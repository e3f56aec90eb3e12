package top

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

// page is what is drawn.
type page struct {
	columns, rows int
	colour, ascii bool

	last time.Time
	seen map[string]sockets.SideStats // at the last time
}

const (
	nameWidth  = 20 // of a socket, with its type,
	mostSocket = 12 // and without
	leastName  = 10 // of a peer
	mostName   = 50
	leastPeers = 3
	figures    = 18 // columns of a peer's figures
)

// draw returns the page of what was read now: lines without an end.
func (p *page) draw(now time.Time, all []Socket) string {
	lines := []string{p.paint("2", p.cut(fmt.Sprintf("%-*s%6s%9s%9s%8s%9s%9s%9s", nameWidth, "socket", "peers", "in/s", "out/s", "MB/s", "waiting", "queued", "dropped")))}
	seconds := now.Sub(p.last).Seconds()
	known := p.seen
	p.seen, p.last = map[string]sockets.SideStats{}, now
	for _, s := range all {
		before, ok := known[s.Name]
		p.seen[s.Name] = s.SideStats
		lines = append(lines, p.socket(&s, before, seconds, ok && seconds > 0))
	}
	room := p.rows - len(lines)
	lines = append(lines, p.peers(all, room)...)
	return strings.Join(lines[:max(min(len(lines), p.rows), 1)], "\n")
}

// socket is the line of a socket, which was known before where its rates can be told.
func (p *page) socket(s *Socket, before sockets.SideStats, seconds float64, known bool) string {
	in, out, bytes := "-", "-", "-"
	if known {
		rate := func(now, then uint64) float64 { return float64(now-then) / seconds }
		in, out = short(rate(s.Received, before.Received)), short(rate(s.Sent, before.Sent))
		const mega = 1e6
		bytes = fmt.Sprintf("%.1f", rate(s.ReceivedBytes+s.SentBytes, before.ReceivedBytes+before.SentBytes)/mega)
	}
	line := fmt.Sprintf("%-*s%6d%9s%9s%8s", nameWidth, p.fit(s.Name+" "+s.Kind.String(), nameWidth-1), s.Peers, in, out, bytes)
	return p.tail(line, fmt.Sprintf("%9s%9s%9s", short(float64(s.Waiting)), short(float64(s.Queued)), short(float64(s.Dropped))), s.Waiting+s.Queued > 0)
}

// tail ends a line with figures, which stand out where something waits.
func (p *page) tail(line, figures string, waits bool) string {
	figures = p.whole(figures, view.Width(line))
	if !waits {
		return p.fit(line, p.columns) + figures
	}
	return p.fit(line, p.columns) + p.paint("33", figures)
}

// whole returns those figures, each of nine columns, that there is room for behind what is
// so wide: a part of a number would be another one.
func (p *page) whole(figures string, wide int) string {
	const each = 9
	room := max(p.columns-wide, 0) / each * each
	return figures[:min(len(figures), room)]
}

// one is a peer of a socket.
type one struct {
	socket string
	*sockets.PeerStats
	name string
}

// peers are the lines of peers that there is room for: those first at which most waits.
func (p *page) peers(all []Socket, room int) []string {
	var list []one
	for i := range all {
		for j := range all[i].Each {
			peer := &all[i].Each[j]
			list = append(list, one{all[i].Name, peer, ""})
		}
	}
	const head = 2 // lines above
	if len(list) == 0 || room < head+leastPeers {
		return nil
	}
	slices.SortFunc(list, func(a, b one) int {
		return cmp.Or(cmp.Compare(b.Waiting+b.Queued, a.Waiting+a.Queued), cmp.Compare(a.socket, b.socket),
			cmp.Compare(a.Peer, b.Peer), bytes.Compare(a.ID, b.ID))
	})
	shown := list
	if room -= head; len(list) > room {
		shown = list[:room-1]
	}
	socket, width := len("socket"), leastName
	for i := range shown {
		shown[i].name = p.nameOf(&shown[i])
		width = max(width, min(view.Width(shown[i].name)+1, mostName))
		socket = max(socket, min(len(shown[i].socket), mostSocket))
	}
	width = max(min(width, p.columns-socket-2-figures), leastName)
	lines := []string{"", p.paint("2", p.cut(fmt.Sprintf("%-*s  %-*s%9s%9s", socket, "socket", width, "peer", "waiting", "queued")))}
	for _, o := range shown {
		name := p.fit(o.name, width-1)
		line := fmt.Sprintf("%-*s  ", socket, p.fit(o.socket, socket)) + name + strings.Repeat(" ", width-view.Width(name))
		figures := fmt.Sprintf("%9s%9s", short(float64(o.Waiting)), short(float64(o.Queued)))
		figures = p.whole(figures, view.Width(line))
		if o.Waiting+o.Queued > 0 {
			figures = p.paint("33", figures)
		}
		lines = append(lines, line+figures)
	}
	if len(shown) < len(list) {
		rest, waits := list[len(shown):], 0
		for _, o := range rest {
			waits += o.Waiting + o.Queued
		}
		text := fmt.Sprintf("and %d more, at which nothing waits", len(rest))
		if waits > 0 {
			text = fmt.Sprintf("and %d more, at which %s wait", len(rest), short(float64(waits)))
		}
		lines = append(lines, p.paint("2", p.cut(text)))
	}
	return lines
}

// nameOf names a peer: where it is, and the routing id that it has.
func (p *page) nameOf(o *one) string {
	const longest = 40
	name := view.Printable(strings.TrimPrefix(o.Peer, "tcp://"))
	if id := o.ID; len(id) > 0 {
		name += " " + view.Printable(frames.FormatBytes(id[:min(len(id), longest)]))
	}
	if !o.Connected {
		name += " (not connected)"
	}
	return name
}

// fit cuts text down to a number of columns.
func (p *page) fit(text string, columns int) string {
	if p.ascii {
		text = strings.Map(func(r rune) rune {
			if r > 0x7e {
				return '?'
			}
			return r
		}, text)
	}
	if view.Width(text) <= columns {
		return text
	}
	more := "…"
	if p.ascii {
		more = "..."
	}
	runes := []rune(text)
	for len(runes) > 0 && view.Width(string(runes))+view.Width(more) > columns {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + more
}

// cut cuts text in ASCII down to the width of the terminal.
func (p *page) cut(text string) string { return text[:min(len(text), max(p.columns, 0))] }

// paint returns text in a colour.
func (p *page) paint(code, text string) string {
	if !p.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// short writes a number in at most six characters.
func short(n float64) string {
	units := []string{"", "k", "M", "G", "T"}
	const most = 9999.5
	at := 0
	for ; n >= most && at < len(units)-1; at++ {
		n /= 1000
	}
	if at > 0 && n < 999.5 {
		return fmt.Sprintf("%.1f%s", n, units[at])
	}
	return fmt.Sprintf("%.0f%s", n, units[at])
}
