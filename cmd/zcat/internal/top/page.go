package top

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/view"
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
	moved map[peerKey]moved            // of peers, the same
}

const (
	nameWidth  = 20 // of a socket, with its type,
	shortName  = 8  // the least without, where the type gives way to figures,
	mostSocket = 12 // and the most
	leastName  = 10 // of a peer, beside the figures that say who is slow,
	fairName   = 20 // beside rates,
	goodName   = 40 // and beside all,
	mostName   = 50
	leastPeers = 3
)

// ofSocket are the widths of a socket's figures.
func ofSocket() [7]int { return [...]int{6, 9, 9, 8, 9, 9, 9} }

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
	lines = append(lines, p.peers(all, seconds, room)...)
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
	units := []string{"", "k", "M", "G", "T", "P", "E"}
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
