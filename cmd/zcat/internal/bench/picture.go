package bench

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/zcat/zcat/cmd/zcat/internal/say"
	"github.com/zcat/zcat/cmd/zcat/internal/svg"
)

// HasLatency reports whether it is a latency that a histogram can show.
func (r Result) HasLatency() bool { return r.latency != nil && r.latency.TotalCount() > 0 }

// The measures of a picture, in pixels: the bars of each result have a panel, with the
// percentiles above, each on a line of its own so that none hides another.
const (
	pictureMargin = 24
	pictureTitle  = 48 // above a panel
	pictureNames  = 90 // the lines of the percentiles
	pictureBars   = 180
	pictureAxis   = 44 // below
	pictureWidth  = 760
	pictureSlots  = 60 // bars
	plotWidth     = pictureWidth - 2*pictureMargin
	panelHeight   = pictureTitle + pictureNames + pictureBars + pictureAxis
)

const panelStyle = `.bar{fill:var(--a)}.axis{stroke:var(--dim);stroke-width:1}.tick{stroke:var(--dim);stroke-width:1;opacity:.3}` +
	`.mark{stroke:var(--b);stroke-width:1.2;stroke-dasharray:3 3}` +
	`.name{fill:var(--b);paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}`

// Picture draws a histogram of each latency among results, one below the other, in one
// picture in SVG. It is nil where there is none.
func Picture(results []Result) []byte {
	var with []Result
	for _, r := range results {
		if r.HasLatency() {
			with = append(with, r)
		}
	}
	if len(with) == 0 {
		return nil
	}
	var b bytes.Buffer
	svg.Open(&b, pictureWidth, len(with)*panelHeight+pictureMargin, "latency", panelStyle)
	for i, r := range with {
		r.panel(&b, i*panelHeight)
	}
	svg.Close(&b)
	return b.Bytes()
}

// scale is an axis of latencies on which equal ratios are equally wide.
type scale struct{ low, high float64 } // nanoseconds

// at returns the place of a latency, in pixels.
func (s scale) at(nanos float64) float64 {
	share := math.Log(max(nanos, s.low)/s.low) / math.Log(s.high/s.low)
	return pictureMargin + plotWidth*min(share, 1)
}

// scale returns the axis of a result: a little wider than what was measured.
func (r Result) scale() scale {
	const around = 1.05
	low, high := float64(max(r.latency.Min(), 1)), float64(max(r.latency.Max(), 1))
	return scale{low / around, high * around}
}

// panel draws the histogram of a latency below the line y.
func (r Result) panel(b *bytes.Buffer, y int) {
	s := r.scale()
	svg.Text(b, pictureMargin, y+24, "kind", fmt.Sprintf("%v latency, %s", r.Pair, say.Plural(r.Size, "byte")))
	counts, largest := r.counts(s)
	svg.Text(b, pictureMargin, y+42, "dim", cutText(fmt.Sprintf("%s at %.0f/s, the highest bar %.3g%%, %s",
		say.Plural(r.Messages, "round trip"), r.Rate(), 100*float64(largest)/float64(r.latency.TotalCount()), r.Endpoint)))
	top := y + pictureTitle + pictureNames
	floor := top + pictureBars
	r.axis(b, s, top, floor)
	bars(b, s, counts, largest, floor)
	r.marks(b, s, y+pictureTitle, floor)
}

// cutText cuts a text down to the width of a picture.
func cutText(text string) string {
	room := int(math.Floor(plotWidth / svg.Letter))
	if letters := []rune(text); len(letters) > room {
		return string(letters[:room-1]) + "…"
	}
	return text
}

// counts returns how many latencies each bar stands for, and the most of them.
func (r Result) counts(s scale) (counts [pictureSlots]int64, largest int64) {
	largest = 1
	for _, bar := range r.latency.Distribution() {
		if bar.Count == 0 {
			continue
		}
		share := (s.at(float64(bar.From+bar.To)/2) - pictureMargin) / plotWidth
		at := min(int(share*pictureSlots), pictureSlots-1)
		counts[at] += bar.Count
		largest = max(largest, counts[at])
	}
	return counts, largest
}

// bars draws the bars: the highest fills the panel, and what was seldom is seen still.
func bars(b *bytes.Buffer, s scale, counts [pictureSlots]int64, largest int64, floor int) {
	const least, between = 1.5, 1.5
	const slot = float64(plotWidth) / pictureSlots
	for i, n := range counts {
		if n == 0 {
			continue
		}
		height := max(float64(pictureBars)*float64(n)/float64(largest), least)
		from := math.Exp(math.Log(s.low) + math.Log(s.high/s.low)*float64(i)/pictureSlots)
		to := math.Exp(math.Log(s.low) + math.Log(s.high/s.low)*float64(i+1)/pictureSlots)
		fmt.Fprintf(b, `<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>`,
			pictureMargin+float64(i)*slot, float64(floor)-height, slot-between, height)
		svg.Escape(b, fmt.Sprintf("%s - %s: %s", short(from), short(to), say.Plural(uint64(n), "round trip")))
		b.WriteString("</title></rect>\n")
	}
}

// axis draws the line below the bars, and the round numbers of it.
func (r Result) axis(b *bytes.Buffer, s scale, top, floor int) {
	fmt.Fprintf(b, `<line class="axis" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", pictureMargin, floor, pictureMargin+plotWidth, floor)
	last := math.Inf(-1)
	for _, nanos := range ticks(s) {
		x := s.at(nanos)
		fmt.Fprintf(b, `<line class="tick" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`, x, top, x, floor)
		text := time.Duration(nanos).String()
		half := float64(len([]rune(text))) * svg.Letter / 2
		if x-half < last || x-half < 0 || x+half > pictureWidth {
			continue // it would touch the one before, or the edge
		}
		last = x + half + svg.Letter
		svg.Text(b, int(math.Round(x)), floor+18, "mid dim", text)
		b.WriteByte('\n')
	}
}

// ticks lists the round numbers of an axis: 1, 2 and 5 of each power of ten, or, where
// that leaves fewer than two, all digits of the finest power that there is room for.
func ticks(s scale) (list []float64) {
	for power := 1.0; power <= s.high; power *= 10 {
		for _, digit := range []float64{1, 2, 5} {
			if n := digit * power; n >= s.low && n <= s.high {
				list = append(list, n)
			}
		}
	}
	if len(list) >= 2 {
		return list
	}
	const most = 12
	step := math.Pow(10, math.Floor(math.Log10(max(s.high-s.low, 1))))
	for (s.high-s.low)/step > most {
		step *= 2
	}
	list = nil
	for n := math.Ceil(s.low/step) * step; n <= s.high; n += step {
		list = append(list, n)
	}
	return list
}

// marks draws where the percentiles are. A name stands on the side on which there is room,
// and in front of all lines, which would strike it out.
func (r Result) marks(b *bytes.Buffer, s scale, y, floor int) {
	const line, gap = 17, 5
	var names bytes.Buffer
	for i, p := range percentiles() {
		nanos := float64(r.latency.ValueAtPercentile(p))
		x, at := s.at(nanos), y+(i+1)*line
		fmt.Fprintf(b, `<line class="mark" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", x, at-line+gap, x, floor)
		text := percentileName(p) + " " + short(nanos)
		place, class := x+gap, "name"
		if place+float64(len([]rune(text)))*svg.Letter > pictureWidth {
			place, class = x-gap, "name end"
		}
		svg.Text(&names, int(math.Round(place)), at, class, text)
		names.WriteByte('\n')
	}
	b.Write(names.Bytes())
}
