package frames

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"
)

// FuzzHexDigits compares with encoding/hex.
func FuzzHexDigits(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("temperature"))
	f.Add([]byte{0, 255})
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, want := appendHexDigits([]byte("x"), body), hex.AppendEncode([]byte("x"), body); !bytes.Equal(got, want) {
			t.Errorf("%x became %q, want %q", body, got, want)
		}
	})
}

// Each pair of bytes.
func TestHexDigits(t *testing.T) {
	for i := range 1 << 16 {
		pair := []byte{byte(i >> 8), byte(i)}
		if got, want := appendHexDigits(nil, pair), hex.EncodeToString(pair); string(got) != want {
			t.Fatalf("%x became %q", pair, got)
		}
	}
}

// BenchmarkHexDigits is a line of 90 bytes, by pairs of digits and by encoding/hex.
func BenchmarkHexDigits(b *testing.B) {
	body := bytes.Repeat([]byte("temperature"), 8)
	for name, do := range map[string]func(dst []byte){
		"pairs": func(dst []byte) { appendHexDigits(dst[:0], body) },
		"std":   func(dst []byte) { hex.AppendEncode(dst[:0], body) },
	} {
		b.Run(fmt.Sprintf("%s/%d", name, len(body)), func(b *testing.B) {
			dst := make([]byte, 200)
			for range b.N {
				do(dst)
			}
		})
	}
}

// Each pair of bytes, alone and among eight digits.
func TestHexValues(t *testing.T) {
	for i := range 1 << 16 {
		pair := []byte{byte(i >> 8), byte(i)}
		for at := range 5 {
			digits := []byte("0123456789"[:2*at])
			digits = append(append(digits, pair...), "fedcba9876"[:8-2*at]...)
			want := make([]byte, len(digits)/2)
			_, err := hex.Decode(want, digits)
			got := make([]byte, len(want))
			if ok := decodeHexDigits(got, digits); ok != (err == nil) || ok && !bytes.Equal(got, want) {
				t.Fatalf("%q became %v %x, want %x, %v", digits, ok, got, want, err)
			}
		}
	}
}

// FuzzHexValues compares with encoding/hex.
func FuzzHexValues(f *testing.F) {
	f.Add([]byte("00ffABcd"))
	f.Add([]byte("0123456789abcdefg"))
	f.Fuzz(func(t *testing.T, digits []byte) {
		digits = digits[:len(digits)/2*2]
		want, got := make([]byte, len(digits)/2), make([]byte, len(digits)/2)
		_, err := hex.Decode(want, digits)
		if ok := decodeHexDigits(got, digits); ok != (err == nil) || ok && !bytes.Equal(got, want) {
			t.Errorf("%q became %v %x, want %x, %v", digits, ok, got, want, err)
		}
	})
}

// BenchmarkHexValues is a line of 90 bytes, by a table of digits and by encoding/hex.
func BenchmarkHexValues(b *testing.B) {
	digits := bytes.Repeat([]byte("74656d7065726174757265"), 8)
	dst := make([]byte, len(digits)/2)
	for name, do := range map[string]func(){
		"table": func() { decodeHexDigits(dst, digits) },
		"std":   func() { _, _ = hex.Decode(dst, digits) },
	} {
		b.Run(fmt.Sprintf("%s/%d", name, len(dst)), func(b *testing.B) {
			for range b.N {
				do()
			}
		})
	}
}
