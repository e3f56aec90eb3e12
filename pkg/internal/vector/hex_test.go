package vector

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"
)

// encoders and decoders are all there are for this processor.
var (
	encoders = map[string]func(dst, src []byte){"kernel": encodeHex, "pairs": encodeByPairs}
	decoders = map[string]func(dst, src []byte) int{"kernel": decodeHex, "table": decodeByTable}
)

// guard is what stands around memory that a kernel may not touch.
const guard = 0xa5

// guarded returns n bytes with guards around them, and a function that looks at those.
func guarded(n int) (p []byte, whole func() bool) {
	all := bytes.Repeat([]byte{guard}, n+4*block)
	return all[2*block : 2*block+n : 2*block+n], func() bool {
		return bytes.Count(all[:2*block], []byte{guard}) == 2*block && bytes.Count(all[2*block+n:], []byte{guard}) == 2*block
	}
}

// encodes compares all encoders with encoding/hex.
func encodes(t *testing.T, body []byte) {
	t.Helper()
	want := hex.EncodeToString(body)
	for name, encode := range encoders {
		got, whole := guarded(2 * len(body))
		if encode(got, body); string(got) != want || !whole() {
			t.Fatalf("%s: %x became %q, and wrote beyond: %v", name, body, got, !whole())
		}
	}
	if got := AppendHex([]byte("x"), body); string(got) != "x"+want {
		t.Fatalf("%x became %q", body, got)
	}
}

// decodes compares all decoders with encoding/hex.
func decodes(t *testing.T, digits []byte) {
	t.Helper()
	digits = digits[:len(digits)/2*2]
	want := make([]byte, len(digits)/2)
	n, _ := hex.Decode(want, digits)
	for name, decode := range decoders {
		got, whole := guarded(len(want))
		if pairs := decode(got, digits); pairs != n || !bytes.Equal(got[:pairs], want[:n]) || !whole() {
			t.Fatalf("%s: %q became %d of %x, want %d of %x, and wrote beyond: %v", name, digits, pairs, got, n, want, !whole())
		}
	}
	got := make([]byte, len(want)+1)
	if pairs := DecodeHex(got, digits); pairs != n || !bytes.Equal(got[:pairs], want[:n]) {
		t.Fatalf("%q became %d of %x, want %d of %x", digits, pairs, got, n, want)
	}
}

// Each pair of bytes, at each place of a block and of the one that overlaps it.
func TestHexPairs(t *testing.T) {
	for i := range 1 << 16 {
		pair := []byte{byte(i >> 8), byte(i)}
		encodes(t, pair)
		for _, at := range []int{0, 7, 10} {
			digits := bytes.Repeat([]byte("0aF9"), 6)
			decodes(t, append(append(digits[:2*at:2*at], pair...), digits[2*at+2:]...))
		}
	}
}

// Each length, and in it each byte that is no digit at each place.
func TestHexLengths(t *testing.T) {
	body := make([]byte, 42)
	for i := range body {
		body[i] = byte(i * 37)
	}
	for n := range len(body) {
		encodes(t, body[:n])
		digits := []byte(hex.EncodeToString(body[:n]))
		decodes(t, digits)
		for at := range digits {
			for _, bad := range []byte(" -\n/:@G`g\x00\xb0\xe1") {
				kept := digits[at]
				digits[at] = bad
				decodes(t, digits)
				digits[at] = kept
			}
		}
	}
}

// FuzzEncodeHex compares with encoding/hex.
func FuzzEncodeHex(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("temperature in the north harbour"))
	f.Add([]byte{0, 255})
	f.Fuzz(encodes)
}

// FuzzDecodeHex compares with encoding/hex.
func FuzzDecodeHex(f *testing.F) {
	f.Add([]byte("00ffABcd"))
	f.Add([]byte("0123456789abcdefg"))
	f.Add([]byte("74656d706572617475726520696e20746865206e6f72746820 6861"))
	f.Fuzz(decodes)
}

// BenchmarkEncodeHex is a line of 88 bytes, and encoding/hex beside it.
func BenchmarkEncodeHex(b *testing.B) {
	body := bytes.Repeat([]byte("temperature"), 8)
	all := map[string]func(dst, src []byte){"std": func(dst, src []byte) { hex.Encode(dst, src) }}
	for name, encode := range encoders {
		all[name] = encode
	}
	for name, encode := range all {
		b.Run(fmt.Sprintf("%s/%d", name, len(body)), func(b *testing.B) {
			dst := make([]byte, 2*len(body))
			for range b.N {
				encode(dst, body)
			}
		})
	}
}

// BenchmarkDecodeHex is the same back.
func BenchmarkDecodeHex(b *testing.B) {
	digits := bytes.Repeat([]byte("74656d7065726174757265"), 8)
	all := map[string]func(dst, src []byte) int{"std": func(dst, src []byte) int { n, _ := hex.Decode(dst, src); return n }}
	for name, decode := range decoders {
		all[name] = decode
	}
	for name, decode := range all {
		b.Run(fmt.Sprintf("%s/%d", name, len(digits)/2), func(b *testing.B) {
			dst := make([]byte, len(digits)/2)
			for range b.N {
				decode(dst, digits)
			}
		})
	}
}
