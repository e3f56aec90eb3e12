package framing

import (
	"runtime"
	"testing"
	"weak"
)

// TestNoHugeBufferStays takes a huge message and drops it: an empty batch holds on to it
// neither by its buffer nor by its lists of frames.
func TestNoHugeBufferStays(t *testing.T) {
	var b Batch
	b.Append([][]byte{make([]byte, keptBuffer+1)})
	b.Sources(func(*Source, [][]byte) bool { return true })
	held := weak.Make(&b.Next()[0][0])
	runtime.GC()
	if held.Value() != nil {
		t.Error("an empty batch holds a huge buffer")
	}
	if b.Len() != 0 {
		t.Errorf("%d messages are left", b.Len())
	}
}
