package ladder

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/svg"
)

// The most that a picture has room for: more could not be read.
const (
	MaxRows    = 2000
	MaxParties = 30
)

// Picture draws one picture of all that was added, in SVG. The zero value is empty.
type Picture struct {
	Left uint64 // arrows for which there was no room

	exchanges *exchanges
	rows      []row
	parties   []string
	types     types
}

// Add adds an arrow.
func (p *Picture) Add(a Arrow) {
	if p.exchanges == nil {
		p.exchanges, p.types = newExchanges(), types{}
	}
	r := p.exchanges.rowOf(&a)
	p.types.note(a.From, a.To)
	if len(p.rows) == MaxRows || !p.admit(r.from, r.to) {
		p.Left++
		return
	}
	p.rows = append(p.rows, r)
}

// admit reports whether there is room for parties.
func (p *Picture) admit(names ...string) bool {
	list := p.parties
	for _, n := range names {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	if len(list) > MaxParties {
		return false
	}
	p.parties = list
	return true
}

// The measures of a picture, in pixels. The letters of its font are of one width.
const (
	svgMargin, svgTimes, svgHead = 16, 130, 64
	svgLane, svgRow              = 220, 30
	svgAgain                     = 48 // of the names that come again,
	svgPage                      = 25 // below so many rows: few windows show more
)

// level returns the height of a row, below the names that come again above it.
func level(row int) int { return svgHead + (row+1)*svgRow + row/svgPage*svgAgain }

// middleOf returns the place of a party's line.
func (p *Picture) middleOf(name string) int {
	return svgMargin + svgTimes + slices.Index(p.parties, name)*svgLane + svgLane/2
}

func (p *Picture) width() int { return 2*svgMargin + svgTimes + max(len(p.parties), 1)*svgLane }

// laneStyle is that of lanes and arrows.
const laneStyle = `.lane{stroke:var(--dim);stroke-width:1;opacity:.5}` +
	`.label{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}` +
	`.line{fill:none;stroke:var(--ink);stroke-width:1.4}.tip{fill:var(--ink)}.dots{stroke-dasharray:3 3}` +
	`.x0 .line{stroke:var(--a)}.x0 .tip,.x0 text{fill:var(--a)}.x1 .line{stroke:var(--b)}.x1 .tip,.x1 text{fill:var(--b)}` +
	`.x2 .line{stroke:var(--c)}.x2 .tip,.x2 text{fill:var(--c)}.x3 .line{stroke:var(--d)}.x3 .tip,.x3 text{fill:var(--d)}` +
	`.x4 .line{stroke:var(--e)}.x4 .tip,.x4 text{fill:var(--e)}`

// SVG returns the picture: one file that needs no other, without a script, whose text is
// escaped.
func (p *Picture) SVG() []byte {
	var b bytes.Buffer
	width, height := p.width(), level(max(len(p.rows)-1, 0))+svgRow+svgMargin
	svg.Open(&b, width, height, fmt.Sprintf("%d messages between %d parties", len(p.rows), len(p.parties)), laneStyle)
	for _, name := range p.parties {
		x := p.middleOf(name)
		fmt.Fprintf(&b, `<line class="lane" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", x, svgHead, x, height-svgMargin)
	}
	p.names(&b, svgHead-12, "")
	for i := range p.rows {
		if i > 0 && i%svgPage == 0 {
			p.names(&b, level(i)-svgRow-4, " label")
		}
		p.arrow(&b, i)
	}
	svg.Close(&b)
	return b.Bytes()
}

// names writes the names of the parties, down to the line y.
func (p *Picture) names(b *bytes.Buffer, y int, class string) {
	for _, name := range p.parties {
		x := p.middleOf(name)
		svg.Text(b, x, y-18, "mid kind"+class, p.types[name])
		svg.Text(b, x, y, "mid"+class, new(Text).fitEnd(name, columnsIn(svgLane-10)))
		b.WriteByte('\n')
	}
}

// arrow draws the row with a number.
func (p *Picture) arrow(b *bytes.Buffer, i int) {
	const tip, gap = 7, 6 // of an arrow, and between it and its label
	r := &p.rows[i]
	y := level(i)
	class := ""
	if r.number > 0 {
		class = fmt.Sprintf(` class="x%d"`, r.number%5)
	}
	fmt.Fprintf(b, "<g%s><title>", class)
	svg.Escape(b, r.label)
	b.WriteString("</title>")
	ago := ""
	switch {
	case r.time.IsZero():
	case i == 0:
		ago = r.time.Format("15:04:05.000")
	case !p.rows[i-1].time.IsZero():
		ago = since(r.time.Sub(p.rows[i-1].time))
	}
	svg.Text(b, svgMargin+80, y+4, "end dim", ago)
	svg.Text(b, svgMargin+90, y+4, "", r.mark())
	from, to := p.middleOf(r.from), p.middleOf(r.to)
	if from == to {
		svg.Text(b, from+gap, y+4, "label", fitTo(r.label, p.width()-svgMargin-from-gap))
		b.WriteString("</g>\n")
		return
	}
	line, back := "line", tip
	if r.style != solid {
		line += " dots"
	}
	if to > from {
		back = -tip
	}
	fmt.Fprintf(b, `<path class="%s" d="M%d %dH%d"/>`, line, from, y, to+back/2)
	if r.style == broken {
		fmt.Fprintf(b, `<path class="line" d="M%d %dl8 8m0 -8l-8 8"/>`, to+back-4, y-4)
	} else {
		fmt.Fprintf(b, `<path class="tip" d="M%d %dl%d -4v8z"/>`, to, y, back)
	}
	room := max(from, to) - min(from, to) - 4*tip
	svg.Text(b, (from+to)/2, y-gap, "mid label", fitTo(r.label, room))
	b.WriteString("</g>\n")
}

// fitTo cuts text down to so many pixels.
func fitTo(content string, pixels int) string { return new(Text).fit(content, columnsIn(pixels)) }

// columnsIn returns the number of letters that so many pixels have room for.
func columnsIn(pixels int) int { return max(int(float64(pixels)/svg.Letter), 1) }
