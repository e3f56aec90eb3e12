package life

import (
	"runtime"
	"testing"
)

// What a huge message leaves behind goes back to the system.
func TestSweep(t *testing.T) {
	buffer := make([]byte, 4*hugeBytes)
	runtime.KeepAlive(buffer)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Sweep(len(buffer))
	runtime.ReadMemStats(&after)
	used := func(m *runtime.MemStats) uint64 { return m.HeapSys - m.HeapReleased }
	if used(&after)+4*hugeBytes > used(&before)+hugeBytes {
		t.Errorf("%d bytes of the heap are the system's, before it were %d", used(&after), used(&before))
	}
}
