package view

import "strings"

// page collects the lines of one message.
type page struct {
	dst    []byte
	width  int
	gutter int
	color  bool
	name   string // a short one, of the peer
	full   bool   // nothing is cut
	ascii  bool   // only such characters are shown
	clock  *clock
}

// What stands in front of a frame's content.
const (
	barText  = "│ "
	barRest  = "↳ "
	barHex   = "┆ "
	barEmpty = "├─ "
)

// bar returns a bar as the terminal shows it.
func (p *page) bar(b string) string {
	if !p.ascii {
		return b
	}
	return map[string]string{barText: "| ", barRest: "> ", barHex: ": ", barEmpty: "+- "}[b]
}

// more begins a note about what is not shown.
func (p *page) more() string {
	if p.ascii {
		return "... "
	}
	return "… "
}

// style is a way to colour text.
type style uint8

const (
	stylePlain style = iota
	styleHead
	stylePeer
	styleNote
	styleRemark
	styleEscape
	styleBar
	styleMark
	styleID
	styleTopic
	styleEnd
)

// sgr returns the terminal's code for a style: only the eight colours that every
// terminal has and every theme makes readable.
func (s style) sgr() string {
	return [...]string{
		stylePlain: "", styleHead: "2", stylePeer: "1", styleNote: "2", styleRemark: "33", styleEscape: "35",
		styleBar: "2", styleMark: "2", styleID: "36", styleTopic: "32", styleEnd: "31",
	}[s]
}

// ofRole returns the style of a frame's mark.
func ofRole(r role) style {
	return [...]style{
		body: stylePlain, id: styleID, delimiter: styleMark, topic: styleTopic, subscribe: styleTopic, unsubscribe: styleEnd,
	}[r]
}

// put appends text that is harmless.
func (p *page) put(s style, text string) {
	if code := s.sgr(); p.color && code != "" && text != "" {
		p.dst = append(p.dst, "\x1b["+code+"m"+text+"\x1b[0m"...)
		return
	}
	p.dst = append(p.dst, text...)
}

// put2 appends two texts as one.
func (p *page) put2(s style, text, more string) {
	if p.color {
		p.put(s, text+more)
		return
	}
	p.dst = append(append(p.dst, text...), more...)
}

// putBytes appends text that is harmless.
func (p *page) putBytes(s style, text []byte) {
	if p.color && s.sgr() != "" {
		p.put(s, string(text))
		return
	}
	p.dst = append(p.dst, text...)
}

// end ends a line.
func (p *page) end() { p.dst = append(p.dst, '\n') }

// The columns before the gutter, and those of a bar with the spaces around it.
const (
	margin   = 2
	barWidth = 3
)

// room returns the number of columns of a line of content.
func (p *page) room() int { return p.width - margin - p.gutter - barWidth }

// mark begins the first line of a frame: its mark, then a bar.
func (p *page) mark(r role, bar string) {
	p.begin(ofRole(r), r.word(), bar)
}

// remark shows a frame of which there is nothing to show but what it is.
func (p *page) remark(r role, bar, text string) {
	p.mark(r, bar)
	p.put(styleNote, text)
	p.end()
}

// begin begins a line with a word in the gutter, and a bar behind it.
func (p *page) begin(s style, word, bar string) {
	for range margin + p.gutter - len(word) {
		p.dst = append(p.dst, ' ')
	}
	p.put(s, word)
	p.dst = append(p.dst, ' ')
	if bar == "" {
		bar = "  "
	} else {
		bar = p.bar(bar)
	}
	p.put(styleBar, bar)
}

// note writes a remark of zcat's, in as many lines as it needs.
func (p *page) note(s style, text string) {
	indent := strings.Repeat(" ", margin+p.gutter+1)
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(indent)+width(line)+1+width(word) > p.width {
			p.dst = append(p.dst, indent...)
			p.put(s, line)
			p.end()
			line, word = "", "  "+word
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.dst = append(p.dst, indent...)
	p.put(s, line)
	p.end()
}
