package ladder

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/zcat/zcat/cmd/zcat/internal/view"
)

// Text draws for a terminal, or for a file that is read on one. It serves one goroutine
// at a time.
type Text struct {
	Width int // columns
	Color bool
	ASCII bool // the terminal shows no other characters

	exchanges *exchanges
	waiting   []row // that come before the first head
	lanes     []lane
	types     types
	turn      int // rows drawn, for what was used last
	below     int // rows below the last head
	last      time.Time
	moved     bool // the lanes are others than in the last head
	drawn     int  // the width of that

	above, heading string // the types and the names of the lanes in that
}

// lane is a column.
type lane struct {
	name string
	used int
}

const (
	gutter    = 15 // columns of the time and the number
	leastLane = 14 // columns between two lanes,
	mostLane  = 40
	// perHead is the number of rows below a head, so that there is one on each screen.
	perHead = 20
	// maxWaiting is the number of rows that are looked at for their parties before the
	// first head is written.
	maxWaiting = 100
	leastWidth = gutter + 2*leastLane
)

// types remembers the socket types of parties.
type types map[string]string

// maxTypes bounds them.
const maxTypes = 4096

func (t types) note(parties ...Party) (news bool) {
	for _, p := range parties {
		if n := name(p); p.Type != "" && t[n] != view.Printable(cut(p.Type)) && (len(t) < maxTypes || t[n] != "") {
			t[n], news = view.Printable(cut(p.Type)), true
		}
	}
	return news
}

// Append draws an arrow, in whole lines. The first are drawn later.
func (t *Text) Append(dst []byte, a Arrow) []byte {
	if t.exchanges == nil {
		t.exchanges, t.types = newExchanges(), types{}
	}
	r := t.exchanges.rowOf(&a)
	if news := t.types.note(a.From, a.To); news && t.has(r.from) && t.has(r.to) {
		t.moved = true
	}
	if t.lanes == nil {
		if t.waiting = append(t.waiting, r); len(t.waiting) < maxWaiting {
			return dst
		}
		return t.Flush(dst)
	}
	return t.draw(dst, &r)
}

// Flush draws what was not drawn yet.
func (t *Text) Flush(dst []byte) []byte {
	for _, r := range t.waiting {
		for _, n := range []string{r.from, r.to} {
			if !t.has(n) && len(t.lanes) < t.room() {
				t.lanes = append(t.lanes, lane{name: n})
				t.moved = true
			}
		}
	}
	for i := range t.waiting {
		dst = t.draw(dst, &t.waiting[i])
	}
	t.waiting = nil
	return dst
}

func (t *Text) width() int { return max(t.Width, leastWidth) }

// room returns the number of lanes that there is room for.
func (t *Text) room() int { return (t.width() - gutter) / leastLane }

func (t *Text) has(name string) bool {
	return slices.ContainsFunc(t.lanes, func(l lane) bool { return l.name == name })
}

// place returns the lane of a party. Where there is no room for another, that takes the
// place of the one that was not used the longest.
func (t *Text) place(name, beside string) int {
	at := slices.IndexFunc(t.lanes, func(l lane) bool { return l.name == name })
	if at < 0 {
		t.moved = true
		if len(t.lanes) < t.room() {
			at, t.lanes = len(t.lanes), append(t.lanes, lane{name: name})
		} else {
			for i := range t.lanes {
				if t.lanes[i].name != beside && (at < 0 || t.lanes[i].used < t.lanes[at].used) {
					at = i
				}
			}
			t.lanes[at].name = name
		}
	}
	t.lanes[at].used = t.turn
	return at
}

// middle returns the column of a lane.
func (t *Text) middle(lane int) int {
	step := t.step()
	return gutter + lane*step + step/2
}

// step returns the columns from one lane to the next.
func (t *Text) step() int { return min((t.width()-gutter)/max(len(t.lanes), 1), mostLane) }

// draw draws a row, with a head above where that is due.
func (t *Text) draw(dst []byte, r *row) []byte {
	if t.room() < len(t.lanes) { // the window has become smaller
		t.lanes, t.moved = t.lanes[:t.room()], true
	}
	t.turn++
	from := t.place(r.from, r.to)
	to := t.place(r.to, r.from)
	if t.moved || t.below == perHead || t.width() != t.drawn {
		dst = t.head(dst, r)
		t.moved, t.below, t.drawn = false, 0, t.width()
	}
	t.below++
	ago := ""
	switch {
	case r.time.IsZero():
	case t.last.IsZero():
		ago = "0"
	default:
		ago = since(r.time.Sub(t.last))
	}
	if !r.time.IsZero() {
		t.last = r.time
	}
	if t.ASCII {
		ago = strings.ReplaceAll(ago, "µ", "u")
	}
	const times, marks = 8, 5 // columns
	dst = t.paint(dst, "2", blanks(times-utf8.RuneCountInString(ago))+ago+" ")
	mark := r.mark()
	dst = t.paint(dst, colour(r.number), mark+blanks(marks-len(mark)))
	return t.arrow(dst, r, from, to)
}

// blanks returns so many blanks.
func blanks(n int) string {
	const some = "               "
	return some[:min(max(n, 0), len(some))]
}

// colour returns the terminal's code for the colour of an exchange.
func colour(number int) string {
	if number <= 0 {
		return ""
	}
	return [...]string{"36", "33", "32", "35", "34"}[number%5]
}

// paint appends text in a colour.
func (t *Text) paint(dst []byte, code, text string) []byte {
	if !t.Color || code == "" {
		return append(dst, text...)
	}
	return append(dst, "\x1b["+code+"m"+text+"\x1b[0m"...)
}

// strokes are what is drawn with.
type strokes struct{ bar, line, dots, right, left, gone, more string }

func (t *Text) strokes() strokes {
	if t.ASCII {
		return strokes{"|", "-", ".", ">", "<", "x", "..."}
	}
	return strokes{"│", "─", "╌", "▶", "◀", "×", "…"}
}

// arrow draws the lanes, and the arrow from one to another.
func (t *Text) arrow(dst []byte, r *row, from, to int) []byte {
	s := t.strokes()
	at := gutter - 1
	bars := func(first, last int) { // of the lanes from first on, before last
		for i := first; i < last; i++ {
			dst = repeat(dst, " ", t.middle(i)-at)
			dst = t.paint(dst, "2", s.bar)
			at = t.middle(i) + 1
		}
	}
	left, right := min(from, to), max(from, to)
	bars(0, left+1)
	code := colour(r.number)
	if left == right {
		// To oneself, or between two that are not known.
		text := t.fit(" "+r.label, t.width()-at)
		return append(t.paint(dst, code, text), '\n')
	}
	line := s.line
	if r.style != solid {
		line = s.dots
	}
	head, tail := s.right, line
	if r.style == broken {
		head = s.gone
	}
	room := t.middle(right) - at
	const ends = 2 // columns of the arrow's two ends; two more set the label off, where there is room
	text, width := t.fitted(r.label, room-ends)
	blank := ""
	if width+2 <= room-ends {
		blank = " "
	}
	pad := max(room-ends-2*len(blank)-width, 0)
	if t.Color && code != "" {
		dst = append(append(append(dst, "\x1b["...), code...), 'm')
	}
	if from < to {
		dst = append(append(append(append(dst, tail...), blank...), text...), blank...)
		dst = append(repeat(dst, line, pad), head...)
	} else {
		if r.style != broken {
			head = s.left
		}
		dst = append(repeat(append(dst, head...), line, pad), blank...)
		dst = append(append(append(dst, text...), blank...), tail...)
	}
	if t.Color && code != "" {
		dst = append(dst, "\x1b[0m"...)
	}
	at = t.middle(right)
	bars(right, len(t.lanes))
	return append(dst, '\n')
}

// repeat appends text so many times.
func repeat(dst []byte, text string, times int) []byte {
	for range times {
		dst = append(dst, text...)
	}
	return dst
}

// fit cuts text down to a number of columns.
func (t *Text) fit(text string, columns int) string {
	text, _ = t.fitted(text, columns)
	return text
}

// fitted is fit, with the columns that are left of the text.
func (t *Text) fitted(text string, columns int) (short string, width int) {
	if t.ASCII {
		text = ascii(text)
	}
	if width = view.Width(text); width <= columns {
		return text, width
	}
	more, dots := t.strokes().more, 1
	if t.ASCII {
		dots = len(more)
	}
	room, kept := columns-dots, 0
	if room >= 0 && width == len(text) { // in ASCII each byte has a column
		return text[:room] + more, columns
	}
	width = dots
	for rest, state := text, -1; rest != ""; {
		var cluster string
		var columns int
		cluster, rest, columns, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if room -= columns; room < 0 {
			break
		}
		kept += len(cluster)
		width += columns
	}
	return text[:kept] + more, width
}

// ascii writes text without what a plain terminal does not show.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, text)
}

// head writes the names of the lanes, and when the row below was.
func (t *Text) head(dst []byte, r *row) []byte {
	if t.turn > 1 {
		dst = append(dst, '\n')
	}
	clock := ""
	if !r.time.IsZero() {
		clock = r.time.Format("15:04:05.000")
	}
	if t.moved || t.width() != t.drawn {
		t.above = ""
		if slices.ContainsFunc(t.lanes, func(l lane) bool { return t.types[l.name] != "" }) {
			t.above = t.names(func(l lane) string { return t.types[l.name] })
		}
		t.heading = t.names(func(l lane) string { return l.name })
	}
	if t.above != "" {
		dst = append(t.paint(dst, "1", blanks(gutter)+t.above), '\n')
	}
	return append(t.paint(dst, "1", clock+blanks(gutter-len(clock))+t.heading), '\n')
}

// names returns a line of names behind the gutter, each in the middle of its lane.
func (t *Text) names(of func(lane) string) string {
	const between = 1
	line, at := "", gutter
	for i, l := range t.lanes {
		text := of(l)
		text = t.fitEnd(text, t.step()-between)
		begin := max(t.middle(i)-view.Width(text)/2, at)
		line += strings.Repeat(" ", begin-at) + text
		at = begin + view.Width(text)
	}
	return strings.TrimRight(line, " ")
}

// fitEnd keeps the end of a name, where its port is.
func (t *Text) fitEnd(text string, columns int) string {
	if t.ASCII {
		text = ascii(text)
	}
	if view.Width(text) <= columns {
		return text
	}
	more := t.strokes().more
	for state := -1; text != "" && view.Width(text) > columns-view.Width(more); {
		_, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
	}
	return more + text
}
