package vector

import (
	"bytes"
	"fmt"
	"testing"
)

// copiers are all there are for this processor; the first is as simple as can be.
var copiers = map[string]func(dst, src []byte, s *Stops) int{
	"bytes":  func(dst, src []byte, s *Stops) int { return copyByBytes(dst, src, 0, s) },
	"words":  copyByWords,
	"kernel": CopyUntil,
}

// copies compares all with what is simple.
func copies(t *testing.T, src []byte, first, second byte, below int8) {
	t.Helper()
	s := NewStops(first, second, below)
	want := 0
	for want < len(src) && src[want] != first && src[want] != second && int8(src[want]) >= below {
		want++
	}
	for name, cp := range copiers {
		dst, whole := guarded(len(src))
		if n := cp(dst, src, s); n != want || !bytes.Equal(dst[:n], src[:n]) || !whole() {
			t.Fatalf("%s: %q, stops %q %q %d: %d of %q, want %d, and wrote beyond: %v", name, src, first, second, below, n, dst, want, !whole())
		}
	}
}

// Each byte at each place of each length.
func TestCopyUntil(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 41} {
		src := bytes.Repeat([]byte{'x'}, n)
		copies(t, src, '\t', '\n', -128)
		for at := range n {
			for c := range 256 {
				src[at] = byte(c)
				copies(t, src, '\t', '\n', -128)
				copies(t, src, '"', '\\', ' ')
				copies(t, src, 0, 0xff, -3)
			}
			src[at] = 'x'
		}
	}
}

// The shorter of the two is the end.
func TestCopyUntilEnds(t *testing.T) {
	s := NewStops('\t', '\n', -128)
	for n := range 40 {
		src := bytes.Repeat([]byte{'x'}, 40)
		dst, whole := guarded(n)
		if got := CopyUntil(dst, src, s); got != n || !whole() {
			t.Errorf("%d bytes of %d, and wrote beyond: %v", got, n, !whole())
		}
		if got := CopyUntil(make([]byte, 60), src[:n], s); got != n {
			t.Errorf("%d bytes of %d", got, n)
		}
	}
}

func FuzzCopyUntil(f *testing.F) {
	f.Add([]byte("weather.stockholm.1234\t{temperature: -4.25}\n"), byte('\t'), byte('\n'), int8(-128))
	f.Add([]byte(`{\"temperatur\":−4,25 °C}`), byte('"'), byte('\\'), int8(' '))
	f.Fuzz(func(t *testing.T, src []byte, first, second byte, below int8) { copies(t, src, first, second, below) })
}

func BenchmarkCopyUntil(b *testing.B) {
	s := NewStops('\t', '\n', -128)
	for _, size := range []int{12, 80, 1000} {
		src := append(bytes.Repeat([]byte{'x'}, size), "\tmore of the same line"...)
		for name, cp := range copiers {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				dst := make([]byte, len(src))
				for range b.N {
					if cp(dst, src, s) != size {
						b.Fatal("no stop")
					}
				}
			})
		}
	}
}
