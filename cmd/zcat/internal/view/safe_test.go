package view

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets"
)

var ownCodes = regexp.MustCompile("\x1b\\[(1|2|3[1-6])m([^\x1b\n]*)\x1b\\[0m")

// wantSafe checks what holds for whatever a peer may send: the only control bytes
// are line feeds and colours that are reset in their line, and no line is longer
// than the terminal is wide.
func wantSafe(t *testing.T, v *View, m Message) {
	t.Helper()
	shown := string(v.Append(nil, m))
	if !strings.HasSuffix(shown, "\n") {
		t.Fatalf("%q does not end its line", shown)
	}
	if v.Color {
		shown = ownCodes.ReplaceAllString(shown, "$2")
	}
	if !utf8.ValidString(shown) {
		t.Fatalf("%q is not UTF-8", shown)
	}
	if v.ASCII && !isASCII(shown) {
		t.Fatalf("%q is not ASCII", shown)
	}
	for line := range strings.Lines(shown) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
				t.Fatalf("%q lets %U through", line, r)
			}
		}
		// A single character may be wider than the room that there is.
		if width(line) > max(v.Width, MinWidth) && v.Width >= MinWidth {
			t.Fatalf("%q is %d columns wide, of %d", line, width(line), v.Width)
		}
	}
}

// Hostile bytes in each place that shows them, as any type of message.
func FuzzView(f *testing.F) {
	for _, s := range scenes() {
		for _, m := range s.messages {
			frame := m.Frames[0]
			f.Add(frame[:min(len(frame), 200)], m.Peer, uint8(m.Kind), uint8(80))
		}
	}
	f.Add([]byte("\x1b[31m\u009b\xff\u202e\n"), "\x1b]0;x\x07", uint8(sockets.Router), uint8(20))
	f.Fuzz(func(t *testing.T, b []byte, peer string, kind, columns uint8) {
		for _, list := range [][]string{{string(b)}, {"id", "", string(b)}, {string(b), string(b)}} {
			m := message(sockets.Type(kind%11)+1, list...)
			m.Peer, m.Way = peer, Way(kind%3)
			if columns%3 == 0 {
				m.Goal, m.Wire, m.Sender = peer, true, sockets.Type(kind%5)
			}
			wantSafe(t, &View{Width: int(columns), Color: kind%2 == 0}, m)
			wantSafe(t, &View{Width: int(columns), ASCII: true, Full: kind%3 == 0}, m)
		}
	})
}

// Whatever the type, a message of any shape is shown.
func TestEveryTypeShowsEveryShape(t *testing.T) {
	for _, kind := range sockets.Types() {
		for _, list := range [][]string{
			{""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"a", "", "b"}, {"", "", ""}, {"\x00"}, {"\x01", ""}, {"\x02"},
		} {
			for _, columns := range []int{-1, 0, 1, 20, 33, 500} {
				wantSafe(t, &View{Width: columns}, message(kind, list...))
				for _, sender := range append(sockets.Types(), 0) {
					wantSafe(t, &View{Width: columns, ASCII: true}, onWire(sender, kind, list...))
				}
			}
		}
	}
}

// The cost of a message does not grow with it: what is shown of 16 MiB is no more
// than a screen, and is found without copying or reading all of it.
func TestHugeMessages(t *testing.T) {
	const huge = 16 << 20
	for name, unit := range map[string]string{
		"text": "text ", "zeros": "\x00", "JSON": `[{"a":1},`, "combining": "\u0301", "lines": "\n", "escapes": "\x1b", "emoji": "👩‍👩‍👧‍👦",
	} {
		frame := bytes.Repeat([]byte(unit), huge/len(unit))
		m := Message{Kind: sockets.Pull, Time: time.Unix(0, 0), Frames: frames.Message{frame}}
		v := &View{Width: 80}
		if shown := v.Append(nil, m); len(shown) > 16<<10 || !strings.Contains(string(shown), "bytes in all") {
			t.Errorf("%s: %d bytes shown", name, len(shown))
		}
		wantSafe(t, v, m)
		if n := testing.AllocsPerRun(1, func() { v.Append(nil, m) }); n > 10000 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A remark is made once for each peer, and not for all peers.
func TestRemarksAreRare(t *testing.T) {
	v := &View{Width: 80}
	remarks := func(m Message) int { return strings.Count(string(v.Append(nil, m)), "no delimiter") }
	m := onWire(sockets.Dealer, sockets.Rep, "body")
	if remarks(m) != 1 || remarks(m) != 0 || remarks(from("tcp://127.0.0.1:2", m)) != 1 {
		t.Error("not once for each peer")
	}
	made := 0
	for i := range 10 * maxTold {
		made += remarks(from(fmt.Sprint("peer ", i), m))
	}
	if made != maxTold-2 {
		t.Errorf("%d remarks", made)
	}
}

// Without limits all of a message is shown, a line a row.
func TestFull(t *testing.T) {
	m := message(sockets.Pull, strings.Repeat("line\n", 1000), strings.Repeat("\x00", 4096), strings.Repeat("0123456789", 1000), "last")
	m.Frames = append(m.Frames, bytes.Split(bytes.Repeat([]byte("frame "), 100), []byte(" "))...)
	for _, ascii := range []bool{false, true} {
		v := &View{Width: 80, Full: true, ASCII: ascii}
		shown := string(v.Append(nil, m))
		if strings.Contains(shown, "in all") || strings.Contains(shown, " more,") || strings.Count(shown, "line") != 1000 ||
			strings.Count(shown, "00 00 00") < 4096/20 || strings.Count(shown, "frame\n") != 100 {
			t.Errorf("%d bytes shown", len(shown))
		}
		wantSafe(t, v, m)
	}
}

func BenchmarkView(b *testing.B) {
	v := &View{Width: 80, Color: true}
	m := message(sockets.Router, autoID, "", "hello")
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = v.Append(dst[:0], m)
	}
}
