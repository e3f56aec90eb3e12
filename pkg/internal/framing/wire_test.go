package framing_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// The short form ends at 255 bytes (RFC 37, "Framing").
func TestWireForm(t *testing.T) {
	for size, header := range map[int][]byte{
		0:     {0, 0},
		255:   {0, 255},
		256:   {2, 0, 0, 0, 0, 0, 0, 1, 0},
		70000: {2, 0, 0, 0, 0, 0, 1, 0x11, 0x70},
	} {
		body := bytes.Repeat([]byte{'x'}, size)
		wire := framing.AppendFrame(nil, body, false)
		if !bytes.Equal(wire, append(header, body...)) {
			t.Errorf("%d bytes: header % x", size, wire[:len(wire)-size])
		}
		if got, more, rest := framing.CutFrame(append(wire, 7)); !bytes.Equal(got, body) || more || len(rest) != 1 {
			t.Errorf("%d bytes: cut off %d, more %v, rest %d", size, len(got), more, len(rest))
		}
		for n := range len(header) {
			if _, _, got := framing.ParseHeader(wire[:n]); got != 0 {
				t.Errorf("%d bytes: a header of %d in %d bytes", size, got, n)
			}
		}
		flags, parsed, n := framing.ParseHeader(wire)
		if flags != header[0] || parsed != uint64(size) || n != len(header) {
			t.Errorf("%d bytes: parsed %d, %d, %d", size, flags, parsed, n)
		}
	}
}

func TestMessageInWireForm(t *testing.T) {
	m := message("a", "", string(bytes.Repeat([]byte("b"), 300)))
	wire := framing.AppendMessage(nil, m)
	whole, rest := framing.CutMessage(append(bytes.Clone(wire), 0, 0))
	if !bytes.Equal(whole, wire) || len(rest) != 2 {
		t.Errorf("cut off %d bytes of %d, rest %d", len(whole), len(wire), len(rest))
	}
	if got, rest := framing.ParseMessage(nil, append(wire, 0, 0)); !equal(got, m) || len(rest) != 2 {
		t.Errorf("got %q and %d bytes", got, len(rest))
	}
}

// Front and Whole count what CutMessage cuts off, wherever the bytes end.
func TestWholeMessages(t *testing.T) {
	long := string(bytes.Repeat([]byte("b"), 300))
	var wire []byte
	for _, m := range [][][]byte{message("a"), message("", long, ""), message(long), message(""), message(""), message(""), message("bc"), message("de"), message("fg"), message("hi", "jk"), message("lm"), message("id", "", "body"), message(long, "c")} {
		wire = framing.AppendMessage(wire, m)
	}
	ends := []int{0}
	for rest := wire; len(rest) > 0; {
		_, rest = framing.CutMessage(rest)
		ends = append(ends, len(wire)-len(rest))
	}
	for count, end := range ends {
		if got := framing.Front(wire, count); got != end {
			t.Errorf("%d messages are %d bytes, want %d", count, got, end)
		}
	}
	count := 0
	for size := range len(wire) + 1 {
		if count+1 < len(ends) && ends[count+1] <= size {
			count++
		}
		if whole, n := framing.Whole(wire, size); whole != ends[count] || n != count {
			t.Errorf("in %d bytes are %d messages of %d, want %d of %d", size, n, whole, count, ends[count])
		}
	}
}

// BenchmarkWhole counts messages of one short frame.
func BenchmarkWhole(b *testing.B) {
	var wire []byte
	for range 1000 {
		wire = framing.AppendMessage(wire, message("0123456789abcdef"))
	}
	b.Run("Whole", func(b *testing.B) {
		for n := 0; n < b.N; n += 1000 {
			if _, count := framing.Whole(wire, len(wire)); count != 1000 {
				b.Fatal(count)
			}
		}
	})
	b.Run("CutMessage", func(b *testing.B) {
		for n := 0; n < b.N; n += 1000 {
			for rest := wire; len(rest) > 0; {
				_, rest = framing.CutMessage(rest)
			}
		}
	})
}

// A frame that is closed late is the frame that was opened with its length, from
// whatever room was left for its header.
func TestCloseFrame(t *testing.T) {
	for _, size := range []int{0, 1, 255, 256, 1000} {
		for _, room := range []int{2, framing.MaxHeader} {
			body := bytes.Repeat([]byte{'y'}, size)
			wire := append(append([]byte("before"), make([]byte, room)...), body...)
			got := framing.CloseFrame(wire, len("before"), len("before")+room)
			if want := framing.AppendFrame([]byte("before"), body, false); !bytes.Equal(got, want) {
				t.Errorf("%d bytes behind room for %d: got % x", size, room, got[:min(len(got), 20)])
			}
		}
	}
}

// The envelope ends with the first empty frame, whatever the body holds.
func TestSplit(t *testing.T) {
	for _, m := range [][][]byte{
		message("", "x"), message("id", "", "x"), message("a", "b", "", "x", "", "y"), message("", "", "x"), message("id", "", ""),
		message("body"), message("a", "b"), message(""), message("id", ""),
	} {
		wire := framing.AppendMessage(nil, m)
		n := framing.EnvelopeLen(m)
		envelope, body, ok := framing.Split(wire)
		if ok != (n > 0 && n < len(m)) {
			t.Errorf("%q: %v", m, ok)
		}
		if !ok {
			continue
		}
		if !bytes.Equal(append(bytes.Clone(envelope), body...), wire) {
			t.Errorf("%q: the parts are not the message", m)
		}
		if got, _ := framing.ParseMessage(nil, body); !equal(got, m[n:]) {
			t.Errorf("%q: body %q", m, got)
		}
		if cap(envelope) > len(envelope) {
			t.Errorf("%q: what is appended to the envelope is written into the message", m)
		}
	}
}

func message(frames ...string) [][]byte {
	var m [][]byte
	for _, f := range frames {
		m = append(m, []byte(f))
	}
	return m
}

func equal(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }
