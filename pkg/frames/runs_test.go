package frames

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"
)

// outcomes returns all that a Decoder makes of a text: messages, and errors with their lines.
func outcomes(r io.Reader, f Format, o DecoderOptions) (all []string) {
	d := NewDecoder(r, f, o)
	var b Batch
	for {
		b.Reset()
		err := d.Decode(&b)
		for m := b.Next(); m != nil; m = b.Next() {
			all = append(all, fmt.Sprintf("%q", m))
		}
		var bad *LineError
		switch {
		case errors.As(err, &bad):
			all = append(all, fmt.Sprintf("%d %+v", bad.Line, *bad))
		case err != nil:
			return append(all, err.Error())
		}
	}
}

// bounds are options of which each matters to some texts.
func bounds(which uint8) DecoderOptions {
	o := DecoderOptions{}
	switch which % 8 {
	case 1:
		o.MaxSize = 20
	case 2:
		o.MinFrames = 2
	case 3:
		o.MaxFrames = 2
	case 4:
		o.MaxLine = 30
	case 5:
		o.Separator, o.Delimiter = []byte(","), []byte{0}
	case 6:
		o.Separator, o.Delimiter = []byte(", "), []byte("\r\n")
	case 7:
		o.Separator, o.MaxGroup = []byte{}, 5
	}
	return o
}

// sameRuns compares lines that are at hand together with lines that come byte by byte, of
// which each is decoded alone, and messages that are encoded together with each alone.
func sameRuns(t *testing.T, text []byte, which uint8) {
	t.Helper()
	o := bounds(which)
	for _, f := range []Format{Text, Hex, JSON} {
		want := outcomes(iotest.OneByteReader(bytes.NewReader(text)), f, o)
		if got := outcomes(bytes.NewReader(text), f, o); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, options %d: %q became\n%v, want\n%v", f, which, text, got, want)
		}
		var b Batch
		for d := NewDecoder(bytes.NewReader(text), Text, o); !errors.Is(d.Decode(&b), io.EOF); {
			continue
		}
		for _, m := range []Message{{make([]byte, 255)}, {nil, make([]byte, 256)}, {make([]byte, 3), make([]byte, 2*pieceSize), nil}} {
			b.Append(m)
		}
		for range which / 8 {
			b.Next() // the first ones may be gone
		}
		var together bytes.Buffer
		var alone []byte
		e := NewEncoder(&together, f, EncoderOptions{Separator: o.Separator, Delimiter: o.Delimiter})
		for m := range b.Messages() {
			alone = e.Append(alone, m)
		}
		count := b.Len()
		if err := e.EncodeBatch(&b); err != nil || !bytes.Equal(together.Bytes(), alone) || e.Written() != uint64(count) || b.Len() > 0 {
			t.Fatalf("%v, options %d: %q became\n%q, want\n%q, %d of %d messages, %v", f, which, text, together.Bytes(), alone, e.Written(), count, err)
		}
	}
}

func TestRunsChangeNothing(t *testing.T) {
	parts := []string{
		"\n", "\n", "\t", "\t\t", "-", " ", " ", "\r\n", "\r", "00ff", "0", "DEADbeef", "weather", "-\n", " \n", "0123456789abcdef0123456789ABCDEF", ",", ", ", "\x00",
		`["a","b"]` + "\n", `["with \"quotes\""]`, `["väder"]` + "\n", `["plain","text of some length, which is no block"]` + "\n", `"` + "\x80", "\x1f", string(bytes.Repeat([]byte("4e"), 200)), string(bytes.Repeat([]byte("x"), 300)),
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var text []byte
		for range r.IntN(20) {
			text = append(text, parts[r.IntN(len(parts))]...)
		}
		sameRuns(t, text, uint8(r.IntN(256)))
	}
}

func FuzzRuns(f *testing.F) {
	f.Add([]byte("weather\t1\nother\t\t2\n\nlast"), uint8(0))
	f.Add([]byte("00ff - 0a\r\n-\n41 42\n"), uint8(2))
	f.Add([]byte(`["a","b"]`+"\n"+`["c\n"]`+"\n"), uint8(11))
	f.Fuzz(sameRuns)
}

// A run leaves a batch no larger than decoding line by line does, whatever the lengths, and
// takes no line that there is no room for.
func TestRunsFillABatch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, sizes := range [][]int{{1}, {14}, {100}, {254}, {255}, {256}, {1000}, {40000}, {70000}, {140000}, {1, 1, 1, 1, 254}, {1, 3, 1, 600}} {
		var text []byte
		var want []int
		for len(text) < 2<<20 {
			size := sizes[r.IntN(len(sizes))]
			want = append(want, size)
			text = append(append(text, bytes.Repeat([]byte("x"), size)...), '\n')
		}
		d := NewDecoder(bytes.NewReader(text), Text, DecoderOptions{})
		for {
			var b Batch
			if d.Decode(&b) != nil {
				break
			}
			// The next is taken to be as long as the last.
			if b.Len() > 1 && b.Size() > batchSize+slices.Max(sizes)-sizes[0] {
				t.Errorf("lines of %d bytes: %d messages of %d bytes", sizes, b.Len(), b.Size())
			}
			for m := range b.Messages() {
				if len(m) != 1 || len(m[0]) != want[0] {
					t.Fatalf("lines of %d bytes: a message of %d frames, the first of %d bytes", sizes, len(m), len(m[0]))
				}
				want = want[1:]
			}
		}
		if len(want) > 0 {
			t.Errorf("lines of %d bytes: %d messages are missing", sizes, len(want))
		}
	}
}
