package frames

import (
	"bytes"
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
	"github.com/zcat/zcat/pkg/internal/vector"
)

// emptyFrame is an empty frame in a line of Hex.
const emptyFrame = '-'

var hexForm = form{ //nolint:gochecknoglobals // a table that is only read
	name: "hex", lossless: true,
	encode:       appendHexLine,
	encodePieces: func(e *Encoder, m Message) error { return e.addFrames(m, "", " ", "\n", (*Encoder).hexFrame) },
	decodeLine:   decodeHexLine,
	decodeRun:    decodeHexRun,
	encodeRun:    encodeHexRun,
	frame:        hexArgument,
}

// appendHexLine appends a message as a line of Hex to dst.
func appendHexLine(_ *Encoder, dst []byte, m Message) []byte {
	for _, body := range m {
		if len(body) == 0 {
			dst = append(dst, emptyFrame)
		} else {
			dst = vector.AppendHex(dst, body)
		}
		dst = append(dst, ' ')
	}
	dst[len(dst)-1] = '\n'
	return dst
}

// hexFrame encodes a frame in pieces.
func (e *Encoder) hexFrame(body []byte) error {
	if len(body) == 0 {
		e.buf = append(e.buf, emptyFrame)
	}
	return e.cut(body, anywhere, vector.AppendHex)
}

// decodeHexLine reads a line of Hex.
func decodeHexLine(_ *Decoder, wire, text []byte, n int) (_ []byte, count, size int, bad *LineError) {
	line := bytes.TrimSuffix(text[:n], []byte{'\r'})
	if len(line) == 0 {
		return wire, 0, 0, nil
	}
	for at, more := 0, true; more; count++ {
		end := bytes.IndexByte(line[at:], ' ') + at
		if more = end >= at; !more {
			end = len(line)
		}
		digits := line[at:end]
		switch {
		case len(digits) == 0:
			return wire, 0, 0, &LineError{Column: at + 1, Reason: "expected a frame in hex, or - for an empty one, " +
				"with one space between frames" + found(line, at)}
		case len(digits) == 1 && digits[0] == emptyFrame:
			digits = nil
		}
		var flags byte
		if more {
			flags = framing.FlagMore
		}
		n := len(digits) / 2
		wire = slices.Grow(framing.AppendHeader(wire, flags, n), n)
		wire = wire[:len(wire)+n]
		if i, reason := decodeHex(wire[len(wire)-n:], digits); reason != "" {
			return wire, 0, 0, &LineError{Column: at + i + 1, Reason: reason}
		}
		size += n
		at = end + 1
	}
	return wire, count, size, nil
}

// decodeHexRun reads lines of Hex.
func decodeHexRun(d *Decoder, r *lineRun) {
	text, out := r.text, r.out
	for r.w+r.last < r.limit {
		at, w, count, size, end := r.used, r.w, 0, 0, 0
		for more := byte(framing.FlagMore); more != 0; count++ {
			if w+2 > len(out) {
				return
			}
			n := vector.DecodeHex(out[w+2:], text[at:])
			switch at += 2 * n; {
			case n > 0:
			case at < len(text) && text[at] == emptyFrame:
				at++
			default:
				return
			}
			if at+1 < len(text) && text[at] == '\r' && text[at+1] == '\n' {
				at++
			}
			if at < len(text) && text[at] == '\n' {
				more, end = 0, at
			} else if at >= len(text) || text[at] != ' ' {
				return
			}
			if w = r.closeFrame(w, n, more); w == 0 {
				return
			}
			at, size = at+1, size+n
		}
		if !d.fits(end-r.used, count, size) {
			return
		}
		r.last, r.w, r.used = w-r.w, w, at
		r.count++
	}
}

// encodeHexRun writes messages as lines of Hex.
func encodeHexRun(_ *Encoder, dst, wire []byte) (_ []byte, size, count int) {
	for at := 0; at < len(wire) && len(dst) < writeSize; count++ {
		before := len(dst)
		for more := true; more; {
			flags, n := wire[at], int(wire[at+1])
			if flags&^framing.FlagMore != 0 || at-size+n > pieceSize {
				return dst[:before], size, count
			}
			if n == 0 {
				dst = append(dst, emptyFrame)
			} else {
				dst = vector.AppendHex(dst, wire[at+2:at+2+n])
			}
			at += 2 + n
			end := byte(' ')
			if more = flags != 0; !more {
				end = '\n'
			}
			dst = append(dst, end)
		}
		size = at
	}
	return dst, size, count
}

// hexArgument returns the frame whose digits stand in an argument; - or nothing is
// an empty one.
func hexArgument(arg []byte) ([]byte, *LineError) {
	if len(arg) == 1 && arg[0] == emptyFrame {
		arg = nil
	}
	body := make([]byte, len(arg)/2)
	if at, reason := decodeHex(body, arg); reason != "" {
		return nil, &LineError{Column: at + 1, Reason: reason}
	}
	return body, nil
}

// decodeHex fills dst with the bytes that the digits of src stand for, two for
// each, in either case. Where they are no digits, it returns the index and the
// reason.
func decodeHex(dst, src []byte) (at int, reason string) {
	if len(src) == 2*len(dst) && vector.DecodeHex(dst, src) == len(dst) {
		return 0, ""
	}
	for at, c := range src {
		if _, ok := vector.HexDigit(c); !ok {
			return at, "expected a hex digit, 0 to 9 or a to f" + found(src, at)
		}
	}
	return len(src), "expected two hex digits for each byte, found an odd number of them"
}
