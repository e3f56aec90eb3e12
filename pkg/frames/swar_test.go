package frames

import (
	"bytes"
	"math/bits"
	"testing"
	"unicode/utf8"
)

// Every byte, at every place in a word, beside bytes that could lend or borrow.
func TestSpecialFindsTheFirst(t *testing.T) {
	for c := range 256 {
		for at := range wordLen {
			for _, other := range []byte{'a', ' ', '!', 0x7f, 0x80, 0xff, '#', '[', ']', 0xa2, 0xdc} {
				word := bytes.Repeat([]byte{other}, wordLen)
				word[at] = byte(c)
				want := wordLen
				if isSpecial(byte(c)) {
					want = at
				}
				if got := bits.TrailingZeros64(special(loadWord(word, 0))) / wordLen; got != want {
					t.Fatalf("%q: found at %d, want %d", word, got, want)
				}
			}
		}
	}
}

func TestScanString(t *testing.T) {
	for n := range 40 {
		for _, other := range []byte{'a', 0x80, 0xff} {
			for _, stop := range []byte{'"', '\\', '\n', 0x1f, 0} {
				text := append(bytes.Repeat([]byte{other}, n), stop)
				text = append(text, bytes.Repeat([]byte{0xff}, slack)...)
				end, ascii := scanString(text, 0)
				if want := n == 0 || other < utf8.RuneSelf; end != n || ascii != want {
					t.Fatalf("%q: got %d, %v", text, end, ascii)
				}
			}
		}
	}
}
