package frames

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// hesitant is a reader that has something at hand only now and then, in pieces.
type hesitant struct {
	rng  *rand.Rand
	text []byte
	due  int // bytes at hand
}

func (h *hesitant) ready() bool {
	if h.due == 0 && h.rng.IntN(3) > 0 {
		h.due = 1 + h.rng.IntN(8000)
	}
	return h.due > 0
}

func (h *hesitant) Read(p []byte) (int, error) {
	if len(h.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, h.text[:min(len(h.text), max(h.due, 1))])
	h.text, h.due = h.text[n:], max(h.due-n, 0)
	return n, nil
}

// linesOfAll are lines of a format, some of them bad, blank, or too long.
func linesOfAll(rng *rand.Rand, f Format) (text []byte) {
	e := NewEncoder(nil, f, EncoderOptions{})
	for range rng.IntN(40) {
		switch rng.IntN(20) {
		case 0:
			text = append(text, "zz [\n"...)
		case 1:
			text = append(text, '\n')
		case 2:
			text = append(text, strings.Repeat("0", 80<<10)+"\n"...)
		default:
			m := Strings(fmt.Sprint("id", rng.IntN(3)), strings.Repeat("x", rng.IntN(400)))
			text = e.Append(text, m)
		}
	}
	if len(text) > 0 && rng.IntN(2) == 0 {
		text = text[:len(text)-1]
	}
	return text
}

// decoded returns everything that d decodes, bad lines as their errors; between is
// called between two reads.
func decoded(t *testing.T, d *Decoder, between func()) (all []string) {
	t.Helper()
	for {
		between()
		var b Batch
		err := d.Decode(&b)
		for b.Len() > 0 {
			all = append(all, fmt.Sprintf("%q", b.Next()))
		}
		var bad *LineError
		switch {
		case errors.Is(err, io.EOF):
			return all
		case errors.As(err, &bad):
			all = append(all, "bad: "+bad.Error())
		case err != nil:
			t.Fatal(err)
		}
	}
}

// Looking ahead does not change what is decoded, and shows it in advance: each
// message once, in order, up to one that is not approved of, which is shown again.
func TestAheadShowsWhatComes(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 0))
		f := []Format{JSON, Hex, Text}[rng.IntN(3)]
		text := linesOfAll(rng, f)
		o := DecoderOptions{MaxSize: 1000}
		want := decoded(t, NewDecoder(bytes.NewReader(text), f, o), func() {})
		var messages []string
		for _, m := range want {
			if !strings.HasPrefix(m, "bad: ") {
				messages = append(messages, m)
			}
		}
		r := &hesitant{rng: rng, text: text}
		d := NewDecoder(r, f, o)
		var shown []string // since the last message that was decoded
		taken := 0
		look := func() {
			reach := []int{10, 2000, 1 << 20}[rng.IntN(3)]
			for range rng.IntN(3) {
				again := ""
				anew := rng.IntN(4) == 0
				if anew {
					shown = nil
				}
				more := d.Ahead(anew, reach, r.ready, func(m Message) bool {
					if again = ""; rng.IntN(8) == 0 {
						again = fmt.Sprintf("%q", m)
						return false
					}
					shown = append(shown, fmt.Sprintf("%q", m))
					return true
				})
				if more && reach == 1<<20 && len(text) < reach {
					t.Errorf("seed %d: there is more than all", seed)
				}
				at := taken + len(shown)
				if again != "" && (at >= len(messages) || messages[at] != again) {
					t.Fatalf("seed %d: %q was shown", seed, again)
				}
				if at > len(messages) || !slices.Equal(shown, messages[taken:at]) {
					t.Fatalf("seed %d: shown %d behind %d of %d", seed, len(shown), taken, len(messages))
				}
			}
		}
		got := []string{}
		for {
			look()
			shown = nil
			var b Batch
			err := d.decode(&b, 1) // one at a time
			for b.Len() > 0 {
				got = append(got, fmt.Sprintf("%q", b.Next()))
				taken++
			}
			var bad *LineError
			if errors.As(err, &bad) {
				got = append(got, "bad: "+bad.Error())
			} else if err != nil {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d of %d decoded", seed, len(got), len(want))
		}
	}
}

// Input out of reach is reported, and is not read.
func TestAheadKeepsWithinReach(t *testing.T) {
	r := strings.NewReader(strings.Repeat("a\tb\n", 1<<17))
	d := NewDecoder(r, Text, DecoderOptions{})
	count := 0
	more := d.Ahead(false, 200<<10, func() bool { return true }, func(Message) bool { count++; return true })
	if left := r.Len(); !more || count < 50<<10 || left < 200<<10 {
		t.Errorf("more %v, %d shown, %d bytes left", more, count, left)
	}
	if more := d.Ahead(false, 200<<10, func() bool { return true }, func(Message) bool { t.Error("shown twice"); return true }); !more {
		t.Error("nothing more")
	}
	if more := d.Ahead(false, 1<<20, func() bool { return true }, func(Message) bool { count++; return true }); more || count != 1<<17 {
		t.Errorf("more %v, %d shown", more, count)
	}
}
