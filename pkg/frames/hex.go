package frames

import (
	"bytes"
	"slices"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// emptyFrame is an empty frame in a line of Hex.
const emptyFrame = '-'

var hexForm = form{ //nolint:gochecknoglobals // a table that is only read
	name: "hex", lossless: true,
	encode:       appendHexLine,
	encodePieces: func(e *Encoder, m Message) error { return e.addFrames(m, "", " ", "\n", (*Encoder).hexFrame) },
	decodeLine:   decodeHexLine,
	frame:        hexArgument,
}

// appendHexLine appends a message as a line of Hex to dst.
func appendHexLine(_ *Encoder, dst []byte, m Message) []byte {
	for _, body := range m {
		if len(body) == 0 {
			dst = append(dst, emptyFrame)
		} else {
			dst = appendHexDigits(dst, body)
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
	return e.cut(body, anywhere, appendHexDigits)
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
	if len(src) == 2*len(dst) && decodeHexDigits(dst, src) {
		return 0, ""
	}
	for at, c := range src {
		if _, ok := hexDigit(c); !ok {
			return at, "expected a hex digit, 0 to 9 or a to f" + found(src, at)
		}
	}
	return len(src), "expected two hex digits for each byte, found an odd number of them"
}

// hexDigit is the value of one digit.
func hexDigit(c byte) (value byte, ok bool) {
	v := hexValues[c]
	return byte(v), v != 0
}
