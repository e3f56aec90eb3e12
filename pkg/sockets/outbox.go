package sockets

import (
	"sync"
	"time"

	"github.com/zcat/zcat/pkg/frames"
	"github.com/zcat/zcat/pkg/sockets/internal/zmtp"
)

// outbox is the queue of messages for one peer. What the kernel takes at once
// is written by the sender itself; only what it refuses waits here for a
// goroutine that lives as long as the queue is not empty.
type outbox struct {
	hwm, hwmBytes int
	conflate      bool
	paced         bool      // its sender waits where there is no room, and drops nothing
	reoffered     bool      // what is not taken is offered again, here or elsewhere
	wake          func()    // there is room again, or nothing left, for whoever asked
	account       *outgoing // what all of them hold

	mu      sync.Mutex
	conn    *zmtp.Conn // nil while there is no connection
	control []byte     // commands, which go out before the messages
	queue   []chunk
	count   int   // messages in queue
	size    int   // their bytes in wire form
	moves   gauge // how fast the peer takes what waits
	writing bool
	writer  sync.WaitGroup // the goroutine that writes, while there is one
	notify  notice
	closed  bool

	pace      pace
	paceTimer *time.Timer
}

// chunk is a run of whole messages in wire form.
type chunk struct {
	slab  *zmtp.Slab // where wire lies
	wire  []byte     // what may be appended to has capacity left
	count int
	off   int  // bytes already written
	busy  bool // a write of it is under way
}

// newChunk copies count whole messages into a chunk with room for more.
func (o *outbox) newChunk(wire []byte, count, room int) chunk {
	slab := zmtp.NewSlab(max(room, len(wire)))
	o.account.charge(slab)
	return chunk{slab: slab, wire: append(slab.Wire, wire...), count: count}
}

// notice says what the waiter of an outbox waits for.
type notice uint8

const (
	noNotice notice = iota
	whenRoom
	whenEmpty
)

// chunkSize is the room of a new chunk: what one write(2) takes on tcp.
const chunkSize = 64 << 10

// maxPongs bounds the commands that wait for a peer which sends PINGs and does
// not read, in bytes.
const maxPongs = 64 << 10

// flush writes what the kernel takes of what put queued.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write()
}

// command queues a command, in wire form, to go out before the messages. pong
// marks one that a peer's flood may not pile up.
func (o *outbox) command(wire []byte, pong bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || pong && len(o.control) > maxPongs {
		return
	}
	if o.hwmBytes > 0 && len(o.control) > 0 && len(o.control)+len(wire) > o.hwmBytes {
		// A publisher that does not read what it is asked for hears it all when it
		// comes back: the sum of it, not each step.
		o.lost()
		return
	}
	o.control = append(o.control, wire...)
	o.write()
}

// begin sets the commands that a new connection starts with, in the place of
// those that came too late for the one before.
func (o *outbox) begin(commands []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.control = commands
}

// idle reports whether the next message can go straight to the kernel.
func (o *outbox) idle() bool {
	return o.conn != nil && !o.writing && len(o.queue) == 0 && len(o.control) == 0
}

// fits reports whether count more messages of size bytes stay below the
// high-water marks and within the budget. One message always fits an empty queue.
func (o *outbox) fits(size, count int) bool {
	if o.conflate || o.count == 0 && count == 1 {
		return true
	}
	return (o.hwm == 0 || o.count+count <= o.hwm) && (o.hwmBytes == 0 || o.size+size <= o.hwmBytes) &&
		o.account.allows(o.size+size)
}

// append queues count messages.
func (o *outbox) append(wire []byte, count int) {
	if count == 0 {
		return
	}
	if o.conflate {
		o.keepNewest(wire, count)
		return
	}
	o.count += count
	o.size += len(wire)
	if last := len(o.queue) - 1; last >= 0 && !o.queue[last].busy && len(o.queue[last].wire)+len(wire) <= cap(o.queue[last].wire) {
		o.queue[last].wire = append(o.queue[last].wire, wire...)
		o.queue[last].count += count
		return
	}
	room := len(wire)
	if len(o.queue) > 0 {
		room = max(room, chunkSize) // more is likely to follow
	}
	o.queue = append(o.queue, o.newChunk(wire, count, room))
}

// keepNewest drops all but the last of count messages and what was queued,
// except a message of which a part is on its way.
func (o *outbox) keepNewest(wire []byte, count int) {
	for ; count > 1; count-- {
		_, wire = frames.CutMessage(wire)
	}
	kept := o.queue[:0]
	o.count, o.size = 0, 0
	for _, c := range o.queue {
		if c.busy || c.off > 0 {
			kept = append(kept, c)
			o.count += c.count
			o.size += len(c.wire)
		} else {
			c.slab.Recycle()
		}
	}
	clear(o.queue[len(kept):])
	o.queue = append(kept, o.newChunk(wire, 1, 0))
	o.count++
	o.size += len(wire)
}

// tell wakes who waits for this outbox, once it is half empty or all empty.
func (o *outbox) tell() {
	switch {
	case o.notify == whenRoom && o.pace.waits && o.size > paceSize/2:
		return
	case o.notify == whenRoom && o.count <= o.hwm/2 && (o.hwmBytes == 0 || o.size <= o.hwmBytes/2):
	case o.notify == whenRoom && o.hwm == 0 && o.size <= o.hwmBytes/2:
	case o.notify == whenEmpty && len(o.queue) == 0 && len(o.control) == 0 && !o.writing:
	default:
		return
	}
	o.notify = noNotice
	o.pace.waits = false
	o.wake()
}

// roomFor reports whether there is room for a message of size bytes, and asks
// to be woken when there is if there is not.
func (o *outbox) roomFor(size int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.fits(size, 1) && !o.ahead() {
		return true
	}
	o.notify = whenRoom
	o.waitPaced()
	return false
}

// waiting is the number of messages that the kernel has not taken whole.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.count
}

// drained reports whether all is written, and asks to be woken when it is if not.
func (o *outbox) drained() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || len(o.queue) == 0 && !o.writing && len(o.control) == 0 {
		return true
	}
	if len(o.queue) == 0 && o.conn == nil {
		return true // commands to nobody
	}
	o.notify = whenEmpty
	return false
}
