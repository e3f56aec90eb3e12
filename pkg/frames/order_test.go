package frames_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/zcat/zcat/pkg/frames"
)

// orders is what DecodeOrders makes of a stream, a line for each order or error.
func orders(t *testing.T, r io.Reader) string {
	t.Helper()
	d := frames.NewDecoder(r, frames.JSON, frames.DecoderOptions{})
	var (
		b    frames.Batch
		text strings.Builder
	)
	for {
		err := d.DecodeOrders(&b, func(o *frames.Order) error {
			fmt.Fprintf(&text, "%d to %q from %q pause %q resume %q:", o.Line, o.To, o.From, o.Pause, o.Resume)
			if n := 0; b.Len() > 0 {
				for m := range b.Messages() {
					n = len(m)
				}
				if o.Frames != n {
					t.Errorf("line %d: Frames is %d, and the message has %d", o.Line, o.Frames, n)
				}
			}
			for m := range b.Messages() {
				fmt.Fprintf(&text, " %q", m)
			}
			text.WriteByte('\n')
			return nil
		})
		var bad *frames.LineError
		switch {
		case errors.Is(err, io.EOF):
			return text.String()
		case errors.As(err, &bad):
			fmt.Fprintf(&text, "%d bad: %v\n", bad.Line, bad)
		case err != nil:
			t.Fatal(err)
		}
	}
}

func TestDecodeOrders(t *testing.T) {
	for _, row := range []struct{ line, want string }{
		{`{"to":"a","frames":["x","y"]}`, `1 to "a" from "" pause "" resume "": ["x" "y"]`},
		{`{"frames":["x"],"to":"a"}`, `1 to "a" from "" pause "" resume "": ["x"]`},
		{`{"time":"t","from":"b","peer":"p","frames":["x"]}`, `1 to "" from "b" pause "" resume "": ["x"]`},
		{`{"to":"a","from":"b","frames":[{"hex":"00ff"}]}`, `1 to "a" from "b" pause "" resume "": ["\x00\xff"]`},
		{`{"pause":"a"}`, `1 to "" from "" pause "a" resume "":`},
		{`{"resume":"a"}`, `1 to "" from "" pause "" resume "a":`},
		{`{"pause":"a","resume":"b"}`, `1 to "" from "" pause "a" resume "b":`},
		{`{"to":"\u0061","frames":["x"]}`, `1 to "a" from "" pause "" resume "": ["x"]`},
		{`["x"]`, `1 to "" from "" pause "" resume "": ["x"]`},
		{`{"event":"tick"}`, ``},
		{`{"event":"unsent","to":"a","frames":["x"]}`, ``},
		{``, ``},
		{`{"to":"","frames":["x"]}`, `1 bad: line 1, column 7: expected the name of a socket in quotes, as {"to":"workers","frames":["a"]}, found an empty one`},
		{`{"to":7,"frames":["x"]}`, `1 bad: line 1, column 7: expected the name of a socket in quotes, as {"to":"workers","frames":["a"]}`},
		{`{"pause":["a"]}`, `1 bad: line 1, column 10: expected the name of a socket in quotes, as {"to":"workers","frames":["a"]}`},
	} {
		got := strings.TrimSuffix(orders(t, strings.NewReader(row.line+"\n")), "\n")
		if !strings.HasPrefix(got, row.want) || row.want == "" && got != "" {
			t.Errorf("%s\n got %s\nwant %s", row.line, got, row.want)
		}
	}
	// The order and its message are as they were until take returns, and its error ends
	// the call behind that line.
	d := frames.NewDecoder(strings.NewReader(`{"to":"a","frames":["1"]}`+"\n"+`{"to":"b","frames":["2"]}`+"\n"), frames.JSON, frames.DecoderOptions{})
	var b frames.Batch
	stop := errors.New("stop")
	for _, want := range []string{"a", "b"} {
		if err := d.DecodeOrders(&b, func(o *frames.Order) error {
			if string(o.To) != want || b.Len() != 1 {
				t.Errorf("%q with %d messages", o.To, b.Len())
			}
			return stop
		}); !errors.Is(err, stop) {
			t.Error(err)
		}
	}
	if err := d.DecodeOrders(&b, func(*frames.Order) error { return nil }); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if d.DecodeOrders(nil, func(*frames.Order) error { return nil }) == nil || d.DecodeOrders(&b, nil) == nil {
		t.Error("nil is taken")
	}
}

// In whatever pieces lines come, they say the same; and where one is an object whose
// names encoding/json reads, these are its names.
func FuzzOrders(f *testing.F) {
	for _, line := range []string{
		`{"to":"a","frames":["x"]}`, `{"pause":"a"}` + "\n" + `{"resume":"\u00e4"}`, `{"from":"b","to":"c","frames":["x",{"hex":"00"}]}`, `{"event":"x","to":"a"}`, `{"to":1}`, `["x"]`,
	} {
		f.Add([]byte(line), uint8(1))
	}
	f.Fuzz(func(t *testing.T, input []byte, piece uint8) {
		want := orders(t, bytes.NewReader(input))
		if got := orders(t, &pieces{rest: slices.Collect(slices.Chunk(input, int(piece)+1))}); got != want {
			t.Fatalf("in pieces of %d:\n got %s\nwant %s", int(piece)+1, got, want)
		}
		var object map[string]json.RawMessage
		if bytes.ContainsAny(input, "\n\\") || json.Unmarshal(input, &object) != nil || bytes.Count(input, []byte{':'}) != len(object) {
			return // several lines, or names that stand in it twice
		}
		d := frames.NewDecoder(bytes.NewReader(input), frames.JSON, frames.DecoderOptions{})
		var b frames.Batch
		_ = d.DecodeOrders(&b, func(o *frames.Order) error {
			for name, got := range map[string][]byte{"to": o.To, "from": o.From, "pause": o.Pause, "resume": o.Resume} {
				var text string
				if raw, found := object[name]; found && json.Unmarshal(raw, &text) != nil || text != string(got) && !strings.ContainsRune(text, 0xfffd) {
					t.Errorf("%q is %q, want %q", name, got, text)
				}
			}
			return nil
		})
	})
}

// What a line is does not depend on the lines before it, however alike they begin.
// What is in no message when nothing more is read is lost, and the decoder knows of it.
func TestMidway(t *testing.T) {
	halted := errors.New("halted")
	for input, midway := range map[string]bool{
		"": false, "[\"a\"]\n": false, "[\"a\"]": true, "[\"a\"]\n[\"b": true, "[\"a\"]\n \r\t": false, "[": true,
	} {
		d := frames.NewDecoder(io.MultiReader(strings.NewReader(input), iotest.ErrReader(halted)), frames.JSON, frames.DecoderOptions{})
		var b frames.Batch
		var err error
		for err == nil {
			err = d.DecodeOrders(&b, func(*frames.Order) error { return nil })
		}
		if !errors.Is(err, halted) || d.Midway() != midway {
			t.Errorf("%q ended with %v, midway %v", input, err, d.Midway())
		}
	}
}

func TestDecodeOrdersAlike(t *testing.T) {
	heads := []string{
		`{"to":"a",`, `{"to":"b",`, `{"from":"a","to":"b",`, `{"from":"b",`, `{"hex":"00",`, `{"to":"a","pause":"b",`,
		`{"time":"t","from":"a",`, `{ "to" : "a" , `, `{"event":"e","to":"a",`, `{"event":7,"to":"a",`, `{`,
	}
	firsts := []string{
		`{"hex":"00ff"}`, `{"hex":"00fe"}`, `{"hex":"00ff" }`, `{"base64":"AP8="}`, `{"json":{"a":[1,2]}}`, `"x"`,
		`{"hex":"zz"}`, `{"hex":"` + strings.Repeat("00", 300) + `"}`, `""`,
	}
	rests := []string{`,"y"]}`, `,{"hex":"00ff"},{"hex":"00ff"}]}`, `]}`, ` , "y"]}`, `],"to":"c"}`, `,"y"],"frames":["z"]}`, `,"y"],"event":"e"}`, `,`, `,]}`}
	random := rand.New(rand.NewPCG(1, 2))
	var lines []string
	for range 5000 {
		line := heads[random.IntN(len(heads))] + `"frames":[` + firsts[random.IntN(len(firsts))] + rests[random.IntN(len(rests))]
		if random.IntN(8) == 0 {
			line = `[` + firsts[random.IntN(len(firsts))] + `,"y"]`
		}
		for range 1 + random.IntN(3) {
			lines = append(lines, line)
		}
	}
	alone := ""
	for i, line := range lines {
		alone += strings.NewReplacer("1 to ", fmt.Sprint(i+1, " to "), "1 bad: line 1", fmt.Sprint(i+1, " bad: line ", i+1)).Replace(orders(t, strings.NewReader(line)))
	}
	together := orders(t, strings.NewReader(strings.Join(lines, "\n")))
	if together != alone {
		a, b := strings.Split(together, "\n"), strings.Split(alone, "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Fatalf("in a row:\n%s\nalone:\n%s", a[i], b[min(i, len(b)-1)])
			}
		}
	}
}
