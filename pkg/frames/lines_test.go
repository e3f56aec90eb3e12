package frames

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"weak"
)

// most is a reader that notes the most that was read at a time.
type most struct {
	r io.Reader
	n int
}

func (m *most) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n = max(m.n, n)
	return n, err
}

// The buffer of a huge line is let go once the line is decoded, not when more is read, and
// little of the next line is in it by then.
func TestHugeLineIsLetGo(t *testing.T) {
	huge := strings.Repeat("x", keptBuffer+1)
	input := "[\"" + huge + "\"]\n[\"" + huge + "\"]\n[\"end\"]\n"
	r := &most{r: strings.NewReader(input)}
	d := NewDecoder(r, JSON, DecoderOptions{})
	for i := range 2 {
		var b Batch
		if err := d.Decode(&b); err != nil {
			t.Fatal(err)
		}
		if m := b.Next(); string(m[0]) != huge {
			t.Errorf("message %d has %d bytes", i, len(m[0]))
		}
		if n := len(d.lines.buf); n > keptBuffer/4 {
			t.Errorf("behind message %d a buffer of %d bytes is kept", i, n)
		}
	}
	var b Batch
	if err := d.Decode(&b); err != nil || !bytes.Equal(b.Next()[0], []byte("end")) {
		t.Errorf("the end is missing: %v", err)
	}
	if r.n > mostRead {
		t.Errorf("%d bytes were read at a time", r.n)
	}
}

// Whoever asks for it is told each time that the buffer of a huge line has grown, in every
// format, when nothing refers to the one before: it may be freed then.
func TestGrownBufferIsFree(t *testing.T) {
	for _, f := range []Format{JSON, Hex, Text, Raw} {
		var (
			d        *Decoder
			batch    Batch
			sizes    []int
			previous weak.Pointer[byte]
		)
		d = NewDecoder(strings.NewReader(strings.Repeat("30", 5*keptBuffer/2)+"\n"), f, DecoderOptions{Grown: func(size int) {
			if sizes = append(sizes, size); f == Raw { // the batch has it, at the end only
				return
			}
			runtime.GC()
			if previous.Value() != nil {
				t.Errorf("%v: the buffer before one of %d bytes is still referred to", f, size)
			}
			previous = weak.Make(&d.lines.buf[0])
		}})
		if err := d.Decode(&batch); err != nil && f != JSON { // of which it is no message
			t.Errorf("%v: %v", f, err)
		}
		if len(sizes) < 2 || !slices.IsSorted(sizes) || sizes[0] <= keptBuffer {
			t.Errorf("%v: grown to %d", f, sizes)
		}
	}
}

// steps is a reader that has a number of reads at hand: Ready says whether one is left.
type steps struct {
	text  string // what each read gives
	left  int
	reads int
}

func (s *steps) Ready() bool { return s.left > 0 }

func (s *steps) Read(p []byte) (int, error) {
	if s.reads++; s.left == 0 {
		return 0, io.EOF
	}
	s.left--
	return copy(p, s.text), nil
}

// A Decode reads on while that needs no wait, until its batch is full, and adds no message
// beyond that; it does not read where it would have to wait.
func TestDecodeReadsOnWhatIsReady(t *testing.T) {
	line := strings.Repeat("x", 98)
	for _, c := range []struct{ reads, lines, batches int }{
		{1, 1, 1}, {3, 5, 1}, {100, 1, 1}, {20, 655, 11}, {2, 1300, 2},
	} {
		r := &steps{text: strings.Repeat(line+"\n", c.lines), left: c.reads}
		d := NewDecoder(r, Text, DecoderOptions{})
		var b Batch
		messages := 0
		for range c.batches {
			b.Reset()
			if err := d.Decode(&b); err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
			if messages += b.Len(); b.Size() > batchSize {
				t.Errorf("%+v: a batch of %d bytes", c, b.Size())
			}
		}
		if messages != c.reads*c.lines || r.reads != c.reads {
			t.Errorf("%+v: %d messages after %d reads", c, messages, r.reads)
		}
	}
}
