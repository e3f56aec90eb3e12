package view

import (
	"fmt"
	"strings"
)

// hex shows bytes in rows: the offset, the digits, and those that are ASCII as
// text. It reports whether all of them were shown.
func (p *page) hex(r role, frame []byte) bool {
	perRow := p.perRow(len(frame))
	digits := perRow*3 - 1
	if len(frame) < perRow {
		digits = len(frame)*3 - 1 // a single row is as short as it is
	}
	for at := 0; at < len(frame); at += perRow {
		if at == perRow*maxRows && !p.full {
			return false
		}
		if at == 0 {
			p.mark(r, barHex)
		} else {
			p.begin(stylePlain, "", barHex)
		}
		row := frame[at:min(at+perRow, len(frame))]
		if len(frame) > perRow {
			p.put(styleNote, fmt.Sprintf("%0*x ", offsetDigits, at))
		}
		p.put(stylePlain, fmt.Sprintf("%-*s", digits, fmt.Sprintf("% x", row)))
		p.put(styleNote, "  "+strings.Map(func(c rune) rune {
			if c >= 0x20 && c < 0x7f {
				return c
			}
			return '.'
		}, latin(row)))
		p.end()
	}
	return true
}

const offsetDigits = 4

// perRow returns the number of bytes that fit a row: 16, 8, or fewer.
func (p *page) perRow(size int) int {
	for _, n := range []int{16, 8, 4, 2} {
		row := min(n, size)
		need := row*3 - 1 + 2 + row
		if size > n {
			need += offsetDigits + 1
		}
		if need <= p.room() {
			return n
		}
	}
	return 1
}

// latin turns each byte into a character.
func latin(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}
