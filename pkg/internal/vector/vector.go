// Package vector goes over text sixteen bytes at a time where the processor is an amd64,
// whose every model has SSE2, so that nobody asks for it, and eight at a time elsewhere.
// What is plain Go here is also what the kernels are compared with.
package vector

import (
	"encoding/binary"
	"math/bits"
)

// block is the number of bytes that a kernel takes at a time.
const block = 16

// Stops are the bytes at which CopyUntil stops.
type Stops struct{ below, first, second [block]byte }

// NewStops makes Stops of two bytes, and of those that are less than below as signed
// numbers: 0x20 are control characters and all above ASCII, -128 are none.
func NewStops(first, second byte, below int8) *Stops {
	s := &Stops{}
	for i := range block {
		s.first[i], s.second[i], s.below[i] = first, second, byte(below)
	}
	return s
}

func (s *Stops) has(c byte) bool {
	return c == s.first[0] || c == s.second[0] || int8(c) < int8(s.below[0])
}

// CopyUntil copies bytes of src to dst up to the first stop, or to the end of the shorter of
// the two, and returns their number. Behind them dst may be written to as well.
func CopyUntil(dst, src []byte, s *Stops) int {
	n := min(len(dst), len(src))
	if n < block {
		return copyByBytes(dst[:n], src, 0, s)
	}
	return copyUntil(dst[:n], src[:n], s)
}

// copyByBytes is CopyUntil from at on, one byte after the other.
func copyByBytes(dst, src []byte, at int, s *Stops) int {
	for ; at < len(dst) && !s.has(src[at]); at++ {
		dst[at] = src[at]
	}
	return at
}

const (
	wordLen  = 8
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// copyByWords is CopyUntil, eight bytes at a time.
func copyByWords(dst, src []byte, s *Stops) int {
	first, second, at := lowBits*uint64(s.first[0]), lowBits*uint64(s.second[0]), 0
	// A byte is a match, and sets the high bit, where it is 0 but for the bits of the stop.
	// Bits above the first match may be false. What is less than a below above 0 is so as
	// an unsigned number, or has the high bit.
	var below, above uint64
	if b := int8(s.below[0]); b > 0 {
		below, above = lowBits*uint64(b), highBits
	} else if b > -128 {
		return copyByBytes(dst, src, 0, s) // nobody has such stops
	}
	for ; at+wordLen <= len(dst) && at+wordLen <= len(src); at += wordLen {
		x := binary.LittleEndian.Uint64(src[at:])
		binary.LittleEndian.PutUint64(dst[at:], x)
		a, b := x^first, x^second
		found := ((a-lowBits)&^a | (b-lowBits)&^b | x&above) & highBits
		if below != 0 {
			found |= (x - below) &^ x & highBits
		}
		if found != 0 {
			return at + bits.TrailingZeros64(found)/wordLen
		}
	}
	return copyByBytes(dst, src, at, s)
}
