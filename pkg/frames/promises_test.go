package frames_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

// randomMessage has any bytes in its frames, or, where it is plain, only letters, so
// that every format can write it.
func randomMessage(rng *rand.Rand, plain bool) frames.Message {
	m := make(frames.Message, 1+rng.IntN(4))
	for i := range m {
		m[i] = make([]byte, rng.IntN(6))
		for j := range m[i] {
			m[i][j] = byte(rng.IntN(256))
			if plain {
				m[i][j] = "abcxyz"[rng.IntN(6)]
			}
		}
	}
	return m
}

// Every format keeps its promises, and promises everything that it keeps: a format
// that only happens to lose nothing in the listed cases would not survive the
// random ones.
func TestFormatsKeepTheirPromises(t *testing.T) {
	encoded := func(f frames.Format, o frames.EncoderOptions, list ...frames.Message) (text []byte) {
		for _, m := range list {
			text = append(text, frames.EncodeMessage(f, m, o)...)
		}
		return text
	}
	for _, f := range frames.Formats() {
		lost, torn, changed, apart, recorded := 0, 0, 0, 0, 0
		rng := rand.New(rand.NewPCG(1, uint64(f)))
		for range 3000 {
			whole, plain := randomMessage(rng, false), randomMessage(rng, true)
			if got, err := frames.DecodeMessage(f, encoded(f, frames.EncoderOptions{}, whole), frames.DecoderOptions{}); err != nil || !equal(got, whole) {
				lost++
			}
			text := encoded(f, frames.EncoderOptions{}, plain, plain)
			messages, errs := decodeAll(t, frames.NewDecoder(bytes.NewReader(text), f, frames.DecoderOptions{}))
			if len(errs) > 0 || len(messages) != 2 || bytes.Count(text, []byte("\n")) != 2 || !bytes.HasSuffix(text, []byte("\n")) {
				torn++
			}
			one := whole[:1]
			got, err := frames.DecodeMessage(f, one[0], frames.DecoderOptions{})
			if err != nil || !equal(got, one) || !bytes.Equal(encoded(f, frames.EncoderOptions{}, one), one[0]) {
				changed++
			}
			if bytes.Equal(encoded(f, frames.EncoderOptions{Separator: []byte("::"), Delimiter: []byte(";")}, plain), encoded(f, frames.EncoderOptions{}, plain)) {
				apart++
			}
			record := frames.NewEncoder(nil, f, frames.EncoderOptions{}).AppendRecord(nil, frames.Record{Peer: "tcp://127.0.0.1:1"}, whole)
			if got, err := frames.DecodeMessage(f, record, frames.DecoderOptions{}); err != nil || !equal(got, whole) {
				recorded++
			}
		}
		for promise, p := range map[string]struct {
			made   bool
			broken int
		}{
			"lossless": {f.Lossless(), lost}, "lines": {f.Lines(), torn}, "verbatim": {f.Verbatim(), changed},
			"separated": {f.Separated(), apart}, "records": {f.Records(), recorded},
		} {
			if p.made != (p.broken == 0) {
				t.Errorf("%v: %s is promised: %v, and broken %d times", f, promise, p.made, p.broken)
			}
		}
	}
}

// A format that promises separators reads by the same ones that it writes by.
func TestSeparatedFormatsReadTheirSeparators(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for _, f := range frames.Formats() {
		for i := 0; f.Separated() && i < 1000; i++ {
			m := randomMessage(rng, true)
			text := frames.EncodeMessage(f, m, frames.EncoderOptions{Separator: []byte("::"), Delimiter: []byte(";")})
			got, err := frames.DecodeMessage(f, text, frames.DecoderOptions{Separator: []byte("::"), Delimiter: []byte(";")})
			if err != nil || !equal(got, m) {
				t.Fatalf("%v: %q was read from %q as %q, %v", f, m, text, got, err)
			}
		}
	}
}

// A number that is no format writes nothing, reads nothing and promises nothing.
func TestNoFormat(t *testing.T) {
	f := frames.Format(len(frames.Formats()))
	var b frames.Batch
	err := frames.NewDecoder(strings.NewReader("[\"a\"]\n"), f, frames.DecoderOptions{}).Decode(&b)
	if !errors.Is(err, io.EOF) || b.Len() > 0 || len(frames.EncodeMessage(f, frames.Strings("a"), frames.EncoderOptions{})) > 0 {
		t.Errorf("%v: %v, %d messages", f, err, b.Len())
	}
	if f.Lines() || f.Lossless() || f.Separated() || f.Verbatim() || f.Records() {
		t.Errorf("%v promises something", f)
	}
}
