package frames

import "encoding/binary"

// Eight bytes at a time: a uint64 loaded in little-endian order holds eight
// bytes of text, the first in the lowest. A test sets the high bit of each byte
// that it matches; bits above the first match may be false, so that only
// bits.TrailingZeros64 of the result is to be trusted.
// A JSON string of 20 bytes is scanned three times as fast as one by one, one of 70 or
// more bytes four times (BenchmarkScanString).
const (
	wordLen  = 8
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

func loadWord(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at : at+wordLen]) }

func storeWord(b []byte, at int, x uint64) { binary.LittleEndian.PutUint64(b[at:at+wordLen], x) }

// special finds what may not stand as it is in a JSON string: the quote, the
// backslash, and control characters below 0x20.
func special(x uint64) uint64 {
	// With the second bit turned, the quote lies just above the control
	// characters, and one comparison finds both. A byte less than n borrows its
	// high bit when n is subtracted; a byte above 0x7f has that bit anyway, and is
	// masked at the end.
	control := (x ^ lowBits*2) - lowBits*(('"'^2)+1)
	backslash := (x ^ lowBits*'\\') - lowBits
	return (control | backslash) &^ x & highBits
}

// isSpecial is special for one byte.
func isSpecial(c byte) bool { return c == '"' || c == '\\' || c < ' ' }
