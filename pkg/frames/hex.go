package frames

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// emptyFrame is an empty frame in a line of Hex.
const emptyFrame = '-'

// appendHexLine appends a message in wire form as a line of Hex to dst.
func appendHexLine(dst, message []byte) []byte {
	for more := true; more; {
		var body []byte
		body, more, message = CutFrame(message)
		if len(body) == 0 {
			dst = append(dst, emptyFrame)
		} else {
			dst = appendHex(dst, body)
		}
		dst = append(dst, ' ')
	}
	dst[len(dst)-1] = '\n'
	return dst
}

// appendHex appends the digits of src to dst, in lower case. Four bytes at a
// time is three times as fast as encoding/hex.
func appendHex(dst, src []byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, 2*len(src))[:at+2*len(src)]
	for ; len(src) >= wordLen/2; src = src[wordLen/2:] {
		storeWord(dst, at, hexDigits(uint64(binary.LittleEndian.Uint32(src))))
		at += wordLen
	}
	for _, c := range src {
		binary.LittleEndian.PutUint16(dst[at:], uint16(hexDigits(uint64(c))))
		at += 2
	}
	return dst
}

// hexDigits makes eight digits of the low four bytes of x.
func hexDigits(x uint64) uint64 {
	// One byte to every sixteen bits, then one half byte to every eight.
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x>>4 | x<<8) & (lowBits * 0x0f)
	letters := (x + lowBits*6) >> 4 & lowBits // 1 from ten on
	return x + lowBits*'0' + letters*('a'-'0'-10)
}

// decodeHexLine appends the message in a line of Hex to wire. count is the
// number of its frames, 0 for a blank line, and size the sum of their lengths.
func decodeHexLine(wire, line []byte) (_ []byte, count, size int, bad *LineError) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
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
			flags = FlagMore
		}
		n := len(digits) / 2
		wire = slices.Grow(AppendHeader(wire, flags, n), n)
		wire = wire[:len(wire)+n]
		if i, reason := decodeHex(wire[len(wire)-n:], digits); reason != "" {
			return wire, 0, 0, &LineError{Column: at + i + 1, Reason: reason}
		}
		size += n
		at = end + 1
	}
	return wire, count, size, nil
}

// decodeHex fills dst with the bytes that the digits of src stand for, two for
// each, in either case. Where they are none, it says at what index and why.
func decodeHex(dst, src []byte) (at int, reason string) {
	for ; len(dst) >= wordLen/2; dst = dst[wordLen/2:] {
		x, ok := hexBytes(loadWord(src, at))
		if !ok {
			break
		}
		binary.LittleEndian.PutUint32(dst, uint32(x))
		at += wordLen
	}
	for i := 0; at < len(src); at++ {
		value, ok := hexDigit(src[at])
		if !ok {
			return at, "expected a hex digit, 0 to 9 or a to f" + found(src, at)
		}
		if i%2 == 0 && at+1 < len(src) {
			dst[i/2] = value << 4
		} else if i%2 == 1 {
			dst[i/2] |= value
		}
		i++
	}
	if len(src)%2 != 0 {
		return len(src), "expected two hex digits for each byte, found an odd number of them"
	}
	return 0, ""
}

// hexBytes makes four bytes of eight digits.
func hexBytes(x uint64) (value uint64, ok bool) {
	// Bytes below 0x80 carry into no other when less than 0x80 is added.
	low := x &^ highBits
	digits := (low + lowBits*(0x80-'0')) &^ (low + lowBits*(0x7f-'9'))
	lower := low | lowBits*0x20
	letters := (lower + lowBits*(0x80-'a')) &^ (lower + lowBits*(0x7f-'f'))
	if (digits|letters)&^x&highBits != highBits {
		return 0, false
	}
	x = x&(lowBits*0x0f) + letters&highBits>>7*9
	x = (x<<4 | x>>8) & 0x00ff00ff00ff00ff
	x = (x | x>>8) & 0x0000ffff0000ffff
	return x | x>>16, true
}

// hexDigit is the value of one digit.
func hexDigit(c byte) (value byte, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}
