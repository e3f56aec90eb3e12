package topics

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A table is what a map and a sorted list of its keys would be, whatever comes and
// goes, and the account of its tree is that of one which was filled with what is left.
func TestTable(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		var charged tally
		table, model := NewTable[string](&charged), map[string]*string{}
		random := func() string {
			topic := make([]byte, r.IntN(6))
			for i := range topic {
				topic[i] = "ab\x00\xff"[r.IntN(4)]
			}
			if r.IntN(10) == 0 {
				topic = append(topic, strings.Repeat("x", maxLabel*2)...)
			}
			return string(topic)
		}
		for step := range 600 {
			topic := random()
			was := table.Find([]byte(topic))
			if was != model[topic] {
				t.Fatalf("seed %d: %q has the value %v, want %v", seed, topic, was, model[topic])
			}
			switch {
			case was == nil:
				model[topic] = &topic
				table.Add([]byte(topic), &topic)
			case r.IntN(2) == 0:
				delete(model, topic)
				table.Remove([]byte(topic))
			}
			if table.Len() != len(model) {
				t.Fatalf("seed %d: %d topics, want %d", seed, table.Len(), len(model))
			}
			if step%10 > 0 {
				continue
			}
			from := random()
			want := slices.DeleteFunc(slices.Sorted(maps.Keys(model)), func(topic string) bool { return topic < from })
			most := r.IntN(len(want) + 2)
			var got []string
			table.From([]byte(from), func(v *string) bool {
				got = append(got, *v)
				return len(got) < most
			})
			if want = want[:min(len(want), max(most, 1))]; !slices.Equal(got, want) {
				t.Fatalf("seed %d: from %q come\n%q, want\n%q", seed, from, got, want)
			}
		}
		for topic := range model {
			table.Remove([]byte(topic))
		}
		if table.From(nil, func(*string) bool { t.Fatal("there is still one"); return false }); charged != 0 {
			t.Errorf("seed %d: %d bytes are still counted", seed, charged)
		}
	}
}

// The account of a table is its heap.
func TestTableAccount(t *testing.T) {
	const many = 50_000
	value := "the same for all"
	before := liveHeap()
	var charged tally
	table := NewTable[string](&charged)
	for i := range many {
		table.Add(fmt.Appendf(nil, "a topic that is not short, number %d", i*7919%many), &value)
	}
	grown := liveHeap() - before
	if counted := int64(charged); grown > counted+counted/4+128<<10 || grown < counted-counted/4 {
		t.Errorf("%d bytes on the heap, %d are counted", grown, counted)
	}
	for i := range many {
		if i%100 > 0 {
			table.Remove(fmt.Appendf(nil, "a topic that is not short, number %d", i))
		}
	}
	grown = liveHeap() - before
	if counted := int64(charged); grown > counted+counted/4+128<<10 {
		t.Errorf("of which few are left: %d bytes on the heap, %d are counted", grown, counted)
	}
	runtime.KeepAlive(table)
}

// Covers counts the prefixes that a holder has of a topic.
func TestCovers(t *testing.T) {
	m := newModel(t)
	r := rand.New(rand.NewPCG(5, 6))
	random := func() string {
		topic := make([]byte, r.IntN(6))
		for i := range topic {
			topic[i] = "ab"[r.IntN(2)]
		}
		return string(topic)
	}
	for range 3000 {
		p, topic := m.peers[r.IntN(len(m.peers))], random()
		if r.IntN(2) == 0 {
			m.subscribe(random(), p)
		} else {
			m.cancel(random(), p)
		}
		if got, want := m.tree.Covers([]byte(topic), p), m.naive.match(topic)[p]; got != want {
			t.Fatalf("%q is covered by %d, want %d", topic, got, want)
		}
	}
}
