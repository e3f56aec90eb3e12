package frames_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// The size is that of the message, not of its line.
func TestMaxSize(t *testing.T) {
	for _, c := range []struct {
		f        frames.Format
		fits     string
		tooLarge string
	}{
		{frames.JSON, `["\u0061\u0062","","\u0063\u0064"]`, `["ab","cde"]`},
		{frames.JSON, `{"note":"longer than that","frames":[{"hex":"00000000"}]}`, `[{"base64":"AAAAAAA="}]`},
		{frames.JSON, `[{"json": [ 12 ] }]`, `[{"json":[123]}]`},
		{frames.Hex, "61 6263 - 64", "6162 636465"},
		{frames.Text, "ab\tcd\t\t", "abcde"},
		{frames.Raw, "abcd", "abcde"},
	} {
		o := frames.DecoderOptions{MaxSize: 4}
		if m, err := frames.DecodeMessage(c.f, []byte(c.fits), o); err != nil || m.Size() != 4 {
			t.Errorf("%v, %q: got %q, %v", c.f, c.fits, m, err)
		}
		m, err := frames.DecodeMessage(c.f, []byte(c.tooLarge), o)
		var bad *frames.LineError
		if !errors.As(err, &bad) || !bad.TooLarge || err.Error() != "expected a message of at most 4 bytes" {
			t.Errorf("%v, %q: got %q, %v", c.f, c.tooLarge, m, err)
		}
	}
}

func TestMinFrames(t *testing.T) {
	o := frames.DecoderOptions{MinFrames: 2}
	for f, text := range map[frames.Format]string{frames.JSON: `["id"]`, frames.Hex: "6964", frames.Text: "id", frames.Raw: "id"} {
		const want = "expected a routing id and at least one more frame, found one frame"
		if m, err := frames.DecodeMessage(f, []byte(text), o); err == nil || err.Error() != want {
			t.Errorf("%v: got %q, %v", f, m, err)
		}
	}
	if m, err := frames.DecodeMessage(frames.JSON, []byte(`["id",""]`), o); err != nil || len(m) != 2 {
		t.Errorf("got %q, %v", m, err)
	}
	o.MinFrames = 3
	if _, err := frames.DecodeMessage(frames.JSON, []byte(`["id",""]`), o); err == nil || err.Error() != "expected at least 3 frames, found 2" {
		t.Errorf("got %v", err)
	}
}

func TestMaxFrames(t *testing.T) {
	o := frames.DecoderOptions{MinFrames: 2, MaxFrames: 2, Frames: "a group and a body"}
	for text, want := range map[string]string{
		`["g"]`: "expected a group and a body, found one frame", `["g","a","b"]`: "expected a group and a body, found 3 frames", `["g","a"]`: "",
	} {
		_, err := frames.DecodeMessage(frames.JSON, []byte(text), o)
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := frames.DecodeMessage(frames.JSON, []byte(`["a","b"]`), frames.DecoderOptions{MaxFrames: 1}); err == nil || err.Error() != "expected at most 1 frames, found 2" {
		t.Error(err)
	}
}

// endless is a reader that returns the same byte for ever and counts.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

// No input makes the memory grow without end.
func TestEndlessLine(t *testing.T) {
	const maxSize = 100_000
	for _, f := range frames.Formats() {
		var r endless
		var b frames.Batch
		err := frames.NewDecoder(&r, f, frames.DecoderOptions{MaxSize: maxSize}).Decode(&b)
		var bad *frames.LineError
		if !errors.As(err, &bad) || !bad.TooLarge || b.Len() != 0 {
			t.Errorf("%v: %v", f, err)
		}
		if most := 8*maxSize + 128<<10; r.read > most {
			t.Errorf("%v: %d bytes were read", f, r.read)
		}
	}
}

// A limit on lines alone bounds them, and says so.
func TestEndlessOrder(t *testing.T) {
	const most = 200_000
	var r endless
	var b frames.Batch
	d := frames.NewDecoder(&r, frames.JSON, frames.DecoderOptions{MaxLine: most})
	err := d.DecodeOrders(&b, func(*frames.Order) error { return nil })
	var bad *frames.LineError
	if !errors.As(err, &bad) || !bad.TooLarge || bad.Error() != "line 1: expected a line of at most 200000 bytes" {
		t.Error(err)
	}
	if r.read > most+128<<10 {
		t.Errorf("%d bytes were read", r.read)
	}
}

// A line in the middle of which the input ends is told from one that is wrong.
func TestCutLines(t *testing.T) {
	for text, cut := range map[string]bool{"[\"a\n": false, "[\"a\"]\n[\"a": true, "[\"a\"\n[\"b\"]": false} {
		var b frames.Batch
		d := frames.NewDecoder(strings.NewReader(text), frames.JSON, frames.DecoderOptions{})
		var err error
		for err == nil {
			err = d.DecodeOrders(&b, func(*frames.Order) error { return nil })
		}
		var bad *frames.LineError
		if !errors.As(err, &bad) || bad.Cut != cut {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The line after one that is too long is a line like any other.
func TestLongLineIsSkipped(t *testing.T) {
	const most = 8*1 + 64<<10
	for _, c := range []struct {
		f                 frames.Format
		delimiter, filler string
	}{
		{frames.JSON, "\n", " "},
		{frames.Text, "\n", "\t"},
		{frames.Text, "--", "-x"},
		{frames.Text, "aab", "aa\t"},
	} {
		fill := func(n int) string {
			return strings.Repeat(c.filler, n/len(c.filler)+1)[:n-1] + c.filler[len(c.filler)-1:]
		}
		good := map[frames.Format]string{frames.JSON: `"1"`, frames.Text: "1"}[c.f]
		for _, n := range []int{most + 1, most + 2, 3 * most, 10 * most} {
			in := good + c.delimiter + fill(n) + c.delimiter + good
			for _, size := range []int{1000, 1 << 20} {
				p := &pieces{}
				for rest := in; rest != ""; {
					k := min(size, len(rest))
					p.rest = append(p.rest, []byte(rest[:k]))
					rest = rest[k:]
				}
				d := frames.NewDecoder(p, c.f, frames.DecoderOptions{MaxSize: 1, Delimiter: []byte(c.delimiter)})
				messages, errs := decodeAll(t, d)
				if len(messages) != 2 || len(errs) != 1 || !errs[0].TooLarge ||
					errs[0].Error() != "line 2: expected a message of at most 1 bytes, in a line of at most 65544" {
					t.Errorf("%v, %q: line of %d in reads of %d: %d messages, %v", c.f, c.delimiter, n, size, len(messages), errs)
				}
			}
		}
		if c.f == frames.JSON {
			in := good + fill(most-len(good)) + "\n" + good
			if messages, errs := decodeAll(t, frames.NewDecoder(strings.NewReader(in), c.f, frames.DecoderOptions{MaxSize: 1})); len(messages) != 2 || len(errs) != 0 {
				t.Errorf("the longest line: %d messages, %v", len(messages), errs)
			}
		}
	}
}

// A long line that never ends leaves an end of input, not a message.
func TestLongLineAtTheEnd(t *testing.T) {
	d := frames.NewDecoder(strings.NewReader("1\n"+strings.Repeat("x", 1<<20)), frames.Text, frames.DecoderOptions{MaxSize: 1})
	messages, errs := decodeAll(t, d)
	if len(messages) != 1 || len(errs) != 1 || errs[0].Line != 2 {
		t.Errorf("got %d messages, %v", len(messages), errs)
	}
}

// Without a limit a line may be as long as memory is.
func TestNoLimit(t *testing.T) {
	text := strings.Repeat("x", 3<<20)
	m, err := frames.DecodeMessage(frames.Text, []byte(text), frames.DecoderOptions{})
	if err != nil || string(m[0]) != text {
		t.Errorf("got %d bytes, %v", m.Size(), err)
	}
	messages, _ := decodeAll(t, frames.NewDecoder(io.MultiReader(strings.NewReader(text), strings.NewReader("\ny\n")), frames.Text, frames.DecoderOptions{}))
	if len(messages) != 2 || string(messages[0][0]) != text {
		t.Errorf("got %d messages", len(messages))
	}
}
