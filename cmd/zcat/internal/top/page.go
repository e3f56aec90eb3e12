package top

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
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

	wide  int  // columns of a socket's name,
	typed bool // which has the type behind it
	last  time.Time
	seen  map[string]sockets.SideStats // at the last time
}

const (
	nameWidth  = 20 // of a socket, with its type,
	shortName  = 8  // the least without, where the type gives way to figures,
	mostSocket = 12 // and the most
	leastName  = 10 // of a peer
	mostName   = 50
	leastPeers = 3
	figures    = 18 // columns of a peer's figures
)

// ofSocket are the widths of a socket's figures.
func ofSocket() [7]int { return [...]int{6, 9, 9, 8, 9, 9, 9} }

// ofPeer are those of a peer's.
func ofPeer() [2]int { return [...]int{figures / 2, figures / 2} }

// draw returns the page of what was read now: lines without an end.
func (p *page) draw(now time.Time, all []Socket) string {
	widths := ofSocket()
	p.measure(all, widths[:])
	head := p.whole([]string{"peers", "in/s", "out/s", "MB/s", "waiting", "queued", "dropped"}, widths[:], p.wide)
	lines := []string{p.paint("2", p.cut(fmt.Sprintf("%-*s", p.wide, "socket"))+head)}
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
	name := s.Name
	if p.typed {
		name += " " + s.Kind.String()
	}
	name = p.fit(name, p.wide-1)
	name = p.fit(name+strings.Repeat(" ", p.wide-view.Width(name)), p.columns)
	widths := ofSocket()
	figures := []string{strconv.Itoa(s.Peers), in, out, bytes, short(float64(s.Waiting)), short(float64(s.Queued)), short(float64(s.Dropped))}
	const rates = 4 // figures that say nothing of what waits
	line := name + p.whole(figures[:rates], widths[:rates], p.wide)
	return line + p.stand(p.whole(figures, widths[:], p.wide)[len(line)-len(name):], s.Waiting+s.Queued > 0)
}

// measure finds the columns of a socket's name: where the window has not room for all
// figures, the type gives way to them.
func (p *page) measure(all []Socket, figures []int) {
	full := nameWidth
	for _, width := range figures {
		full += width
	}
	if p.wide, p.typed = nameWidth, p.columns >= full; p.typed {
		return
	}
	p.wide = shortName
	for _, s := range all {
		p.wide = max(p.wide, min(view.Width(s.Name), mostSocket)+1)
	}
}

// stand makes figures stand out where something waits.
func (p *page) stand(figures string, waits bool) string {
	if !waits {
		return figures
	}
	return p.paint("33", figures)
}

// whole returns those figures that there is room for behind what is so wide: a part of a
// number would be another one.
func (p *page) whole(figures []string, widths []int, wide int) string {
	var b strings.Builder
	for i, f := range figures {
		if wide += widths[i]; wide > p.columns {
			break
		}
		fmt.Fprintf(&b, "%*s", widths[i], f)
	}
	return b.String()
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
	const above = 2 // lines
	if len(list) == 0 || room < above+leastPeers {
		return nil
	}
	slices.SortFunc(list, func(a, b one) int {
		return cmp.Or(cmp.Compare(b.Waiting+b.Queued, a.Waiting+a.Queued), cmp.Compare(a.socket, b.socket),
			cmp.Compare(a.Peer, b.Peer), bytes.Compare(a.ID, b.ID))
	})
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
	width = max(min(width, p.columns-socket-2-figures), leastName)
	widths := ofPeer()
	head := p.cut(fmt.Sprintf("%-*s  %-*s", socket, "socket", width, "peer"))
	lines := []string{"", p.paint("2", head+p.whole([]string{"waiting", "queued"}, widths[:], socket+2+width))}
	for _, o := range shown {
		name := p.fitPeer(&o, width-1)
		line := fmt.Sprintf("%-*s  ", socket, p.fit(o.socket, socket)) + name + strings.Repeat(" ", width-view.Width(name))
		waits := p.whole([]string{short(float64(o.Waiting)), short(float64(o.Queued))}, widths[:], view.Width(line))
		lines = append(lines, line+p.stand(waits, o.Waiting+o.Queued > 0))
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
	name := addressOf(o)
	if id := o.ID; len(id) > 0 {
		name += " " + view.Printable(frames.FormatBytes(id[:min(len(id), longest)]))
	}
	if !o.Connected {
		name += " (not connected)"
	}
	return name
}

// addressOf is where a peer is.
func addressOf(o *one) string { return view.Printable(strings.TrimPrefix(o.Peer, "tcp://")) }

// fitPeer cuts a peer's name down to a number of columns: its address is the last to go,
// and of that the end, where its port is.
func (p *page) fitPeer(o *one, columns int) string {
	address := addressOf(o)
	if view.Width(o.name) <= columns || view.Width(address) < columns-shortName {
		return p.fit(o.name, columns)
	}
	if p.ascii {
		address = plain(address)
	}
	if view.Width(address) <= columns {
		return address
	}
	more := p.more()
	runes := []rune(address)
	for len(runes) > 0 && view.Width(string(runes))+view.Width(more) > columns {
		runes = runes[1:]
	}
	return more + string(runes)
}

// more stands for what was cut.
func (p *page) more() string {
	if p.ascii {
		return "..."
	}
	return "…"
}

// plain is text without what a plain terminal does not show.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, text)
}

// fit cuts text down to a number of columns.
func (p *page) fit(text string, columns int) string {
	if p.ascii {
		text = plain(text)
	}
	if view.Width(text) <= columns {
		return text
	}
	more := p.more()
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
