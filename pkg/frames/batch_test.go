package frames_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/zcat/zcat/pkg/frames"
)

func batchOf(messages ...frames.Message) *frames.Batch {
	var b frames.Batch
	for _, m := range messages {
		b.Append(m)
	}
	return &b
}

// texts returns the messages of b, which keeps them.
func texts(b *frames.Batch) (list []string) {
	for m := range b.Messages() {
		list = append(list, fmt.Sprintf("%q", m))
	}
	return list
}

func TestBatchIsAQueue(t *testing.T) {
	b := batchOf(frames.Strings("a", ""), frames.Strings("b"), nil, frames.Message{}, frames.Strings("c"))
	b.AppendBatch(batchOf(frames.Strings("d")))
	b.AppendBatch(nil)
	if got := texts(b); b.Len() != 4 || !slices.Equal(got, []string{`["a" ""]`, `["b"]`, `["c"]`, `["d"]`}) {
		t.Fatalf("%d messages: %v", b.Len(), got)
	}
	if b.Payload() != 4 || b.Size() != 4+5*2 {
		t.Errorf("%d bytes of frames in %d", b.Payload(), b.Size())
	}
	for i, want := range []string{`["a" ""]`, `["b"]`, `["c"]`, `["d"]`, "[]", "[]"} {
		if got := fmt.Sprintf("%q", b.Next()); got != want || b.Len() != max(0, 3-i) {
			t.Errorf("%d: got %s and %d left, want %s", i, got, b.Len(), want)
		}
	}
	if b.Size() != 0 || b.Next() != nil {
		t.Errorf("an empty batch of %d bytes", b.Size())
	}
}

// A loop over a batch may stop early, and may contain another loop over it.
func TestMessagesWithinMessages(t *testing.T) {
	b := batchOf(frames.Strings("1"), frames.Strings("2"), frames.Strings("3"))
	var got []string
	for m := range b.Messages() {
		for n := range b.Messages() {
			got = append(got, string(m[0])+string(n[0]))
			if string(n[0]) == string(m[0]) {
				break
			}
		}
	}
	if want := []string{"11", "21", "22", "31", "32", "33"}; !slices.Equal(got, want) || b.Len() != 3 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBatchSources(t *testing.T) {
	one, two := frames.Source{Peer: "tcp://127.0.0.1:1", Endpoint: "tcp://*:5555", User: "joe"}, frames.Source{Peer: "two"}
	var b frames.Batch
	b.AppendFrom(one, frames.Strings("a"))
	b.AppendFrom(one, frames.Strings("b"))
	b.Append(frames.Strings("c"))
	b.AppendFrom(two, frames.Strings("d"))
	b.AppendFrom(two, nil)
	var to frames.Batch
	to.AppendBatch(&b)
	to.Append(frames.Strings("e"))
	want := []frames.Source{one, one, {}, two, {}}
	i := 0
	for source, m := range to.Sources() {
		if source != want[i] || string(m[0]) != string(rune('a'+i)) {
			t.Errorf("%d: %q from %v, want %v", i, m, source, want[i])
		}
		i++
	}
	for i := range want {
		if got := to.Source(); got != want[i] {
			t.Errorf("%d: source %v, want %v", i, got, want[i])
		}
		to.Next()
	}
	if got := to.Source(); got != (frames.Source{}) || b.Len() != 4 {
		t.Errorf("an empty batch came from %v; %d messages are left", got, b.Len())
	}
}

func TestBatchSwapTruncateReset(t *testing.T) {
	a := batchOf(frames.Strings("1"), frames.Strings("2"), frames.Strings("3"))
	a.Truncate(2)
	var b frames.Batch
	a.Swap(&b)
	a.Swap(nil)
	if got := texts(&b); a.Len() != 0 || !slices.Equal(got, []string{`["1"]`, `["2"]`}) {
		t.Errorf("after Swap: %d messages and %v", a.Len(), got)
	}
	if b.Reset(); b.Len() != 0 || b.Size() != 0 || b.Next() != nil || texts(&b) != nil {
		t.Error("Reset left something")
	}
}

// Going through messages, and taking them, allocates nothing for each.
func TestBatchAllocatesNothing(t *testing.T) {
	var b frames.Batch
	m := frames.Strings("id", "", "body")
	if n := testing.AllocsPerRun(100, func() {
		for range 10 {
			b.Append(m)
		}
		size := 0
		for m := range b.Messages() {
			size += m.Size()
		}
		for m := b.Next(); m != nil; m = b.Next() {
			size -= m.Size()
		}
		if size != 0 {
			t.Error(size)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// The payload is the frames alone, whatever their headers take, of what is left.
func TestBatchPayload(t *testing.T) {
	b := batchOf(frames.Strings("abc"), frames.Strings("", "de", ""), frames.Message{make([]byte, 300)})
	for _, want := range []int{305, 302, 300} {
		if got := b.Payload(); got != want {
			t.Errorf("%d bytes, want %d", got, want)
		}
		b.Next()
	}
	if got := b.Payload(); got != 0 {
		t.Errorf("%d bytes of nothing", got)
	}
}
