package view

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// looksLikeText reports whether bytes are shown as text: UTF-8 except for a few
// bytes, and few control characters, none of them NUL.
func looksLikeText(frame []byte) bool {
	frame = head(frame)
	if printable(frame) {
		return true
	}
	good, bad := 0, 0
	for len(frame) > 0 {
		r, n := utf8.DecodeRune(frame)
		frame = frame[n:]
		switch {
		case r == 0:
			return false
		case r == utf8.RuneError && n == 1, r < 0x20 && strings.IndexByte("\t\n\r\x1b", byte(r)) < 0, r == 0x7f:
			bad++
		default:
			good++
		}
	}
	return bad*3 <= good
}

// head returns the part of a frame that is examined, cut between two characters.
func head(frame []byte) []byte { return cutAt(frame, maxLook) }

// cutAt returns at most so many bytes of text, cut between two characters.
func cutAt(frame []byte, most int) []byte {
	if len(frame) <= most {
		return frame
	}
	cut := most
	for back := 0; back < utf8.UTFMax && !utf8.RuneStart(frame[cut]); back++ {
		cut--
	}
	return frame[:cut]
}

// text shows the beginning of text, broken where it has line feeds and where the
// line is full. It reports whether that was all of it.
func (p *page) text(r role, text []byte) bool {
	rest := p.part(text)
	whole := len(rest) == len(text)
	p.mark(r, barText)
	l := line{page: p, room: p.room(), left: maxLines - 1}
	for state := -1; len(rest) > 0; {
		if rest[0] == '\n' && len(rest) > 1 {
			if !l.next(barText) {
				break
			}
			rest, state = rest[1:], -1
			continue
		}
		if n := simple(rest); n > 0 { // as much of it as fits, at once
			if l.at >= l.room && !l.next(barRest) {
				break
			}
			n = min(n, max(l.room-l.at, 1))
			if !l.fits(n) {
				break
			}
			l.putBytes(stylePlain, rest[:n])
			l.at += n
			rest, state = rest[n:], -1
			continue
		}
		var (
			cluster []byte
			columns int
		)
		before := rest
		cluster, rest, columns, state = uniseg.FirstGraphemeCluster(rest, state)
		if string(cluster) == "\r\n" { // which counts as one, and would hide a break
			cluster, rest, state = cluster[:1], before[1:], -1
		}
		if p.shows(string(cluster)) {
			if !l.add(stylePlain, string(cluster), columns) {
				rest = before
				break
			}
		} else if !l.addASCII(escaped(string(cluster))) {
			rest = before
			break
		}
	}
	p.end()
	return whole && len(rest) == 0
}

// line is the line of text that is being written.
type line struct {
	*page
	room, at int // columns: in all, and used
	left     int // lines that may follow
}

// next begins another line, if one may follow.
func (l *line) next(bar string) bool {
	if l.left == 0 && !l.full {
		return false
	}
	l.end()
	l.begin(stylePlain, "", bar)
	l.at = 0
	l.left--
	return true
}

// add puts text where there is room for all of it.
func (l *line) add(s style, text string, columns int) bool {
	if !l.fits(columns) {
		return false
	}
	l.put(s, text)
	l.at += columns
	return true
}

// fits makes room for so many columns, on another line where there is none on this one.
func (l *line) fits(columns int) bool {
	return l.at == 0 || l.at+columns <= l.room || l.next(barRest)
}

// addASCII puts the escapes of one character, which stay together where a line
// has room for them.
func (l *line) addASCII(text string) bool {
	for len(text) > l.room {
		if !l.add(styleEscape, text[:l.room], l.room) {
			return false
		}
		text = text[l.room:]
	}
	return l.add(styleEscape, text, len(text))
}

// simple returns the number of ASCII characters that text begins with, with which nothing
// is combined.
func simple(text []byte) int {
	for i, c := range text {
		switch {
		case c >= 0x20 && c < 0x7f:
		case c < 0x7f:
			return i
		default:
			return max(i-1, 0) // what comes may belong to the last one
		}
	}
	return len(text)
}

// printable is plainASCII of bytes.
func printable(text []byte) bool {
	for _, c := range text {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// plainASCII reports whether text is printable ASCII: what needs no further look.
func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return false
		}
	}
	return true
}

// maxCluster is the most bytes that a character, with all that is combined with it,
// may have to count as one: the longest emoji are shorter, and what is longer would
// cover the lines above and below.
const maxCluster = 40

// harmless reports whether a terminal takes a cluster for printable text and
// nothing else. What joins the parts of an emoji or of a script is harmless
// inside one only.
func harmless(cluster string) bool {
	if len(cluster) > maxCluster || !utf8.ValidString(cluster) {
		return false
	}
	const (
		nonJoiner, joiner = 0x200c, 0x200d
		flag              = 0x1f3f4 // what the tags of a region's flag follow
		firstTag, lastTag = 0xe0020, 0xe007f
		wideSpace         = 0x3000
	)
	base, first := rune(0), true
	for _, r := range cluster {
		switch {
		case strconv.IsPrint(r), r == wideSpace:
		case !first && (r == joiner || r == nonJoiner) && base > 0x7f:
		case base == flag && r >= firstTag && r <= lastTag:
		default:
			return false
		}
		if first {
			base, first = r, false
		}
	}
	return true
}

// escaped writes what is not harmless in ASCII, as in a Go string.
func escaped(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// part returns the part of a frame that is shown.
func (p *page) part(frame []byte) []byte {
	if p.full {
		return frame
	}
	return head(frame)
}

// shows reports whether a cluster can be shown as it is.
func (p *page) shows(cluster string) bool {
	return harmless(cluster) && (!p.ascii || isASCII(cluster))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// plain returns a line of text without what could steer the terminal, or what it does
// not know.
func (p *page) plain(text string) string {
	text = Printable(text)
	if p.ascii && !isASCII(text) {
		return escaped(text)
	}
	return text
}

// Printable returns a line of text without what could steer a terminal.
func Printable(text string) string {
	if plainASCII(text) || harmless(text) {
		return text
	}
	var b strings.Builder
	for state, rest := -1, text; rest != ""; {
		var cluster string
		if cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state); !harmless(cluster) {
			cluster = escaped(cluster)
		}
		b.WriteString(cluster)
	}
	return b.String()
}

// Inline returns the beginning of a frame, at most so many bytes of it, in one line without
// what could steer a terminal: text with its line feeds and the like escaped, all else in hex.
func Inline(frame []byte, most int) string {
	part := cutAt(frame, most)
	if !bytes.HasPrefix(part, []byte(hexPrefix)) && looksLikeText(part) {
		return Printable(string(part))
	}
	return hexPrefix + hex.EncodeToString(part)
}

// hexPrefix begins bytes that are written in hex.
const hexPrefix = "hex:"

// width returns the number of columns that harmless text takes.
func width(text string) int {
	if plainASCII(text) {
		return len(text)
	}
	return uniseg.StringWidth(text)
}

// Width returns the number of columns that printable text takes.
func Width(text string) int { return width(text) }

// fitEnd cuts text down to a number of columns, keeping its end.
func (p *page) fitEnd(text string, columns int) string {
	total := width(text)
	if total <= columns {
		return text
	}
	dots := "…"
	if p.ascii {
		dots = "..."
	}
	if over := total - columns + width(dots); over < len(text) && plainASCII(text) {
		return dots + text[over:]
	}
	for state := -1; text != "" && total > columns-width(dots); {
		var less int
		_, text, less, state = uniseg.FirstGraphemeClusterInString(text, state)
		total -= less
	}
	return dots + text
}
