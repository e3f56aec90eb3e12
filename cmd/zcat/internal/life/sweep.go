package life

import (
	"runtime/debug"
)

// hugeBytes is the size from which on the buffers of a batch are not kept.
const hugeBytes = 16 << 20

// Sweep frees the buffers that a batch of so many bytes leaves behind. On its way through
// a filter a huge message is in four of them, one after the other, and the collector
// lets the heap double: with messages of 60 MB that was ten times their size. Two
// collections take 10 ms together, of the 300 that such a message takes. What they free goes
// back to the system: buffers that grow find no room in what was free, and come on top of it,
// which was one more size of the message.
func Sweep(size int) {
	if size > hugeBytes {
		debug.FreeOSMemory()
	}
}
