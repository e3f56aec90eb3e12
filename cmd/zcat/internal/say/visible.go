package say

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
)

// visible writes lines of text or JSON to a terminal, and what could steer that as
// escapes: in JSON they say the same, in text they are those of the view.
type visible struct {
	w    io.Writer
	json bool
	kept []byte // separators, which are ours
	part []byte // of a rune that goes on in the next write
	buf  []byte
}

// OnTerminal is w, made safe where it is a terminal. Raw is what asks for the bytes
// themselves, and hex has none that could steer.
func OnTerminal(w io.Writer, format frames.Format, separators ...[]byte) io.Writer {
	if format != frames.JSON && format != frames.Text || !IsTerminal(w) {
		return w
	}
	return &visible{w: w, json: format == frames.JSON, kept: append(bytes.Join(separators, nil), "\t\n"...)}
}

// Write implements io.Writer.
func (v *visible) Write(p []byte) (int, error) {
	rest := p
	if len(v.part) > 0 {
		rest = append(v.part, p...)
	}
	v.part, v.buf = nil, v.buf[:0]
	for len(rest) > 0 {
		if !utf8.FullRune(rest) {
			v.part = bytes.Clone(rest)
			break
		}
		r, n := utf8.DecodeRune(rest)
		switch {
		case n == 1 && bytes.IndexByte(v.kept, rest[0]) >= 0, strconv.IsPrint(r) && (r != utf8.RuneError || n > 1):
			v.buf = append(v.buf, rest[:n]...)
		case v.json:
			for _, unit := range utf16.AppendRune(nil, r) {
				v.buf = append(v.buf, '\\', 'u')
				v.buf = append(v.buf, strconv.FormatUint(1<<16|uint64(unit), 16)[1:]...)
			}
		default:
			v.buf = append(v.buf, Printable(string(rest[:n]))...)
		}
		rest = rest[n:]
	}
	if _, err := v.w.Write(v.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}
