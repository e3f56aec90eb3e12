package frames_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/zcat/zcat/pkg/frames"
)

// decodeAll reads to the end, past bad lines.
func decodeAll(tb testing.TB, d *frames.Decoder) (messages []frames.Message, errs []*frames.LineError) {
	tb.Helper()
	var b frames.Batch
	for {
		before := b.Len()
		err := d.Decode(&b)
		var bad *frames.LineError
		switch {
		case errors.As(err, &bad):
			errs = append(errs, bad)
		case err == nil && b.Len() == before:
			tb.Fatal("Decode returned without a message and without an error")
		case err == nil:
		case errors.Is(err, io.EOF):
			if b.Len() > before {
				tb.Fatal("messages came with the end of the input")
			}
			for b.Len() > 0 {
				messages = append(messages, b.Next().Clone())
			}
			return messages, errs
		default:
			tb.Fatal(err)
		}
	}
}

// outcome is decodeAll as text.
func outcome(tb testing.TB, r io.Reader, f frames.Format, o frames.DecoderOptions) string {
	tb.Helper()
	messages, errs := decodeAll(tb, frames.NewDecoder(r, f, o))
	return fmt.Sprintf("%q %v", messages, errs)
}

// pieces is a reader that returns a text in given pieces.
type pieces struct {
	rest [][]byte
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest[0])
	if p.rest[0] = p.rest[0][n:]; len(p.rest[0]) == 0 {
		p.rest = p.rest[1:]
	}
	return n, nil
}

func cutAt(text string, at int) *pieces {
	p := &pieces{}
	for _, piece := range []string{text[:at], text[at:]} {
		if piece != "" {
			p.rest = append(p.rest, []byte(piece))
		}
	}
	return p
}

// Wherever a read ends, the messages and the errors are the same.
func TestCutAnywhere(t *testing.T) {
	var json, hex, text strings.Builder
	for _, r := range table() {
		if len(r.message[0]) > 200 {
			continue
		}
		json.WriteString(r.json + "\r\n\n" + strings.Join(r.also[frames.JSON], "\n") + "\n")
		hex.WriteString(r.hex + "\r\n\n")
		text.WriteString(r.text + "\n")
	}
	json.WriteString("[1]\n  \n[\"\xff\"]\n\"\\ud800\\u\"\n\"unfinished")
	hex.WriteString("0\nx\n00")
	text.WriteString("\n\r\n\t\n\xff\x00")
	inputs := []struct {
		f    frames.Format
		o    frames.DecoderOptions
		text string
	}{
		{frames.JSON, frames.DecoderOptions{}, json.String()},
		{frames.Hex, frames.DecoderOptions{}, hex.String()},
		{frames.Text, frames.DecoderOptions{}, text.String()},
		{frames.Text, frames.DecoderOptions{Separator: []byte("::"), Delimiter: []byte("--\n")}, "a::b--\n:::--\n-----\n--\n\n--a\nc--"},
		{frames.Text, frames.DecoderOptions{MinFrames: 2, MaxSize: 3}, "a\tb\n\nabcd\nab\tc\nab\tcd\n"},
		{frames.Raw, frames.DecoderOptions{}, text.String()},
	}
	for _, in := range inputs {
		want := outcome(t, strings.NewReader(in.text), in.f, in.o)
		for at := range len(in.text) + 1 {
			if got := outcome(t, cutAt(in.text, at), in.f, in.o); got != want {
				t.Fatalf("%v cut at %d:\n got %s\nwant %s", in.f, at, got, want)
			}
		}
		for n := 1; n < 20; n++ {
			p := &pieces{rest: slices.Collect(slices.Chunk([]byte(in.text), n))}
			if got := outcome(t, p, in.f, in.o); got != want {
				t.Errorf("%v in pieces of %d:\n got %s\nwant %s", in.f, n, got, want)
			}
		}
		readers := map[string]func(io.Reader) io.Reader{
			"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "error with data": iotest.DataErrReader,
		}
		for name, wrap := range readers {
			if got := outcome(t, wrap(strings.NewReader(in.text)), in.f, in.o); got != want {
				t.Errorf("%v through %s:\n got %s\nwant %s", in.f, name, got, want)
			}
		}
	}
}

// No line is lost, joined or made up.
func TestLineEnds(t *testing.T) {
	for _, c := range []struct {
		f    frames.Format
		in   string
		want []frames.Message
	}{
		{frames.Text, "", nil},
		{frames.Text, "\n", []frames.Message{frames.Strings("")}},
		{frames.Text, "\n\n", []frames.Message{frames.Strings(""), frames.Strings("")}},
		{frames.Text, "a", []frames.Message{frames.Strings("a")}},
		{frames.Text, "a\n", []frames.Message{frames.Strings("a")}},
		{frames.Text, "a\n\nb", []frames.Message{frames.Strings("a"), frames.Strings(""), frames.Strings("b")}},
		{frames.Text, "a\r\n", []frames.Message{frames.Strings("a\r")}},
		{frames.Text, "\t", []frames.Message{frames.Strings("", "")}},
		{frames.JSON, "", nil},
		{frames.JSON, "\n\r\n \t\n", nil},
		{frames.JSON, "\n\"a\"", []frames.Message{frames.Strings("a")}},
		{frames.JSON, "\"a\"\r\n\"b\"\n", []frames.Message{frames.Strings("a"), frames.Strings("b")}},
		{frames.Hex, "", nil},
		{frames.Hex, "\n\r\n", nil},
		{frames.Hex, "-\r\n00", []frames.Message{frames.Strings(""), frames.Strings("\x00")}},
		{frames.Raw, "", []frames.Message{frames.Strings("")}},
		{frames.Raw, "a\nb\n", []frames.Message{frames.Strings("a\nb\n")}},
		{frames.Raw, strings.Repeat("x", 255), []frames.Message{frames.Strings(strings.Repeat("x", 255))}},
		{frames.Raw, strings.Repeat("x", 300_000), []frames.Message{frames.Strings(strings.Repeat("x", 300_000))}},
	} {
		got, errs := decodeAll(t, frames.NewDecoder(strings.NewReader(c.in), c.f, frames.DecoderOptions{}))
		if len(errs) > 0 || !slices.EqualFunc(got, c.want, equal) {
			t.Errorf("%v, %.40q: got %.40q, %v", c.f, c.in, got, errs)
		}
	}
}

// A message that is at hand does not wait for another.
func TestDecodeReadsOnce(t *testing.T) {
	p := &pieces{rest: [][]byte{[]byte("a\nb\nc"), []byte("c\n"), []byte("d\n")}}
	d := frames.NewDecoder(p, frames.Text, frames.DecoderOptions{})
	for i, want := range []string{"a b", "cc", "d"} {
		var b frames.Batch
		if err := d.Decode(&b); err != nil {
			t.Fatal(err)
		}
		var got []string
		for b.Len() > 0 {
			got = append(got, join(b.Next()))
		}
		if strings.Join(got, " ") != want || len(p.rest) != 2-i {
			t.Errorf("read %d: got %q with %d pieces left, want %q", i, got, len(p.rest), want)
		}
	}
}

// A Decode returns before much has been collected, so that its caller can send it.
func TestDecodeReturnsInTime(t *testing.T) {
	const lines = 100_000
	d := frames.NewDecoder(strings.NewReader(strings.Repeat("\n", lines)), frames.Text, frames.DecoderOptions{})
	var b frames.Batch
	total := 0
	for {
		b.Reset()
		if err := d.Decode(&b); err != nil {
			break
		}
		if total += b.Len(); b.Size() > 256<<10 {
			t.Fatalf("%d bytes at once", b.Size())
		}
	}
	if total != lines {
		t.Errorf("got %d messages of %d", total, lines)
	}
}

func TestDecodeAppends(t *testing.T) {
	var b frames.Batch
	b.Append(frames.Strings("first"))
	d := frames.NewDecoder(strings.NewReader("[\"second\"]\n[\"third\",2]\n"), frames.JSON, frames.DecoderOptions{})
	err := d.Decode(&b)
	if err == nil || err.Error() != "line 2, column 10: "+wantFrame+", found '2'" {
		t.Errorf("got %v", err)
	}
	first, second := join(b.Next()), join(b.Next())
	if first != "first" || second != "second" || b.Len() != 0 || b.Size() != 0 {
		t.Errorf("got %q, %q and %d more", first, second, b.Len())
	}
	for range 2 {
		if err := d.Decode(&b); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	}
}

// Messages before a failure are returned; the line that it cut is not a message.
func TestReaderFails(t *testing.T) {
	failure := errors.New("cable cut")
	for _, f := range []frames.Format{frames.JSON, frames.Text, frames.Hex, frames.Raw} {
		r := io.MultiReader(strings.NewReader("\"61\"\n\"62"), iotest.ErrReader(failure))
		if f == frames.Hex {
			r = io.MultiReader(strings.NewReader("61\n62"), iotest.ErrReader(failure))
		}
		d := frames.NewDecoder(r, f, frames.DecoderOptions{})
		var b frames.Batch
		err := d.Decode(&b)
		want := 0
		if f != frames.Raw {
			if want = 1; err != nil {
				t.Errorf("%v: %v", f, err)
			}
			err = d.Decode(&b)
		}
		if !errors.Is(err, failure) || b.Len() != want {
			t.Errorf("%v: %v with %d messages", f, err, b.Len())
		}
	}
}

// idle never returns anything.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestReaderReturnsNothing(t *testing.T) {
	for _, f := range []frames.Format{frames.Text, frames.Raw} {
		var b frames.Batch
		if err := frames.NewDecoder(idle{}, f, frames.DecoderOptions{}).Decode(&b); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%v: %v", f, err)
		}
	}
}

func TestDecodeRecord(t *testing.T) {
	in := `{"time":"2026-11-22T09:00:00.000000000Z","peer":"tcp:\/\/127.0.0.1:1","from":"front","frames":["a","b"]}
["plain"]
{"frames":["c"],"time":12,"peer":null}
{"time":1,"frames":2}
{"from":"back","frames":["d"]}
{"user":"joe","to":"b\u0061ck","frames":["e"],"endpoint":"ipc:///s"}`
	d := frames.NewDecoder(strings.NewReader(in), frames.JSON, frames.DecoderOptions{})
	want := []struct {
		frames.Record
		text, err string
	}{
		{frames.Record{Time: "2026-11-22T09:00:00.000000000Z", Peer: "tcp://127.0.0.1:1", From: "front"}, "ab", ""},
		{frames.Record{}, "plain", ""},
		{frames.Record{}, "c", ""},
		{frames.Record{}, "", "line 4, column 20: expected an array of frames, as {\"frames\":[\"a\",\"b\"]}, found '2'"},
		{frames.Record{From: "back"}, "d", ""},
		{frames.Record{User: "joe", Endpoint: "ipc:///s", To: "back"}, "e", ""},
		{frames.Record{}, "", "EOF"},
	}
	for i, w := range want {
		var b frames.Batch
		r, err := d.DecodeRecord(&b)
		switch {
		case w.err != "":
			if err == nil || err.Error() != w.err || b.Len() != 0 {
				t.Errorf("%d: got %v, %d messages", i, err, b.Len())
			}
		case err != nil || b.Len() != 1:
			t.Errorf("%d: got %v, %d messages", i, err, b.Len())
		default:
			if text := join(b.Next()); r != w.Record || text != w.text {
				t.Errorf("%d: got %+v, %q", i, r, text)
			}
		}
	}
}

func TestAppendRecordIsInput(t *testing.T) {
	e := frames.NewEncoder(nil, frames.Hex, frames.EncoderOptions{})
	r := frames.Record{Time: "2026-11-22T09:00:00.000000000Z", Peer: "ipc:///a\"\xff"}
	text := e.AppendRecord(nil, r, frames.Strings("", "\xff"))
	if want := `{"time":"2026-11-22T09:00:00.000000000Z","peer":"ipc:///a\"` + "\ufffd" + `","frames":["",{"hex":"ff"}]}` + "\n"; string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	r.Endpoint, r.User, r.From = "tcp://*:5555", "joe\n", "back"
	r.To = "log"
	text = e.AppendRecord(nil, r, frames.Strings("x"))
	if !strings.Contains(string(text), `,"endpoint":"tcp://*:5555","user":"joe\n","from":"back","to":"log","frames":["x"]}`) {
		t.Errorf("got %s", text)
	}
	m, err := frames.DecodeMessage(frames.JSON, text, frames.DecoderOptions{})
	if err != nil || !equal(m, frames.Strings("x")) {
		t.Errorf("got %q, %v", m, err)
	}
	var b frames.Batch
	r.Peer = "ipc:///a\"\ufffd"
	if got, err := frames.NewDecoder(bytes.NewReader(text), frames.JSON, frames.DecoderOptions{}).DecodeRecord(&b); err != nil || got != r {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	for f, line := range map[frames.Format]string{
		frames.JSON: `["plain","esc\"aped\u0041 åäö",{"hex":"00ff"},{"base64":"AP8="},{"j\u0073on":{"a": [1]}}]`,
		frames.Hex:  "00ff - 61",
		frames.Text: "a\tb",
	} {
		input := strings.Repeat(line+"\n", 4<<20/len(line))
		d := frames.NewDecoder(strings.NewReader(input), f, frames.DecoderOptions{})
		e := frames.NewEncoder(nil, f, frames.EncoderOptions{})
		var b frames.Batch
		var out []byte
		round := func() {
			b.Reset()
			if err := d.Decode(&b); err != nil {
				t.Fatal(err)
			}
			for b.Len() > 0 {
				out = e.Append(out[:0], b.Next())
			}
		}
		for range 4 {
			round()
		}
		if n := testing.AllocsPerRun(5, round); n > 0 {
			t.Errorf("%v: %v allocations a batch", f, n)
		}
	}
}
