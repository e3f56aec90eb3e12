package frames_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/internal/framing"
)

// messageOf makes a message of fuzzed bytes: the first gives the lengths of the
// frames.
func messageOf(b []byte) frames.Message {
	if len(b) == 0 {
		return frames.Message{nil}
	}
	size := int(b[0]) % 32
	m := frames.Message{}
	for rest := b[1:]; ; size = size*7%301 + 1 {
		n := min(size, len(rest))
		m = append(m, rest[:n:n])
		if rest = rest[n:]; len(rest) == 0 {
			return m
		}
	}
}

func addMessages(f *testing.F) {
	f.Helper()
	all, _ := allBytes()
	f.Add([]byte{})
	f.Add([]byte("\x00åäö\"\\\n"))
	f.Add([]byte("\x05" + all))
	f.Add([]byte("\x1f" + strings.Repeat("text, and \x01 more", 50)))
}

func addLines(f *testing.F) {
	f.Helper()
	for _, r := range table() {
		f.Add([]byte(r.json))
		for _, also := range r.also[frames.JSON] {
			f.Add([]byte(also))
		}
	}
	for _, bad := range badJSON() {
		if len(bad.line) < 1000 {
			f.Add([]byte(bad.line))
		}
	}
}

// roundTrip checks that decode undoes encode.
func roundTrip(t *testing.T, f frames.Format, m frames.Message) []byte {
	t.Helper()
	text := frames.EncodeMessage(f, m, frames.EncoderOptions{})
	got, err := frames.DecodeMessage(f, text, frames.DecoderOptions{})
	if err != nil || !equal(got, m) {
		t.Fatalf("%q was written as %q and read as %q, %v", m, text, got, err)
	}
	return text
}

func FuzzJSONRoundTrip(f *testing.F) {
	addMessages(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		text := roundTrip(t, frames.JSON, messageOf(b))
		if !json.Valid(text) || bytes.IndexByte(text, '\n') != len(text)-1 {
			t.Fatalf("not a line of JSON: %q", text)
		}
	})
}

func FuzzHexRoundTrip(f *testing.F) {
	addMessages(f)
	f.Add([]byte("00FF - 61"))
	f.Fuzz(func(t *testing.T, b []byte) {
		roundTrip(t, frames.Hex, messageOf(b))
		// And accepted text is written as it was, except for its case.
		if m, err := frames.DecodeMessage(frames.Hex, b, frames.DecoderOptions{}); err == nil {
			line := strings.Trim(string(b), "\r\n")
			if got := string(frames.EncodeMessage(frames.Hex, m, frames.EncoderOptions{})); got != strings.ToLower(line)+"\n" {
				t.Fatalf("%q was written as %q", b, got)
			}
		}
	})
}

// Any input is a sequence of messages in text, and is written as it was.
func FuzzTextRoundTrip(f *testing.F) {
	f.Add([]byte("a\tb\n\nc"), []byte("\t"), []byte("\n"))
	f.Add([]byte("a--b---\n-----"), []byte("-"), []byte("--"))
	f.Add([]byte("\x00\xff\r\n"), []byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, input, separator, delimiter []byte) {
		if len(delimiter) == 0 {
			delimiter = []byte("\n")
		}
		o := frames.DecoderOptions{Separator: separator, Delimiter: delimiter}
		d := frames.NewDecoder(&pieces{rest: slices.Collect(slices.Chunk(input, 3))}, frames.Text, o)
		messages, errs := decodeAll(t, d)
		e := frames.NewEncoder(nil, frames.Text, frames.EncoderOptions{Separator: o.Separator, Delimiter: o.Delimiter})
		var text []byte
		for _, m := range messages {
			text = e.Append(text, m)
		}
		// At most the last delimiter is new.
		if len(errs) > 0 || !bytes.Equal(text, input) && !bytes.Equal(text, append(input[:len(input):len(input)], delimiter...)) {
			t.Fatalf("%q was written as %q, %v", input, text, errs)
		}
	})
}

// For any input, cut into any pieces, the outcome is the same, within the limits,
// and the encoder can write it again.
func FuzzDecoderNeverPanics(f *testing.F) {
	for format := range byte(len(frames.Formats())) {
		f.Add([]byte("[\"a\",{\"hex\":\"00ff\"}]\n00ff -\na\tb\n{\"frames\":[\"\\ud83c\\udf0d\"]}"), format, uint8(3), uint8(0))
		f.Add([]byte("\"\\u12\n[{\"base64\":\"AP8\"}]\n\"\xff\n[{\"json\":[tr\n"), format, uint8(1), uint8(2))
	}
	f.Fuzz(func(t *testing.T, input []byte, format, piece, maxSize uint8) {
		form := frames.Formats()[int(format)%len(frames.Formats())]
		o := frames.DecoderOptions{MaxSize: int(maxSize), MinFrames: int(maxSize) % 3, MaxFrames: int(maxSize) % 5}
		want := outcome(t, bytes.NewReader(input), form, o)
		p := &pieces{rest: slices.Collect(slices.Chunk(input, int(piece)+1))}
		messages, errs := decodeAll(t, frames.NewDecoder(p, form, o))
		if got := outcome(t, &pieces{rest: slices.Collect(slices.Chunk(input, int(piece)+1))}, form, o); got != want {
			t.Fatalf("in pieces of %d:\n got %s\nwant %s", int(piece)+1, got, want)
		}
		for _, m := range messages {
			if o.MaxSize > 0 && m.Size() > o.MaxSize || len(m) < max(1, o.MinFrames) || o.MaxFrames > 0 && len(m) > o.MaxFrames {
				t.Fatalf("over a limit: %q", m)
			}
			roundTrip(t, frames.JSON, m)
			roundTrip(t, frames.Hex, m)
		}
		for _, e := range errs {
			if strings.ContainsFunc(e.Error(), func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }) {
				t.Fatalf("unsafe to print: %q", e.Error())
			}
		}
		d, one := frames.NewDecoder(bytes.NewReader(input), form, o), frames.Batch{}
		for err := error(nil); !errors.Is(err, io.EOF); {
			_, err = d.DecodeRecord(&one)
		}
		if one.Len() != len(messages) {
			t.Fatalf("one by one there are %d messages, not %d", one.Len(), len(messages))
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("\x02id"))
	f.Add([]byte("\x00x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := frames.Message{}
		for frame := range bytes.SplitSeq(b, []byte{' '}) {
			m = append(m, frame)
		}
		wire := framing.AppendMessage(nil, m)
		envelope, body, ok := frames.Split(m)
		envelopeWire, bodyWire, okWire := framing.Split(wire)
		if ok != okWire {
			t.Fatalf("%q: %v, on the wire %v", m, ok, okWire)
		}
		first := slices.IndexFunc(m, func(frame []byte) bool { return len(frame) == 0 })
		if ok != (first >= 0 && first < len(m)-1) {
			t.Fatalf("%q: %v", m, ok)
		}
		if !ok {
			return
		}
		if len(envelope) != first+1 || !equal(frames.Join(envelope, body), m) {
			t.Fatalf("%q: %q and %q", m, envelope, body)
		}
		if !bytes.Equal(append(envelopeWire, bodyWire...), wire) || !bytes.Equal(bodyWire, framing.AppendMessage(nil, body)) {
			t.Fatalf("%q: on the wire %q and %q", m, envelopeWire, bodyWire)
		}
	})
}

// Bytes as people write them: a routing id, a prefix. Whatever is written is read
// back, and cannot harm a terminal.
func FuzzBytes(f *testing.F) {
	for _, text := range []string{"", "worker-1", "hex:00ff", "hex:", "hex:0", "hex:0g", "\x1b[31m", "\u202e", "h\u00e9", "\xff", "hex:hex:"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text := frames.FormatBytes(b)
		if got, err := frames.ParseBytes(text); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%q was written as %q and read as %q, %v", b, text, got, err)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) || !utf8.ValidString(text) {
			t.Fatalf("%q was written as %q", b, text)
		}
		got, err := frames.ParseBytes(string(b))
		if err != nil {
			if !bytes.HasPrefix(b, []byte("hex:")) {
				t.Fatalf("%q: %v", b, err)
			}
			return
		}
		if again, err := frames.ParseBytes(frames.FormatBytes(got)); err != nil || !bytes.Equal(again, got) {
			t.Fatalf("%q was read as %q and then as %q, %v", b, got, again, err)
		}
	})
}
