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
