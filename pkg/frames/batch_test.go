package frames_test

import (
	"fmt"
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

func next(b *frames.Batch) string {
	wire := b.Next()
	if wire == nil {
		return "none"
	}
	return fmt.Sprintf("%q", frames.ParseMessage(nil, wire))
}

func TestBatchIsAQueue(t *testing.T) {
	b := batchOf(frames.Strings("a", ""), frames.Strings("b"))
	b.AppendFrame([]byte("c"), true)
	b.AppendFrame(nil, false)
	b.AppendPart(frames.AppendFrame(nil, []byte("p"), true))
	b.AppendFrame([]byte("q"), false)
	b.AppendWire(frames.AppendMessage(frames.AppendMessage(nil, frames.Strings("d")), frames.Strings("e")), 2)
	if b.Len() != 6 || b.Size() != len(b.Wire()) {
		t.Fatalf("%d messages, %d bytes", b.Len(), b.Size())
	}
	for i, want := range []string{`["a" ""]`, `["b"]`, `["c" ""]`, `["p" "q"]`, `["d"]`, `["e"]`, "none", "none"} {
		if got := next(b); got != want || b.Len() != max(0, 5-i) {
			t.Errorf("%d: got %s and %d left, want %s", i, got, b.Len(), want)
		}
	}
	if b.Size() != 0 {
		t.Errorf("an empty batch of %d bytes", b.Size())
	}
}

func TestBatchDiscardSwapUseReset(t *testing.T) {
	a := batchOf(frames.Strings("1"), frames.Strings("2"), frames.Strings("3"))
	a.Discard(3+3, 2)
	var b frames.Batch
	a.Swap(&b)
	if a.Len() != 0 || next(&b) != `["3"]` {
		t.Errorf("after Swap: %d and %d messages", a.Len(), b.Len())
	}
	a.Append(frames.Strings("old"))
	old := a.Use(frames.AppendMessage(nil, frames.Strings("new")), 1)
	if len(old) != 0 || cap(old) == 0 || a.Len() != 1 || next(a) != `["new"]` {
		t.Errorf("after Use: %d messages, a buffer of %d", a.Len(), cap(old))
	}
	b.Append(frames.Strings("x"))
	b.AppendSource("s", 1)
	if b.Reset(); b.Len() != 0 || b.Size() != 0 || b.Source() != "" || b.Next() != nil {
		t.Error("Reset left something")
	}
}

func TestBatchSources(t *testing.T) {
	var b frames.Batch
	add := func(source string, bodies ...string) {
		for _, body := range bodies {
			b.Append(frames.Strings(body))
		}
		b.AppendSource(source, len(bodies))
	}
	add("one", "a", "b")
	add("one", "c")
	add("two", "d")
	add("three", "e", "f", "g")
	for _, want := range []string{"one", "one", "one", "two"} {
		if got := b.Source(); got != want {
			t.Errorf("%d left: got %q, want %q", b.Len(), got, want)
		}
		b.Next()
	}
	b.Discard(2*3, 2)
	add("four", "h")
	for _, want := range []string{"three", "four", ""} {
		if got := b.Source(); got != want {
			t.Errorf("%d left: got %q, want %q", b.Len(), got, want)
		}
		b.Next()
	}
}

// A queue that never runs empty stays as small as what it holds.
func TestBatchDoesNotGrowWithoutEnd(t *testing.T) {
	var b frames.Batch
	m := frames.Strings("0123456789", "abcdef")
	for range 100 {
		b.Append(m)
	}
	one := len(frames.AppendMessage(nil, m))
	for i := range 5_000 {
		b.Append(m)
		if got := next(&b); got != `["0123456789" "abcdef"]` || b.Len() != 100 || b.Size() != 100*one {
			t.Fatalf("round %d: got %s, %d messages of %d bytes", i, got, b.Len(), b.Size())
		}
	}
	if held := cap(b.Use(nil, 0)); held > 8*100*one {
		t.Errorf("the buffer has %d bytes for %d", held, 100*one)
	}
}

func TestAppendBatchKeepsSources(t *testing.T) {
	var from, to frames.Batch
	for _, name := range []string{"a", "b"} {
		from.Append(frames.Strings("from", name))
		from.AppendSource(name, 1)
	}
	to.Append(frames.Strings("first"))
	to.AppendSource("z", 1)
	to.AppendBatch(&from)
	for _, want := range []string{"z", "a", "b"} {
		if got := to.Source(); got != want {
			t.Errorf("source %q, want %q", got, want)
		}
		to.Next()
	}
	if from.Len() != 2 || to.Len() != 0 {
		t.Errorf("%d and %d messages", from.Len(), to.Len())
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
