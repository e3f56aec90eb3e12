package frames_test

import (
	"bytes"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
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
		wire := frames.AppendFrame(nil, body, false)
		if !bytes.Equal(wire, append(header, body...)) {
			t.Errorf("%d bytes: header % x", size, wire[:len(wire)-size])
		}
		if got, more, rest := frames.CutFrame(append(wire, 7)); !bytes.Equal(got, body) || more || len(rest) != 1 {
			t.Errorf("%d bytes: cut off %d, more %v, rest %d", size, len(got), more, len(rest))
		}
		for n := range len(header) {
			if _, _, got := frames.ParseHeader(wire[:n]); got != 0 {
				t.Errorf("%d bytes: a header of %d in %d bytes", size, got, n)
			}
		}
		flags, parsed, n := frames.ParseHeader(wire)
		if flags != header[0] || parsed != uint64(size) || n != len(header) {
			t.Errorf("%d bytes: parsed %d, %d, %d", size, flags, parsed, n)
		}
	}
}

func TestMessageInWireForm(t *testing.T) {
	m := frames.Message{[]byte("a"), nil, bytes.Repeat([]byte("b"), 300)}
	wire := frames.AppendMessage(nil, m)
	message, rest := frames.CutMessage(append(bytes.Clone(wire), 0, 0))
	if !bytes.Equal(message, wire) || len(rest) != 2 {
		t.Errorf("cut off %d bytes of %d, rest %d", len(message), len(wire), len(rest))
	}
	if got := frames.ParseMessage(nil, message); !equal(got, m) || m.Size() != 301 {
		t.Errorf("got %q", got)
	}
	clone := m.Clone()
	m[0][0] = 'z'
	if string(clone[0]) != "a" || len(clone) != 3 {
		t.Errorf("the copy is %q", clone)
	}
}
