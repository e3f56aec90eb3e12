package sockets

import "github.com/zcat/zcat/pkg/sockets/internal/queue"

// keptBuffer is the largest buffer, in bytes, in which a socket makes the next message,
// too: one peer with a huge message is not to cost its memory for ever.
const keptBuffer = 1 << 20

// huge has messages wait in the buffer that they were made in, where that is not reusable;
// others are copied.
func huge(wire []byte) queue.Keeper {
	if cap(wire) <= keptBuffer {
		return nil
	}
	return queue.Given(wire)
}

// reusable is a buffer for the next message, once one has been handed over.
func reusable(buffer []byte) []byte {
	if cap(buffer) > keptBuffer {
		return nil
	}
	return buffer
}
