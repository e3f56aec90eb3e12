package frames

import (
	"strconv"
	"unicode/utf8"
)

// LineError describes an error in a text that was to become a message. Its text
// holds no byte of the input that could harm a terminal.
type LineError struct {
	Line     int    // counts from 1; 0 where the text is no line of a stream
	Column   int    // counts bytes from 1; 0 where the whole line is meant
	Reason   string // what was expected, and what would have been right
	TooLarge bool   // the message, or the line it stands in, is over a limit of DecoderOptions
	Cut      bool   // the input ended before the line did
}

// Error is the reason with the place in front: "line 3, column 5: expected ...".
func (e *LineError) Error() string {
	place := ""
	if e.Line > 0 {
		place = "line " + strconv.Itoa(e.Line)
	}
	if e.Column > 0 {
		if place != "" {
			place += ", "
		}
		place += "column " + strconv.Itoa(e.Column)
	}
	if place == "" {
		return e.Reason
	}
	return place + ": " + e.Reason
}

// found names the character at a place in a line, for the end of a reason.
func found(line []byte, at int) string {
	if at >= len(line) || line[at] == '\n' {
		return ", found the end of the line"
	}
	r, size := utf8.DecodeRune(line[at:])
	switch {
	case r == utf8.RuneError && size == 1, !strconv.IsPrint(r):
		const digits = "0123456789abcdef"
		c := line[at]
		return ", found the byte 0x" + string(digits[c>>4]) + string(digits[c&0x0f])
	case r == '\'':
		return `, found "'"`
	}
	return ", found '" + string(r) + "'"
}
