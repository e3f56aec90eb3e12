package frames

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// largeMessages are longer than a piece in every way that a frame is written.
func largeMessages() []Message {
	n := 3 * pieceSize
	return []Message{
		Strings(strings.Repeat("x", n)),
		Strings(strings.Repeat("x", n), "", strings.Repeat("\x00", n), "tail"),
		Strings("", strings.Repeat("\xff", n)),
		Strings(strings.Repeat("\"", n), strings.Repeat("€", n/3), strings.Repeat("x", pieceSize-1)+"€"),
		Strings("x" + strings.Repeat("\U0001F600", n/4)),
		Strings("", ""),
		Strings(""),
		Strings("a", "b\tc", "\x01"),
	}
}

// TestEncodeInPieces: what comes in pieces is what Append writes at once, and no
// piece is much larger than what it stands for.
func TestEncodeInPieces(t *testing.T) {
	for _, f := range []Format{JSON, Hex, Text, Raw} {
		e := NewEncoder(f, EncoderOptions{})
		for i, m := range largeMessages() {
			wire := AppendMessage(nil, m)
			var got []byte
			collect := func(dst []byte) ([]byte, error) {
				if len(dst) > 7*pieceSize || cap(dst) > 16*pieceSize {
					t.Errorf("%v %d: a piece of %d bytes in %d", f, i, len(dst), cap(dst))
				}
				got = append(got, dst...)
				return dst[:0], nil
			}
			rest, err := e.Encode([]byte("before\n"), wire, collect)
			if got = append(got, rest...); err != nil || !bytes.Equal(got, e.Append([]byte("before\n"), wire)) {
				t.Errorf("%v %d: %v, %d bytes in pieces, %d at once", f, i, err, len(got), len(e.Append(nil, wire)))
			}
			got = nil
			r := Record{Time: "2026-01-01T00:00:00Z", Peer: "tcp://127.0.0.1:1", From: "back"}
			rest, err = e.EncodeRecord(nil, r, wire, collect)
			if got = append(got, rest...); err != nil || !bytes.Equal(got, e.AppendRecord(nil, r, wire)) {
				t.Errorf("record %d: %v", i, err)
			}
		}
	}
}

// A piece that cannot be written is the last.
func TestEncodeInPiecesFails(t *testing.T) {
	full, calls := errors.New("full"), 0
	_, err := NewEncoder(JSON, EncoderOptions{}).Encode(nil, AppendMessage(nil, largeMessages()[1]), func(dst []byte) ([]byte, error) {
		calls++
		return dst[:0], full
	})
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
