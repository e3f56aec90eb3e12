package frames

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/internal/vector"
)

// jsonStops are the bytes that do not stand as they are in a JSON string, and those of
// characters above ASCII.
var jsonStops = vector.NewStops('"', '\\', ' ') //nolint:gochecknoglobals // a table that is only read

// AppendJSONString appends s to dst as a JSON string. Bytes that are no UTF-8
// become the replacement character.
func AppendJSONString(dst []byte, s string) []byte {
	start := len(dst)
	dst, ok := appendQuoted(dst, []byte(s))
	if !ok {
		dst, _ = appendQuoted(dst[:start], []byte(strings.ToValidUTF8(s, "\ufffd")))
	}
	return dst
}

// appendQuoted appends text to dst as a JSON string. It reports false where text is
// no UTF-8; the caller then has to cut off what it appended.
func appendQuoted(dst, text []byte) ([]byte, bool) {
	n := len(dst) + 1
	dst = slices.Grow(dst, len(text)+2)
	out := dst[:cap(dst)]
	out[n-1] = '"'
	i := vector.CopyUntil(out[n:], text, jsonStops)
	if i < len(text) {
		return appendEscaped(out[:n+i], text[i:])
	}
	out[n+i] = '"'
	return out[:n+i+1], true
}

// appendEscaped is appendQuoted from the first byte on that is no plain ASCII.
func appendEscaped(dst, text []byte) ([]byte, bool) {
	if !utf8.Valid(text) {
		return dst, false
	}
	const room = 2 * wordLen // for a word or an escape, and the last quote
	if len(text) > pieceSize {
		dst = slices.Grow(dst, escapedLen(text)+room) // once, not in steps of a half more
	}
	out, n := dst[:cap(dst)], len(dst)
	for i := 0; i < len(text); {
		if len(out)-n < room {
			out = slices.Grow(out[:n], len(text)-i+room)
			out = out[:cap(out)]
		}
		if i+wordLen <= len(text) {
			x := loadWord(text, i)
			storeWord(out, n, x)
			m := special(x)
			plain := bits.TrailingZeros64(m) / wordLen // eight where m is 0
			i += plain
			n += plain
			if m == 0 {
				continue
			}
		} else if !isSpecial(text[i]) {
			out[n] = text[i]
			i++
			n++
			continue
		}
		n += putEscape(out[n:], text[i])
		i++
	}
	return append(out[:n], '"'), true
}

// escapedLen returns the length of text with its escapes.
func escapedLen(text []byte) int {
	n := len(text)
	var escape [8]byte
	for _, c := range text {
		if isSpecial(c) {
			n += putEscape(escape[:], c) - 1
		}
	}
	return n
}

// putEscape writes the escape of one special byte and returns its length.
func putEscape(out []byte, c byte) int {
	const short = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu" // by control character
	out[0] = '\\'
	if c >= ' ' {
		out[1] = c
		return 2
	}
	out[1] = short[c]
	if out[1] != 'u' {
		return 2
	}
	const digits = "0123456789abcdef"
	out[2], out[3], out[4], out[5] = '0', '0', digits[c>>4], digits[c&0x0f]
	return 6
}

// scanString finds the first special byte from src[at] on. There must be one in
// reach. ascii says that all bytes before it are ASCII.
func scanString(src []byte, at int) (end int, ascii bool) {
	var seen uint64
	for {
		x := loadWord(src, at)
		if m := special(x); m != 0 {
			seen |= x & (m&-m - 1)
			return at + bits.TrailingZeros64(m)/wordLen, seen&highBits == 0
		}
		seen |= x
		at += wordLen
	}
}

// text reads a string at p.at. The result is a view that the next string ends.
func (p *jsonParser) text() ([]byte, *LineError) {
	start := p.at + 1
	end, ascii := scanString(p.src, start)
	if text := p.src[start:end]; p.src[end] == '"' && (ascii || utf8.Valid(text)) {
		p.at = end + 1
		return text, nil
	}
	text, bad := p.unescape(p.scratch[:0])
	if bad == nil {
		p.scratch = text
	}
	return text, bad
}

// unescape appends what the string at p.at stands for to dst. It copies whole words
// and counts only the bytes before the next escape: the runs between escapes are
// short.
func (p *jsonParser) unescape(dst []byte) ([]byte, *LineError) {
	at, start := p.at+1, len(dst)
	// No escape is shorter than what it stands for.
	out := slices.Grow(dst, p.len-p.at+wordLen)
	out = out[:cap(out)]
	n := start
	var seen uint64
	for {
		x := loadWord(p.src, at)
		storeWord(out, n, x)
		m := special(x)
		if m == 0 {
			seen |= x
			at += wordLen
			n += wordLen
			continue
		}
		seen |= x & (m&-m - 1)
		plain := bits.TrailingZeros64(m) / wordLen
		at += plain
		n += plain
		if p.src[at] != '\\' {
			break
		}
		r, size, reason := unescapeOne(p.src[at:])
		if reason != "" {
			return dst, p.fail(at, reason)
		}
		at += size
		if r < utf8.RuneSelf {
			out[n] = byte(r)
			n++
		} else {
			n += utf8.EncodeRune(out[n:], r)
		}
	}
	switch {
	case at >= p.len:
		return dst, p.fail(at, "expected a quote at the end of the string"+found(p.src[:p.len], at))
	case p.src[at] != '"':
		return dst, p.fail(at, `expected an escape for a control character, as \t or \u001b`+found(p.src[:p.len], at))
	case seen&highBits != 0 && !utf8.Valid(out[start:n]):
		return dst, p.failUTF8(p.at+1, at)
	}
	p.at = at + 1
	return out[:n], nil
}

// unescapeOne reads the escape at the start of src, size bytes that stand for r.
func unescapeOne(src []byte) (r rune, size int, reason string) {
	switch c := src[1]; c {
	case '"', '\\', '/':
		return rune(c), 2, ""
	case 'b':
		return '\b', 2, ""
	case 'f':
		return '\f', 2, ""
	case 'n':
		return '\n', 2, ""
	case 'r':
		return '\r', 2, ""
	case 't':
		return '\t', 2, ""
	case 'u':
		return unescapeUnicode(src)
	}
	return 0, 0, `expected \" \\ \/ \b \f \n \r \t or \u and four hex digits`
}

// unescapeUnicode reads \u and four digits, or two of them that are a surrogate
// pair (RFC 8259, section 7).
func unescapeUnicode(src []byte) (r rune, size int, reason string) {
	const (
		high = 0xd800 // the first half of a pair, up to low
		low  = 0xdc00 // the second half, up to end
		end  = 0xe000
		base = 0x10000 // the first character that needs a pair
	)
	r, ok := hexRune(src[2:])
	switch {
	case !ok:
		return 0, 0, `expected four hex digits after \u`
	case r < high || r >= end:
		return r, 6, ""
	}
	if r < low && src[6] == '\\' && src[7] == 'u' {
		if second, ok := hexRune(src[8:]); ok && low <= second && second < end {
			return base + (r-high)<<10 + (second - low), 12, ""
		}
	}
	return 0, 0, `expected a surrogate pair, found one half; bytes that are no text are written as {"hex":"00ff"}`
}

// hexRune reads four hex digits.
func hexRune(src []byte) (r rune, ok bool) {
	for _, c := range src[:4] {
		value, ok := vector.HexDigit(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(value)
	}
	return r, true
}

// failUTF8 is the error for the first byte of src[start:end] that is no UTF-8.
func (p *jsonParser) failUTF8(start, end int) *LineError {
	at := start
	for at < end {
		r, size := utf8.DecodeRune(p.src[at:end])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return p.fail(at, `expected UTF-8 in a string; other bytes are written as {"hex":"00ff"}`+found(p.src[:p.len], at))
}
