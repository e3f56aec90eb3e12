package framing_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zcat/zcat/pkg/internal/framing"
)

// item is a message of the model: its text and where it came from.
type item struct {
	text   string
	source *framing.Source
}

func (i item) String() string { return fmt.Sprintf("%s from %v", i.text, i.source) }

// all returns the messages of a batch.
func all(b *framing.Batch) (items []item) {
	b.Sources(func(source *framing.Source, m [][]byte) bool {
		items = append(items, item{fmt.Sprintf("%q", m), source})
		return true
	})
	return items
}

// After any operations on batches, in any order, each holds the messages that it
// should, in order, each with its source.
func TestBatchesHoldWhatTheyAreGiven(t *testing.T) {
	sources := []*framing.Source{nil, {Peer: "a"}, {Peer: "b", User: "joe"}, {Peer: "c"}}
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		var batches [2]framing.Batch
		var models [2][]item
		count := 0
		newMessage := func() ([][]byte, item) {
			m := message(fmt.Sprint(count))
			count++
			if r.IntN(4) == 0 {
				m[0] = append(m[0], make([]byte, 300)...)
			}
			for range r.IntN(3) {
				m = append(m, make([]byte, r.IntN(300)))
			}
			return m, item{text: fmt.Sprintf("%q", m)}
		}
		for step := range 100 {
			at := r.IntN(2)
			b, model := &batches[at], &models[at]
			source := sources[r.IntN(len(sources))]
			what := r.IntN(13)
			switch what {
			case 0, 1:
				n := r.IntN(3)
				for range n {
					m, i := newMessage()
					i.source = source
					b.Append(m)
					*model = append(*model, i)
				}
				b.AppendSource(source, n)
			case 2:
				m, i := newMessage()
				b.Append(m)
				*model = append(*model, i)
			case 3:
				if len(models[1-at]) < 30 {
					b.AppendBatch(&batches[1-at])
					*model = append(*model, models[1-at]...)
				}
			case 4:
				b.Truncate(r.IntN(8) - 1)
				// The model is cut to as many as are left; how many that may be is
				// held below.
				*model = (*model)[:b.Len()]
			case 5:
				b.Swap(&batches[1-at])
				models[0], models[1] = models[1], models[0]
			case 6:
				if r.IntN(8) == 0 {
					b.Reset()
					*model = nil
				}
			case 7:
				if m := b.Next(); m != nil {
					b.Append(m) // a view into the batch itself
					*model = append((*model)[1:], item{text: (*model)[0].text})
				}
			case 8:
				n := r.IntN(len(*model) + 1)
				rest := b.Wire()
				for range n {
					_, rest = framing.CutMessage(rest)
				}
				b.Discard(b.Size()-len(rest), n)
				*model = (*model)[n:]
			case 9:
				if len(*model) < 30 {
					b.AppendBatch(b)
					*model = append(*model, *model...)
				}
			case 10:
				n := r.IntN(len(*model) + 2)
				if len(models[1-at])+n > 60 {
					break
				}
				last := b.Next() // its list lives until the next Next, whatever is moved
				*model = (*model)[min(1, len(*model)):]
				text := fmt.Sprintf("%q", last)
				b.Shift(&batches[1-at], n)
				n = min(n, len(*model))
				models[1-at] = append(models[1-at], (*model)[:n]...)
				*model = (*model)[n:]
				if n == 0 && fmt.Sprintf("%q", last) != text {
					t.Fatalf("seed %d, step %d: %s became %q", seed, step, text, last)
				}
			default:
				if b.Len() == 0 {
					if b.Next() != nil || b.NextWire() != nil || b.Source() != nil {
						t.Fatalf("seed %d, step %d: an empty batch has a message", seed, step)
					}
					break
				}
				want := (*model)[0]
				source := b.Source()
				if got := (item{fmt.Sprintf("%q", b.Next()), source}); got != want {
					t.Fatalf("seed %d, step %d: next is %v, want %v", seed, step, got, want)
				}
				*model = (*model)[1:]
			}
			for i := range batches {
				got := all(&batches[i])
				if batches[i].Len() != len(models[i]) || !slices.Equal(got, models[i]) {
					t.Fatalf("seed %d, step %d, operation %d: batch %d holds\n%v, want\n%v", seed, step, what, i, got, models[i])
				}
			}
		}
	}
}

func TestTruncate(t *testing.T) {
	for n, want := range map[int]int{-1: 0, 0: 0, 1: 1, 2: 2, 3: 3, 4: 3, math.MaxInt: 3} {
		var b framing.Batch
		for i := range 3 {
			b.Append(message(fmt.Sprint(i)))
		}
		if b.Truncate(n); b.Len() != want || len(all(&b)) != want || b.Size() != 3*want {
			t.Errorf("Truncate(%d): %d messages of %d bytes, want %d", n, b.Len(), b.Size(), want)
		}
	}
}

func TestUseHandsTheBufferBack(t *testing.T) {
	var b framing.Batch
	b.Append(message("old"))
	b.AppendSource(&framing.Source{Peer: "s"}, 1)
	old := b.Use(framing.AppendMessage(nil, message("new")), 1)
	if len(old) != 0 || cap(old) == 0 || b.Len() != 1 || b.Source() != nil || fmt.Sprintf("%q", b.Next()) != `["new"]` {
		t.Errorf("%d messages, a buffer of %d", b.Len(), cap(old))
	}
}

// A message added in parts is whole with the addition after them.
func TestAppendPart(t *testing.T) {
	var b framing.Batch
	b.AppendPart(framing.AppendFrame(nil, []byte("id"), true))
	b.AppendWire(framing.AppendMessage(nil, message("", "x")), 1)
	if got := fmt.Sprintf("%q", b.Next()); got != `["id" "" "x"]` || b.Len() != 0 {
		t.Errorf("got %s and %d more", got, b.Len())
	}
}

// A queue that never runs empty stays as small as what it holds.
func TestBatchDoesNotGrowWithoutEnd(t *testing.T) {
	var b framing.Batch
	m := message("0123456789", "abcdef")
	for range 100 {
		b.Append(m)
	}
	one := len(framing.AppendMessage(nil, m))
	for i := range 5_000 {
		b.Append(m)
		if b.Next(); b.Len() != 100 || b.Size() != 100*one {
			t.Fatalf("round %d: %d messages of %d bytes", i, b.Len(), b.Size())
		}
	}
	if held := cap(b.Use(nil, 0)); held > 8*100*one {
		t.Errorf("the buffer has %d bytes for %d", held, 100*one)
	}
}

// Going through a batch, and taking from it, costs no memory in the long run.
func TestBatchAllocatesNothing(t *testing.T) {
	var b framing.Batch
	m, source := message("id", "", "body"), &framing.Source{Peer: "s"}
	if n := testing.AllocsPerRun(100, func() {
		b.Reset()
		for range 10 {
			b.Append(m)
		}
		b.AppendSource(source, 10)
		b.Sources(func(*framing.Source, [][]byte) bool { return true })
		for b.Len() > 0 {
			b.Next()
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkNext takes messages of one frame off a batch.
func BenchmarkNext(b *testing.B) {
	for _, size := range []int{16, 300} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var batch, full framing.Batch
			for range 1000 {
				full.Append([][]byte{make([]byte, size)})
			}
			full.AppendSource(&framing.Source{Peer: "p"}, full.Len())
			for n := 0; n < b.N; n++ {
				if batch.Len() == 0 {
					batch.AppendBatch(&full)
				}
				if len(batch.Next()) != 1 {
					b.Fatal("no message")
				}
			}
		})
	}
}
